#pragma once
// The rpcs of a policy (PolicyService of every service that has one), its seed and its check, for a Spec of policy.h. Included where a
// service is wired.

#include <string>
#include <vector>

#include "renxin/policies/v1/policies.pb.h"
#include "shared/db/platform_tables.h"
#include "shared/policies/policy.h"
#include "shared/runtime/service.h"

namespace renxin::policies {

template <class Spec>
typename Spec::Version ToProto(const Row& row) {
  typename Spec::Version out;
  out.set_version(row.version);
  out.set_effective_from(row.effective_from);
  out.set_approver(row.approver);
  out.set_created_at(FormatTime(row.created_at));
  if (!out.mutable_policy()->ParseFromString(row.body)) ReportUnreadable(Spec::kService, row);
  return out;
}

// Publishes what was added; its history and what follows from it are the caller's.
template <class Spec>
void Publish(Tx& tx, const Row& row, Instant now) {
  typename Spec::Changed event;
  event.set_version(row.version);
  event.set_effective_from(row.effective_from);
  event.mutable_policy()->ParseFromString(row.body);
  db::Publish(tx, {std::string(Spec::kService), row.version, now, now}, event);
}

// The default, at the first start.
template <class Spec>
void Seed(Tx& tx, const TimerContext& ctx) {
  const Day first = MakeDay(1900, 1, 1);
  if (RowOn(tx, Spec::kService, first)) return;
  Publish<Spec>(tx, Add(tx, Spec::kService, first, "default", Spec::Default().SerializeAsString(), ctx.now), ctx.now);
}

template <class Spec>
Result<typename Spec::Version> GetPolicy(Tx& tx, const CallContext& ctx, const v1::GetPolicyRequest& req) {
  const Day day = req.on().empty() ? ctx.env.zone.DayOf(ctx.now) : *ParseDay(req.on());
  const auto row = RowOn(tx, Spec::kService, day);
  if (!row) return NotFound("policy");
  return ToProto<Spec>(*row);
}

template <class Spec>
Result<typename Spec::Versions> ListPolicyVersions(Tx& tx, const CallContext& /*ctx*/, const v1::ListPolicyVersionsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kVersionList, req));
  const contract::Paged<Row> page = List(tx, Spec::kService, asked);
  typename Spec::Versions out;
  for (const Row& row : page.rows) *out.add_versions() = ToProto<Spec>(row);
  out.set_next_page_token(page.next_page_token);
  return out;
}

// Safe against itself run concurrently: of two that would make the same version one runs again and makes the next.
template <class Spec>
Result<typename Spec::Version> ChangePolicy(Tx& tx, const CallContext& ctx, const typename Spec::Change& req) {
  ASSIGN_OR_RETURN(const Day from, ParseDay(req.effective_from()));
  RETURN_IF_ERROR(CheckBegin(Spec::kBegins, from, ctx.env.zone.DayOf(ctx.now)));
  RETURN_IF_ERROR(Spec::Check(tx, req.policy()));
  const Row row = Add(tx, Spec::kService, from, ctx.caller.username, req.policy().SerializeAsString(), ctx.now);
  const std::string service(Spec::kService);
  db::AppendSealedHistory(tx, ctx.env.sealer,
                          {service + "_policy", service, ctx.now, ctx.caller.username, "",
                           "version " + std::to_string(row.version) + ", in force from " + row.effective_from, req.reason()});
  Publish<Spec>(tx, row, ctx.now);
  Spec::Follow(tx, ctx.env, row.version, from);
  return ToProto<Spec>(row);
}

// Stored versions by the rules of today (doctor.h).
template <class Spec>
runtime::NamedCheck Check() {
  return {"policies", [](Tx& tx, const runtime::DoctorContext& /*ctx*/, const std::string& after, int limit) {
            std::vector<runtime::CheckedRow> rows;
            for (const Row& row : After(tx, Spec::kService, after, limit)) {
              auto& one = rows.emplace_back(runtime::CheckedRow{.record = "policies", .id = std::to_string(row.version)});
              typename Spec::Policy policy;
              if (policy.ParseFromString(row.body)) {
                one.Expect(Spec::Check(tx, policy), "G5");
              } else {
                one.Add("G5", "body: cannot be read");
              }
            }
            return rows;
          }};
}

// Everything a service has of it: the seed, three rpcs, the check.
template <class Spec>
void Install(runtime::Service& service) {
  service.AtStart(&Seed<Spec>);
  service.Query("PolicyService.GetPolicy", &GetPolicy<Spec>)
      .Query("PolicyService.ListPolicyVersions", &ListPolicyVersions<Spec>)
      .Command("PolicyService.ChangePolicy", &ChangePolicy<Spec>);
  service.Doctor({Check<Spec>()});
}

}  // namespace renxin::policies
