#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"

namespace whyclip::bench {

/// The contributions to one target's value.
struct ValueContributions {
  std::vector<double> patches;  ///< of each patch, row by row
  std::vector<double> others;   ///< of all other sources
};

/// A row of the table: a name, and a function from a recorded image to each target's contributions.
struct TableRow {
  std::string name;
  std::function<std::vector<ValueContributions>(const RecordedImage&, std::span<const Target>)>
      contributions;
  bool only_ranks = false;  ///< a baseline or an aggregation, whose sum has no meaning
  bool slow = false;        ///< seconds per image: measured on fewer images
};

/// Every rule set of the library, the published tracing, then the baselines "random-ranking" and
/// "middle-first".
std::vector<TableRow> table_rows();

/// The rows of the given names or .json files with rules (find_rule_set), in that order; all if
/// there are no names. Throws Error with the list of names for an unknown one.
std::vector<TableRow> table_rows(const std::vector<std::string>& names);

}  // namespace whyclip::bench
