#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace whyclip {

/// Called now and then by long calls: what is being done, how many of how many units are done.
/// Returns whether to go on; false makes the call throw Cancelled. An empty function is never
/// called.
using Progress = std::function<bool(std::string_view stage, std::int64_t done, std::int64_t total)>;

/// Reports to `progress` if it is set. Throws Cancelled if it asks to stop.
void report_progress(const Progress& progress, std::string_view stage, std::int64_t done,
                     std::int64_t total);

}  // namespace whyclip
