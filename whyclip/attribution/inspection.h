#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/target.h"

namespace whyclip {

/// A score as a sum over the channels of the joint space, in float64: logit = scale · z·t / (‖z‖ ·
/// unit).
struct Inspection {
  std::string target_kind = {}, target_name = {};
  std::vector<double> image = {};  ///< (projection): z, before normalisation
  /// (projection): t. A prompt's embedding before normalisation. A class or a contrast has only a
  /// direction Σ w_k t̂_k; it is multiplied by the mean length of its prompts, so that its entries
  /// have the scale of theirs.
  std::vector<double> text = {};
  double image_norm = 0;  ///< ‖z‖
  double text_norm = 0;   ///< ‖t‖
  /// The divisor of t: ‖t‖ for a prompt and a class; for a contrast, whose direction is not of
  /// length 1, the mean length of its prompts.
  double text_unit = 0;
  double dot = 0;         ///< z·t
  double similarity = 0;  ///< cosine: z·t / (‖z‖‖t‖)
  double logit_scale = 0;
  double logit = 0;                   ///< recomposed: scale · cosine · ‖t‖ / unit
  double model_logit = 0;             ///< target_value
  std::vector<double> products = {};  ///< (projection): z_k t_k
  std::vector<double> contributions =
      {};               ///< (projection): scale · z_k t_k / (‖z‖ · unit), in logits
  double sum = 0;       ///< of the contributions
  double residual = 0;  ///< model_logit − sum
};

/// Inspects the score of a target that is made of prompts, for an image embedding before
/// normalisation, (projection). Throws Error for a target without prompts (features), for another
/// width, for an embedding that is zero or not finite, and for a contrast of texts with equal
/// embeddings.
Inspection inspect(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                   std::span<const float> image_embedding);

/// The same for plain vectors, without a target; model_logit is the recomposed logit. Throws Error
/// for embeddings of different widths, zero, or not finite, and unless unit and scale are positive.
Inspection inspect(std::span<const double> image, std::span<const double> text, double text_unit,
                   double logit_scale);

/// The confidence of one of several competing texts, with and without the logit scale.
struct Confidence {
  double similarity = 0, logit = 0;
  double unscaled = 0;  ///< softmax over the cosines
  double scaled = 0;    ///< softmax over the logits
};

/// The confidences of competing cosines. Throws Error if a logit is not finite.
std::vector<Confidence> confidences(std::span<const double> similarities, double logit_scale);

/// Bins of equal width between multiples of it; the width is 1, 2 or 5 times a power of ten.
struct Bins {
  std::int64_t first = 0;  ///< the lowest edge in widths
  std::int64_t count = 0;
  double width = 0;

  /// Edge i of count + 1. Bin i holds edge(i) ≤ value < edge(i + 1), up to rounding.
  double edge(std::int64_t i) const { return double(first + i) * width; }
};

/// The narrowest bins, at most `most` of them, that cover all values of both sets. Throws Error if
/// both are empty or a value is not finite, and for less than two bins.
Bins round_bins(std::span<const double> first, std::span<const double> second, int most);
/// The number of values in each bin, (bins). Throws Error for a value outside.
std::vector<std::int64_t> histogram(std::span<const double> values, const Bins& bins);

/// Indices by |value|, the largest first; equal values by index.
std::vector<int> by_size(std::span<const double> values);
/// Indices with |value| ≥ threshold, ascending; may be empty. Throws Error unless the threshold is
/// above zero and finite.
std::vector<int> beyond(std::span<const double> values, double threshold);
/// Indices that are in both sets, which must be ascending.
std::vector<int> overlap(std::span<const int> first, std::span<const int> second);

}  // namespace whyclip
