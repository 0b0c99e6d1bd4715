#include "whyclip/metrics/noisy_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"

namespace whyclip {

Preprocessed noisy_image(const Preprocessed& image, const PreprocessConfig& config, double radius,
                         std::uint64_t seed) {
  if (!(radius > 0 && radius <= 1)) {
    throw Error("radius", fmt::format("expected above 0, at most 1, got {}", radius));
  }
  Preprocessed noisy = image;
  std::mt19937_64 random(seed);
  const std::size_t plane = noisy.pixels.size() / 3;
  for (std::size_t i = 0; i < noisy.pixels.size(); ++i) {
    const double mean = config.mean[i / plane], deviation = config.standard_deviation[i / plane];
    const double level = double(noisy.pixels[i]) * deviation + mean;
    const double changed = std::clamp(level + radius * (2 * draw_uniform(random) - 1), 0.0, 1.0);
    noisy.pixels[i] = float((changed - mean) / deviation);
  }
  return noisy;
}

}  // namespace whyclip
