#include "shared/observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <unordered_map>

namespace renxin::observe {
namespace {

// A metric by its name and labels: to resolve them in the library costs more than to count.
template <class Metric>
using Resolved = std::unordered_map<std::string, Metric*>;

struct Families {
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*, std::less<>> histograms;
  Resolved<prometheus::Counter> known_counters;
  Resolved<prometheus::Gauge> known_gauges;
  Resolved<prometheus::Histogram> known_histograms;
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

std::string KeyOf(std::string_view name, const Labels& labels) {
  std::string key(name);
  for (const auto& [label, value] : labels) {
    key += '\0';
    key += label;
    key += '\0';
    key += value;
  }
  return key;
}

// Under the mutex; `add` resolves what is not known yet.
template <class Metric, class Add>
Metric& Resolve(Resolved<Metric>& known, std::string_view name, const Labels& labels, const Add& add) {
  Metric*& metric = known[KeyOf(name, labels)];
  if (metric == nullptr) metric = &add();
  return *metric;
}

}  // namespace

void Count(std::string_view name, const Labels& labels, double by) {
  const std::scoped_lock lock(All().mutex);
  Resolve(
      All().known_counters, name,
      labels, [&]() -> auto& { return Find(All().counters, name, [] { return prometheus::BuildCounter(); }).Add(labels); })
      .Increment(by);
}

void SetGauge(std::string_view name, double value, const Labels& labels) {
  const std::scoped_lock lock(All().mutex);
  Resolve(
      All().known_gauges, name,
      labels, [&]() -> auto& { return Find(All().gauges, name, [] { return prometheus::BuildGauge(); }).Add(labels); })
      .Set(value);
}

void ObserveSeconds(std::string_view name, double seconds, const Labels& labels) {
  static const prometheus::Histogram::BucketBoundaries kBounds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  const std::scoped_lock lock(All().mutex);
  Resolve(
      All().known_histograms, name,
      labels, [&]() -> auto& { return Find(All().histograms, name, [] { return prometheus::BuildHistogram(); }).Add(labels, kBounds); })
      .Observe(seconds);
}

std::string MetricsText() { return prometheus::TextSerializer().Serialize(All().registry.Collect()); }

}  // namespace renxin::observe
