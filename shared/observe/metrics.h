#pragma once
// Prometheus metrics of this process. Names are snake_case and start with renxin_.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace renxin::observe {

using Labels = std::map<std::string, std::string>;

void Count(std::string_view name, const Labels& labels = {}, double by = 1);
void SetGauge(std::string_view name, double value, const Labels& labels = {});
// Seconds, in buckets from 1 ms to 10 s.
void ObserveSeconds(std::string_view name, double seconds, const Labels& labels = {});
// The text exposition format.
std::string MetricsText();

}  // namespace renxin::observe
