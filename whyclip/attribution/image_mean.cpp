#include "whyclip/attribution/image_mean.h"

#include <fmt/format.h>

#include <sstream>
#include <string>

#include "whyclip/core/error.h"
#include "whyclip/model/embedded_model.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {

void ImageMean::add(std::span<const float> embedding) {
  if (sum_.empty()) sum_.assign(embedding.size(), 0.0);
  if (sum_.size() != embedding.size()) {
    throw Error("image mean",
                fmt::format("expected {} values, got {}", sum_.size(), embedding.size()));
  }
  const auto inverse = double(inverse_norm(embedding));
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += inverse * double(embedding[i]);
  ++images_;
}

std::vector<double> ImageMean::value() const {
  if (images_ == 0) throw Error("image mean", "expected at least one image");
  std::vector<double> mean = sum_;
  for (double& v : mean) v /= double(images_);
  return mean;
}

std::optional<std::vector<double>> known_image_mean(const Clip& clip) {
  if (!clip.is_embedded()) return std::nullopt;
  std::istringstream text{std::string(embedded_text("image_mean.txt"))};
  std::vector<double> mean;
  for (double value; text >> value;) mean.push_back(value);
  if (mean.size() != std::size_t(clip.config().projection)) {
    throw Error("image_mean.txt",
                fmt::format("expected {} numbers, got {}", clip.config().projection, mean.size()));
  }
  return mean;
}

}  // namespace whyclip
