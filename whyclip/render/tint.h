#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "whyclip/render/overlay.h"

namespace whyclip {

/// The effect of a value on a pixel, tabulated over [-1, 1] in 16-bit fixed point:
/// out = in · (1 − opacity) + colour · opacity, or out = in · factor.
class Tint {
 public:
  /// `strength` as in OverlayOptions.
  Tint(OverlayStyle style, double strength);

  /// Changes a pixel's three bytes by a value in units of full scale, clamped to [-1, 1].
  void apply(std::uint8_t* pixel, float value) const {
    const float position = (std::clamp(value, -1.0F, 1.0F) + 1) * kHalf;
    const Step& step = steps_[static_cast<std::size_t>(position + 0.5F)];
    for (std::size_t c = 0; c < 3; ++c) {
      pixel[c] = static_cast<std::uint8_t>((pixel[c] * step.keep + step.add[c]) >> 16);
    }
  }

 private:
  static constexpr int kHalf = 1024;  // steps on each side of zero
  struct Step {
    std::uint32_t keep = 0;
    std::array<std::uint32_t, 3> add{};
  };
  std::array<Step, 2 * kHalf + 1> steps_;
};

}  // namespace whyclip
