#pragma once

#include <cstdlib>

namespace whyclip::testing {

/// Number of threads of tests that do not compare several numbers: WHYCLIP_TEST_THREADS, default 2.
inline int threads() {
  const char* setting = std::getenv("WHYCLIP_TEST_THREADS");
  return setting == nullptr ? 2 : std::atoi(setting);
}

}  // namespace whyclip::testing
