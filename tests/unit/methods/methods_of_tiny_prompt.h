#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/close.h"
#include "tests/unit/attribution/tiny.h"
#include "tests/unit/methods/prompt_tower.h"
#include "whyclip/methods/method.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip::testing {

/// A weighted prompt of several words for the tiny checkpoint, and its float64 reference.
class MethodsOfTinyPrompt : public ::testing::Test {
 protected:
  /// float32 against float64 through two blocks: relative to the largest value.
  static constexpr double kTolerance = 5e-5;
  static constexpr double kWeight = 0.4;

  WordAttribution words(const std::string& method,
                        const std::map<std::string, std::string>& options = {}) {
    const Method& found = find_method(method);
    return found.run_words(prompt, MethodSettings(found.info, options), {});
  }
  static ::testing::AssertionResult same(const std::vector<double>& actual,
                                         const std::vector<double>& expected) {
    const std::vector<float> a(actual.begin(), actual.end()), e(expected.begin(), expected.end());
    if (!(largest(e) > 0)) return ::testing::AssertionFailure() << "the reference is zero";
    return all_close(a, e, kTolerance * largest(e));
  }
  /// Sums of token values over each word.
  std::vector<double> summed(const std::vector<double>& tokens) const {
    return by_words(prompt, tokens);
  }
  Target target() const {
    Target result = prompt_target(clip, zero_shot, 0);
    result.prompts[0].weight = kWeight;
    return result;
  }

  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  ZeroShot zero_shot = zero_shot_prompts(
      clip, std::vector<std::string>{"a photo of two building cats, big", "the dog"});
  Tensor image = random_tensor("image", 1, 20);
  PromptContext prompt{clip, zero_shot, target(), 0, image.row(0)};
  PromptTower tower{tiny_tensors(), prompt.ids(), prompt.direction()};
};

}  // namespace whyclip::testing
