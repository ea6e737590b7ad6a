#pragma once
// A loop of a service beside its timers and jobs, made when its threads start (shared/operations).

#include <functional>
#include <memory>

#include "shared/db/lane.h"
#include "shared/runtime/config.h"
#include "shared/runtime/context.h"

namespace renxin::runtime {

class ServiceClient;

class Loop {
 public:
  virtual ~Loop() = default;
  // Something that concerns these was committed: there may be work. Must not block.
  virtual void Notify(db::Concerns concerns) = 0;
  // Ends after what it is doing now.
  virtual void Stop() = 0;
};

struct LoopParts {
  const Config& config;
  const Environment& env;
  db::Lanes& lanes;
  ServiceClient& client;
};
using MakeLoop = std::function<std::unique_ptr<Loop>(const LoopParts&)>;

}  // namespace renxin::runtime
