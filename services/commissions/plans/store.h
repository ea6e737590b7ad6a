#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/commissions/plans/rules.h"
#include "shared/contract/page.h"
#include "shared/db/stored.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::v1 {
class PlanDocument;
}

namespace renxin::commissions::plans {

// C2: who proposes and approves is a member of staff; the account is only shown.
struct Person {
  std::string staff_id;
  std::string username;
};

struct Version {
  std::string id;
  Plan plan;
  std::shared_ptr<const v1::PlanDocument> document;
  std::string effective_from;
  std::string author;
  std::string author_staff_id;  // empty: shipped
  std::vector<Person> approvers;
};
inline constexpr std::size_t kApprovalsNeeded = 2;

Plan FromDocument(const v1::PlanDocument& document, std::int64_t version);
v1::PlanDocument ToDocument(const Plan& plan, const std::string& title);

// The next version of its code. The caller holds the settings (periods::LoadSettingsForUpdate): no two get the same number.
Version Insert(Tx& tx, const v1::PlanDocument& document, const std::string& effective_from, const Person& author, Instant now);
void Approve(Tx& tx, const std::string& id, const Person& approver, Instant now);
bool IsApproved(const Version& version);
std::optional<Version> Get(Tx& tx, const std::string& id);
inline const contract::List kPlanList{"plans", {contract::KeyPart::kText, contract::KeyPart::kNumber}};
// `code` empty: all.
contract::Paged<Version> List(Tx& tx, const std::string& code, const contract::Page& page);
// Shipped at the first start, approved by the makers.
void SeedDefaults(Tx& tx, const TimerContext& ctx);

// All approved versions, to ask which holds on a day.
class PlanCatalogue {
 public:
  // Versions that cannot be read are left out and listed in `unreadable`.
  PlanCatalogue(Tx& tx, std::vector<db::UnreadableRow>* unreadable);
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
