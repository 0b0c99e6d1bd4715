#pragma once

#include <array>
#include <string>

#include "whyclip/io/json.h"
#include "whyclip/model/config.h"

// Checks common to both config formats.

namespace whyclip::config {

inline constexpr std::int64_t kMostSize =
    1 << 20;  ///< maximum of any width, count or image side; keeps products in range
inline constexpr std::int64_t kMostLayers = 1000;

/// Throws Error unless the heads divide the width.
void check_heads(const TowerConfig& tower, const std::string& where);
/// Throws Error unless the patches divide the image.
void check_grid(const VisionConfig& vision, const std::string& where);
/// Throws Error unless 0 ≤ epsilon < 1.
float check_epsilon(double epsilon, const std::string& where);
/// One number per channel: a list of three, or one number for all.
std::array<double, 3> three(const JsonView& field);
std::array<double, 3> three_positive(const JsonView& field);
/// Throws Error unless the number is finite and above 0.
double positive(const JsonView& field);

}  // namespace whyclip::config
