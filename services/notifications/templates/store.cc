#include "services/notifications/templates/store.h"

#include "shared/core/text.h"
#include "shared/db/rows.h"

namespace renxin::notifications::templates {
namespace {

const db::Rows<Row> kTemplates("templates", {{"id", &Row::id},
                                             {"version", &Row::version},
                                             {"code", &Row::text, &Template::code},
                                             {"kind", &Row::text, &Template::kind},
                                             {"body", &Row::text, &Template::body},
                                             {"provider_template_id", &Row::text, &Template::provider_template_id},
                                             {"advertises", &Row::text, &Template::advertises},
                                             {"approval_no", &Row::text, &Template::approval_no},
                                             {"approval_expires_on", &Row::text, &Template::approval_expires_on},
                                             {"created_by", &Row::created_by},
                                             {"created_at", &Row::created_at}});

}  // namespace

void HoldCode(Tx& tx, const std::string& code) { db::HoldKeys(tx, "template", {code}); }

Row Insert(Tx& tx, const Template& text, const std::string& by, Instant now) {
  const std::string id = NewId();
  const auto highest =
      tx.First<std::int64_t>("select version from templates where code = :code order by version desc limit 1", {{"code", text.code}});
  const std::int64_t version = highest ? std::get<0>(*highest) + 1 : 1;
  tx.Exec(
      "insert into templates (id, code, version, kind, body, provider_template_id, advertises, approval_no, approval_expires_on, "
      "created_by, created_at) values (:id, :code, :version, :kind, :body, :provider, :advertises, :approval, :expires, :by, :now)",
      {{"id", id},
       {"code", text.code},
       {"version", version},
       {"kind", text.kind},
       {"body", text.body},
       {"provider", db::TextOrNull(text.provider_template_id)},
       {"advertises", text.advertises ? 1 : 0},
       {"approval", db::TextOrNull(text.approval_no)},
       {"expires", db::TextOrNull(text.approval_expires_on)},
       {"by", by},
       {"now", now.micros}});
  db::AppendHistory(tx, {"template", id, now, by, "", "created", text.code + " version " + std::to_string(version)});
  return {id, version, text, by, now};
}

std::optional<Row> Get(Tx& tx, const std::string& id) { return kTemplates.First(tx, "where id = :id", {{"id", id}}); }

contract::Paged<Row> List(Tx& tx, const std::string& code, const contract::Page& page) {
  auto rows = kTemplates.Select(
      tx,
      "where (:any = 1 or code = :code) and (code > :after or (code = :same and version < :version)) "
      "order by code, version desc limit " +
          std::to_string(page.fetch()),
      {{"any", code.empty() ? 1 : 0}, {"code", code}, {"after", page.Text(0)}, {"same", page.Text(0)}, {"version", page.Number(1)}});
  return contract::Cut(kTemplateList, page, std::move(rows), [](const Row& row) {
    return std::vector<std::string>{row.text.code, std::to_string(row.version)};
  });
}

std::map<std::string, Row> Current(Tx& tx, const std::vector<std::string>& codes) {
  std::map<std::string, Row> current;
  for (const std::string& code : codes) {
    auto rows = kTemplates.Select(tx, "where code = :code order by version desc limit 1", {{"code", code}});
    if (!rows.empty()) current.emplace(code, std::move(rows.front()));
  }
  return current;
}

std::vector<std::string> CodesOfKind(Tx& tx, const std::string& kind) {
  std::vector<std::string> codes;
  for (auto& [code] :
       tx.Select<std::string>("select distinct code from templates where kind = :kind order by code limit 1000", {{"kind", kind}}))
    codes.push_back(code);
  return codes;
}

void SeedDefaults(Tx& tx, const TimerContext& ctx) {
  if (tx.First<std::string>("select id from templates limit 1")) return;
  Template shipped;
  shipped.code = "birthday";
  shipped.kind = "birthday";
  shipped.body = "亲爱的{name}，今天是您的生日，我们祝您生日快乐，健康平安！拒收请回复R";
  Insert(tx, shipped, "shipped", ctx.now);
}

}  // namespace renxin::notifications::templates
