#include "tests/support/close.h"

#include <algorithm>
#include <cmath>

namespace whyclip::testing {

::testing::AssertionResult all_close(std::span<const float> actual, std::span<const float> expected,
                                     double tolerance) {
  if (actual.size() != expected.size()) {
    return ::testing::AssertionFailure()
           << "expected " << expected.size() << " values, got " << actual.size();
  }
  std::size_t first = actual.size(), bad = 0;
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double difference = std::abs(double(actual[i]) - double(expected[i]));
    if (!(difference <= tolerance)) {  // NaN counts as different
      first = std::min(first, i);
      ++bad;
    }
    worst = std::max(worst, difference);
  }
  if (bad == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << bad << " of " << actual.size() << " values differ by more than " << tolerance
         << "; the first is [" << first << "]: expected " << expected[first] << ", got "
         << actual[first] << "; the largest difference is " << worst;
}

double largest(std::span<const float> values) {
  double most = 0;
  for (const float value : values) most = std::max(most, std::abs(double(value)));
  return most;
}

}  // namespace whyclip::testing
