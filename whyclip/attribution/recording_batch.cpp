#include "whyclip/attribution/recording_batch.h"

#include <algorithm>

namespace whyclip {
namespace {

/// A larger batch takes more memory and is not faster.
constexpr std::size_t kMaxAtOnce = 8;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

}  // namespace

std::size_t bytes_of(const Record& record) {
  std::size_t values = 0;
  for (std::size_t id = 0; id < record.value_count(); ++id) values += record.value(int(id)).size();
  for (const Step& step : record.steps()) {
    for (const Tensor& tensor : step.saved) values += tensor.size();
  }
  return values * sizeof(float);
}

int recorded_at_once(const RecordedImage& recorded) {
  return int(std::clamp(kMaxBytes / bytes_of(recorded.record()), std::size_t{1}, kMaxAtOnce));
}

}  // namespace whyclip
