#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace whyclip {

/// Vectors c_k = Σ_a u_ka b_a of the joint space with a common basis, stored as sums over k: memory
/// does not grow with their number.
struct VectorSums {
  std::vector<double> basis;  ///< (channels, width): the b_a, which may be linearly dependent
  std::int64_t channels = 0;
  std::int64_t count = 0;        ///< number of added vectors
  std::vector<double> sum;       ///< (channels): Σ_k u_k
  std::vector<double> products;  ///< (channels, channels): Σ_k u_k u_kᵀ

  /// Throws Error for a basis whose size is no multiple of `channels`.
  VectorSums(std::vector<double> basis, std::int64_t channels);
  std::int64_t width() const { return std::int64_t(basis.size()) / channels; }
  /// Adds a vector by its coordinates u, (channels). Throws Error for another number of
  /// coordinates.
  void add(std::span<const double> coordinates);
};

/// A text that was chosen.
struct SpanText {
  std::size_t text;  ///< its index
  double explained;  ///< the fraction of the variance along the direction it adds to the earlier
                     ///< texts, in [0, 1]
};

struct TextSpan {
  std::vector<SpanText> texts;  ///< in the order chosen
  double variance = 0;          ///< Σ over the joint space: mean of ‖c_k − mean c‖²
  std::int64_t rank = 0;        ///< dimension of the span of the vectors
  /// The fraction of the variance that all chosen texts explain.
  double explained() const;
};

/// TextSpan (Gandelsman et al., Interpreting CLIP's Image Representation via Text-Based
/// Decomposition, 2024, algorithm 1): texts are projected onto the span of the vectors; the one
/// along which the centred vectors vary most, variance of ⟨c − mean, text⟩, is chosen, and its
/// direction is projected out of vectors and texts; this repeats. `texts` is (count, width), one
/// text per row. Chooses `most` of them, or fewer if no variance remains. Throws Error for fewer
/// than two vectors, vectors that do not differ, and texts of another width.
TextSpan text_span(const VectorSums& vectors, std::span<const double> texts, int most);

}  // namespace whyclip
