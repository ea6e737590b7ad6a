#pragma once
// Named places at which a test build can be made to die as by kill -9. They live in shared/ alone.
// RENXIN_CRASH_AT=name or name:n ends the process at the n-th pass; without it nothing happens.

#include <string_view>

namespace renxin {

// Every name there is; the chaos test hits each of them.
//   before_commit  the lane has run its jobs, nothing is committed
//   after_commit   committed, no answer given, no ack sent
//   before_publish the relay has read rows, nothing is published
//   before_mark    published and acknowledged by the stream, not marked in the outbox
//   before_ack     a reaction has committed, its message is not acknowledged
//   after_chunk    a piece of an upload is committed, its answer not given
//   claimed        work is claimed and committed, nothing is done outside yet
//   acted          work was done outside the database, nothing of it is recorded
//   after_batch    a batch of an import is committed with its checkpoint
#ifdef RENXIN_CRASH_POINTS
void CrashPoint(std::string_view name);
#else
inline void CrashPoint(std::string_view /*name*/) {}
#endif

// A fault planted by a test (RENXIN_PLANT_FAULT=name): proves that the audit can fail.
//   mark_before_ack  no_inbox  reply_before_commit
#ifdef RENXIN_CRASH_POINTS
bool PlantedFault(std::string_view name);
#else
inline bool PlantedFault(std::string_view /*name*/) { return false; }
#endif

}  // namespace renxin
