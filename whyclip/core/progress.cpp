#include "whyclip/core/progress.h"

#include "whyclip/core/error.h"

namespace whyclip {

void report_progress(const Progress& progress, std::string_view stage, std::int64_t done,
                     std::int64_t total) {
  if (progress && !progress(stage, done, total)) throw Cancelled(stage);
}

}  // namespace whyclip
