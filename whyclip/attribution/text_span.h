#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace whyclip {

/// Vectors c_k = Σ_a u_ka b_a of the joint space, all of one basis, kept as sums over k: what is
/// held does not grow with their number.
struct VectorSums {
  std::vector<double> basis;  ///< (channels, width): the b_a, which may depend on each other
  std::int64_t channels = 0;
  std::int64_t count = 0;        ///< vectors that were added
  std::vector<double> sum;       ///< (channels): Σ_k u_k
  std::vector<double> products;  ///< (channels, channels): Σ_k u_k u_kᵀ

  /// Throws Error for a basis whose size is no multiple of `channels`.
  VectorSums(std::vector<double> basis, std::int64_t channels);
  std::int64_t width() const { return std::int64_t(basis.size()) / channels; }
  /// One more vector by its coordinates u, (channels). Throws Error for another number of them.
  void add(std::span<const double> coordinates);
};

/// A text that was chosen.
struct SpanText {
  std::size_t text;  ///< its place
  double explained;  ///< the contribution of the variance along what it adds to those before, in
                     ///< [0, 1]
};

struct TextSpan {
  std::vector<SpanText> texts;  ///< in the order of the choice
  double variance = 0;          ///< Σ over the joint space: mean of ‖c_k − mean c‖²
  std::int64_t rank = 0;        ///< dimensions of what the vectors span
  /// The contribution of the variance that all chosen texts explain.
  double explained() const;
};

/// TextSpan (Gandelsman et al., Interpreting CLIP's Image Representation via Text-Based
/// Decomposition, 2024, algorithm 1): texts are projected onto the span of the vectors; the one
/// along which the centred vectors vary most, variance of ⟨c − mean, text⟩, is chosen, and its
/// direction is taken out of vectors and texts; and so on. `texts` is (count, width), one text a
/// row. Chooses `most` of them, or fewer if nothing is left to explain. Throws Error for fewer than
/// two vectors, vectors that do not differ, and texts of another width.
TextSpan text_span(const VectorSums& vectors, std::span<const double> texts, int most);

}  // namespace whyclip
