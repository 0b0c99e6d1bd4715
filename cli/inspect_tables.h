#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/inspect_output.h"

namespace whyclip::cli {

// What text and page of `whyclip inspect` show alike.

/// "What is the score 24.31 of cat.jpg for “…” made of?"
std::string classifier_of(const Inspected& inspected);

/// From the norms to the logit, its recomposition and the difference.
std::vector<ReportQuantity> quantities_of(const Inspection& score);

/// Competitors to show, the best first: `top` of them, and the one that is explained in any case.
std::vector<std::size_t> shown_choices(const Inspected& inspected);
std::string choices_text(const Inspected& inspected);  ///< a sentence on what they show

/// Both embeddings over the same bins.
struct Distribution {
  Bins bins;
  std::vector<std::int64_t> image, text;  ///< (bins)
};
Distribution distribution_of(const Inspection& score);

/// Indices beyond a threshold, the largest first.
struct BeyondThreshold {
  std::string embedding, symbol;  ///< "image", "z"
  std::vector<int> indices;
  std::string text;  ///< how many there are, or that there are none and how far the largest goes
};
BeyondThreshold beyond_image(const Inspected& inspected);
BeyondThreshold beyond_text(const Inspected& inspected);
/// In both, by the size of their products, and a sentence on them.
struct InBoth {
  std::vector<int> indices;
  std::string text;
};
InBoth in_both(const Inspected& inspected);

/// Indices whose contributions speak for the score and against it, `top` of each, the largest
/// first, and what all others come to.
struct LargestProducts {
  std::vector<int> positive, negative;
  std::size_t others = 0;
  double rest = 0;
};
LargestProducts largest_products(const Inspected& inspected);

}  // namespace whyclip::cli
