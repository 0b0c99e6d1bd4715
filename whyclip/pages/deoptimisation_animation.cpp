#include "whyclip/pages/deoptimisation_animation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/image/animate.h"
#include "whyclip/render/shrink.h"

namespace whyclip {
namespace {

constexpr int kAnimationMilliseconds = 4000, kLastFrameMilliseconds = 1500,
              kShortestMilliseconds = 40;
/// The longest side of a frame in pixels.
constexpr int kFrameSide = 480;

}  // namespace

PatchGrid cells_of(const Deoptimisation& deoptimisation) {
  return {deoptimisation.rows, deoptimisation.columns, deoptimisation.image.grid.area};
}

std::vector<std::byte> deoptimisation_animation(const Deoptimisation& d, const Image& image,
                                                const OverlayOptions& options) {
  if (!d.detail || d.detail->frames.empty()) {
    throw Error("animation", "the result has no frames; deoptimise with details and snapshots");
  }
  const std::vector<DeoptimisationFrame>& snapshots = d.detail->frames;
  OverlayOptions scaled = options;
  for (const float value : snapshots.back().map) {
    if (options.limit == 0) scaled.limit = std::max(scaled.limit, double(std::abs(value)));
  }
  if (scaled.limit == 0) scaled.limit = 1;  // nothing changed
  const int milliseconds =
      std::max(kShortestMilliseconds, kAnimationMilliseconds / int(snapshots.size()));
  std::vector<Frame> frames;
  for (const DeoptimisationFrame& snapshot : snapshots) {
    scaled.title = fmt::format("step {}", snapshot.step);
    const Image shown =
        snapshot.map.empty() ? snapshot.image : overlay(image, cells_of(d), snapshot.map, scaled);
    frames.push_back({shrink(shown, kFrameSide), milliseconds});
  }
  frames.back().milliseconds = kLastFrameMilliseconds;
  return encode_animation(frames);
}

}  // namespace whyclip
