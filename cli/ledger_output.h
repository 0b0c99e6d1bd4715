#pragma once

#include <string>

#include "cli/explanation.h"

namespace whyclip::cli {

/// The ledger as a tree for a terminal. `full`: every bias, head and op.
std::string ledger_tree(const Explanation& explanation, bool full);

}  // namespace whyclip::cli
