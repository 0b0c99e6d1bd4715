#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace whyclip {

/// Progress callback of long calls: the current stage and the number of finished and total units.
/// Return false to make the call throw Cancelled. An empty function is never called.
using Progress = std::function<bool(std::string_view stage, std::int64_t done, std::int64_t total)>;

/// Reports to `progress` if it is set. Throws Cancelled if it returns false.
void report_progress(const Progress& progress, std::string_view stage, std::int64_t done,
                     std::int64_t total);

}  // namespace whyclip
