#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"

namespace whyclip::bench {

/// One target's value taken apart.
struct ValueShares {
  std::vector<double> patches;  ///< of each patch, row by row
  std::vector<double> others;   ///< of everything else that has a share
};

/// A row of the table: a name, and a function from a recorded picture to each target's shares.
struct RuleSet {
  std::string name;
  std::function<std::vector<ValueShares>(const RecordedImage&, std::span<const Target>)> shares;
  bool only_ranks = false;  ///< a baseline, whose sum means nothing
};

/// Every row, in the table's order. To add one, write its function in rule_sets.cpp and name it
/// here.
std::vector<RuleSet> rule_sets();

}  // namespace whyclip::bench
