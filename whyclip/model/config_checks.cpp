#include "whyclip/model/config_checks.h"

#include <fmt/format.h>

#include <cmath>

#include "whyclip/core/error.h"

namespace whyclip::config {

void check_heads(const TowerConfig& tower, const std::string& where) {
  if (tower.heads < 1 || tower.width % tower.heads != 0) {
    throw Error(where,
                fmt::format("{} heads do not divide the width {}", tower.heads, tower.width));
  }
}

void check_grid(const VisionConfig& vision, const std::string& where) {
  if (vision.patch_size > vision.image_size || vision.image_size % vision.patch_size != 0) {
    throw Error(where, fmt::format("patches of {} do not divide the image size {}",
                                   vision.patch_size, vision.image_size));
  }
}

float check_epsilon(double epsilon, const std::string& where) {
  if (!(epsilon >= 0 && epsilon < 1)) {
    throw Error(where, fmt::format("expected an epsilon from 0 to 1, got {}", epsilon));
  }
  return static_cast<float>(epsilon);
}

std::array<double, 3> three(const JsonView& field) {
  if (field.value().is_number()) {
    const double value = field.number();
    return {value, value, value};
  }
  const std::vector<double> values = field.numbers();
  if (values.size() != 3) {
    throw Error(field.where(),
                fmt::format("expected 3 numbers or one, got a list of {}", values.size()));
  }
  return {values[0], values[1], values[2]};
}

std::array<double, 3> three_positive(const JsonView& field) {
  const std::array<double, 3> values = three(field);
  for (const double value : values) {
    if (!(value > 0))
      throw Error(field.where(), fmt::format("expected values above 0, got {}", value));
  }
  return values;
}

double positive(const JsonView& field) {
  const double value = field.number();
  if (!(value > 0 && std::isfinite(value))) {
    throw Error(field.where(), fmt::format("expected a number above 0, got {}", value));
  }
  return value;
}

}  // namespace whyclip::config
