#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/close.h"
#include "tests/unit/attribution/tiny.h"
#include "tests/unit/methods/tower.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"

namespace whyclip::testing {

/// The tiny checkpoint on an image of 16 × 16, and its float64 reference.
class MethodsOfTiny : public ::testing::Test {
 protected:
  /// float32 against float64 through two blocks: relative to the largest value of a map.
  static constexpr double kTolerance = 2e-5;

  std::vector<float> patches(const std::string& method,
                             const std::map<std::string, std::string>& options = {}) {
    return attribution(method, options).patches;
  }
  Attribution attribution(const std::string& method,
                          const std::map<std::string, std::string>& options = {}) {
    const Method& found = find_method(method);
    return found.run(context, MethodSettings(found.info, options), {});
  }
  /// Equality within kTolerance relative to the largest value, which must not be zero.
  static ::testing::AssertionResult same_map(const std::vector<float>& actual,
                                             const std::vector<float>& expected) {
    if (!(largest(expected) > 0)) return ::testing::AssertionFailure() << "the reference is zero";
    return all_close(actual, expected, kTolerance * largest(expected));
  }

  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context{clip, tiny_image(), tiny_targets()[0]};
  Tower tower{tiny_tensors(), tiny_image().pixels, tiny_targets()[0].direction};
};

}  // namespace whyclip::testing
