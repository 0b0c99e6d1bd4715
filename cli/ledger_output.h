#pragma once

#include <optional>
#include <string>

#include "cli/explanation.h"

namespace whyclip::cli {

/// What `whyclip ledger` found beside the explanation itself.
struct LedgerExtras {
  std::optional<Regions> regions;          ///< contributions are summed over them
  std::optional<TextContributions> words;  ///< the text side
  std::optional<Interaction> interaction;  ///< word × region
};

/// The ledger as a tree for a terminal. `full`: every bias, head and op.
std::string ledger_tree(const Explanation& e, const LedgerExtras& extras, bool full);

Json ledger_json(const Explanation& e, const LedgerExtras& extras);

}  // namespace whyclip::cli
