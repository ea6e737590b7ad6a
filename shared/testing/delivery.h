#pragma once
// What every consumer must bear: the versions of a record delivered in any order, in one transaction or several, and again.

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/core/text.h"
#include "shared/db/session.h"
#include "shared/runtime/reaction.h"

namespace renxin::testing {

struct Deliveries {
  runtime::RunReaction run;
  // Version 1, 2 or 3 of the record `id`; each differs from the others in what the consumer keeps.
  std::function<std::unique_ptr<google::protobuf::Message>(const std::string& id, std::int64_t version)> make;
  // What is kept of it, without the id and without how often it was written.
  std::function<std::string(db::Tx&, const std::string& id)> state;
};

// Delivers three versions of a record, each twice, in every order and every division into transactions; each time what is kept
// must be what the highest version alone leaves. `consumer` is the name in the contract: tests/architecture looks for one call
// for each.
inline void ExpectHighestVersionStands(const std::string& consumer, db::Session& session, const Environment& env,
                                       const Deliveries& deliveries) {
  const auto deliver = [&](const std::string& id, const std::vector<std::int64_t>& versions) {
    std::vector<runtime::DeliveredMessage> delivered;
    delivered.reserve(versions.size());
    for (const std::int64_t version : versions) {
      delivered.push_back({.ctx = {.now = {version}, .event_id = NewId(), .aggregate_id = id, .aggregate_version = version, .env = env},
                           .event = deliveries.make(id, version),
                           .trace = {}});
    }
    db::Tx tx(session, false);
    for (const Status& status : deliveries.run(tx, delivered)) EXPECT_TRUE(status) << consumer;
    tx.Commit();
  };
  const auto state = [&](const std::string& id) {
    db::Tx tx(session, true);
    return deliveries.state(tx, id);
  };
  const std::string reference = NewId();
  deliver(reference, {3});
  const std::string expected = state(reference);
  EXPECT_NE(expected, "") << consumer << " keeps nothing";
  std::vector<std::int64_t> order{1, 2, 3};
  do {
    for (unsigned commits = 0; commits < 4; ++commits) {  // bit i: a commit after the i-th
      const std::string id = NewId();
      std::vector<std::int64_t> batch;
      for (std::size_t i = 0; i < order.size(); ++i) {
        batch.insert(batch.end(), 2, order[i]);
        if (i + 1 < order.size() && (commits >> i & 1U) == 0) continue;
        deliver(id, std::exchange(batch, {}));
      }
      EXPECT_EQ(state(id), expected) << consumer << ", in the order " << order[0] << order[1] << order[2] << ", commits " << commits;
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace renxin::testing
