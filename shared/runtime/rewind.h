#pragma once
// What a relay finds out about its outbox when a stream was reset: which events stood where, and which of them are to be sent again. Every
// statement takes some thousand rows by an index, however many there are.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "shared/db/lane.h"
#include "shared/db/session.h"

namespace renxin::runtime {

// The highest place of an event in each life (epoch) of the stream.
std::map<std::string, std::int64_t> HighestPlaces(db::Session& session);
// Whether the newest event of a life of the stream was recorded after `horizon`.
bool AnyRecordedAfter(db::Session& session, const std::string& epoch, Instant horizon);
// Marks unsent what was recorded after `horizon` and has a place above `above` up to `highest` in that life of the stream, from the top
// down, batch by batch; ends early when `stopping`. Safe against itself on another replica. Returns how many there were.
std::int64_t MarkUnsent(db::Lane& lane, const std::string& epoch, std::int64_t above, std::int64_t highest, Instant horizon,
                        const std::function<bool()>& stopping);

}  // namespace renxin::runtime
