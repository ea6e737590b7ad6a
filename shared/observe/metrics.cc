#include "shared/observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

namespace renxin::observe {
namespace {

struct Families {
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*, std::less<>> histograms;
};

// Never destroyed: threads of libraries may still count while the process ends.
Families& All() {
  static auto* families = new Families;
  return *families;
}

template <class Map, class Build>
auto& Find(Map& map, std::string_view name, const Build& build) {
  const auto found = map.find(name);
  if (found != map.end()) return *found->second;
  auto& family = build().Name(std::string(name)).Help("see docs/metrics.md").Register(All().registry);
  map.emplace(std::string(name), &family);
  return family;
}

}  // namespace

void Count(std::string_view name, const Labels& labels, double by) {
  const std::scoped_lock lock(All().mutex);
  Find(All().counters, name, [] { return prometheus::BuildCounter(); }).Add(labels).Increment(by);
}

void SetGauge(std::string_view name, double value, const Labels& labels) {
  const std::scoped_lock lock(All().mutex);
  Find(All().gauges, name, [] { return prometheus::BuildGauge(); }).Add(labels).Set(value);
}

void ObserveSeconds(std::string_view name, double seconds, const Labels& labels) {
  static const prometheus::Histogram::BucketBoundaries kBounds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  const std::scoped_lock lock(All().mutex);
  Find(All().histograms, name, [] { return prometheus::BuildHistogram(); }).Add(labels, kBounds).Observe(seconds);
}

std::string MetricsText() { return prometheus::TextSerializer().Serialize(All().registry.Collect()); }

}  // namespace renxin::observe
