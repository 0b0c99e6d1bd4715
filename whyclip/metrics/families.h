#pragma once

#include <vector>

#include "whyclip/metrics/metric.h"

// The metrics of each family, joined by registry.cpp.

namespace whyclip {

std::vector<Metric> completeness_metrics();
std::vector<Metric> curve_metrics();
std::vector<Metric> subset_metrics();
std::vector<Metric> effect_metrics();
std::vector<Metric> segmentation_metrics();
std::vector<Metric> localisation_metrics();
std::vector<Metric> stability_metrics();
std::vector<Metric> randomisation_metrics();
std::vector<Metric> complexity_metrics();

}  // namespace whyclip
