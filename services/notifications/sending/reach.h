#pragma once
// What is looked at when the contacts are known, at the moment of sending (N3, N6): stops by phone and by person, caps by phone, and
// whether the same person had it already under another record.

#include <map>
#include <set>
#include <string>

#include "services/notifications/messages/store.h"
#include "services/notifications/recipients/store.h"
#include "services/notifications/sending/rules.h"
#include "shared/runtime/service_client.h"

namespace renxin::leads::v1 {
class Contact;
}

namespace renxin::notifications::sending {

class Reach {
 public:
  using Contacts = std::map<std::string, leads::v1::Contact>;

  // Reads for all of them at once. Throws DbError.
  Reach(runtime::ServiceClient& client, const Environment& env, const Policy& policy, const Contacts& contacts,
        const std::vector<const messages::Row*>& rows, Instant now);

  // Whether the message may go to the contact now.
  Judgement Check(const messages::Row& row, const leads::v1::Contact& to) const;
  // It went: what comes after it in the same turn sees that.
  void Record(const messages::Row& row);
  recipients::Keys KeysOf(const std::string& customer_id) const;

 private:
  const Environment& env_;
  const Policy& policy_;
  Instant now_;
  std::map<std::string, recipients::Keys> keys_;  // by customer
  recipients::Stops stops_;
  std::map<std::string, messages::PhoneCounts> by_phone_;
  std::set<std::string> had_;  // person, kind and occasion of what went, with the message's id
};

}  // namespace renxin::notifications::sending
