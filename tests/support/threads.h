#pragma once

#include <cstdlib>

namespace whyclip::testing {

/// How many threads the tests compute with where they do not compare several numbers: 2, or what
/// WHYCLIP_TEST_THREADS says.
inline int threads() {
  const char* setting = std::getenv("WHYCLIP_TEST_THREADS");
  return setting == nullptr ? 2 : std::atoi(setting);
}

}  // namespace whyclip::testing
