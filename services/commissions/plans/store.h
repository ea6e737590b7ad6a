#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "renxin/commissions/v1/commissions.pb.h"
#include "services/commissions/plans/rules.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::plans {

struct Version {
  std::string id;
  Plan plan;
  v1::PlanDocument document;
  std::string effective_from;
  std::string author;
  std::vector<std::string> approvers;
};
inline constexpr std::size_t kApprovalsNeeded = 2;

Plan FromDocument(const v1::PlanDocument& document, std::int64_t version);
v1::PlanDocument ToDocument(const Plan& plan, const std::string& title);

// The next version of its code.
Version Insert(Tx& tx, const v1::PlanDocument& document, const std::string& effective_from, const std::string& author, Instant now);
void Approve(Tx& tx, const std::string& id, const std::string& approver, Instant now);
std::optional<Version> Get(Tx& tx, const std::string& id);
std::vector<Version> List(Tx& tx, const std::string& code);
// Shipped at the first start, approved by the makers.
void EnsureShipped(Tx& tx, const TimerContext& ctx);

// All approved versions, to ask which holds on a day.
class Book {
 public:
  explicit Book(Tx& tx);
  // The newest approved version of `code` in force on `day`; null when there is none.
  const Plan* On(const std::string& code, Day day) const;

 private:
  struct InForce {
    Day from;
    Plan plan;
  };
  std::map<std::string, std::vector<InForce>> by_code_;
};

}  // namespace renxin::commissions::plans
