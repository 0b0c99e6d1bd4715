#pragma once

#include <span>

#include "whyclip/article/region_tensor.h"
#include "whyclip/ops/op.h"

// The two products of attention in float or double, column by column.

namespace whyclip::tracing {

/// factor · left × right. An operand of one column is multiplied with every column of the other.
template <class T>
struct ProductTerm {
  const RegionTensor<T>& left;  ///< q (queries, heads·d), or the pattern (heads·queries, most keys)
  const RegionTensor<T>& right;  ///< k or v, (keys, heads·d)
  T factor;
};

/// The sum of the terms by AttentionScores (1/sqrt(d) included; zero where there is no key) or
/// AttentionMix; out: (columns, rows of the op, its width). All terms have the same shapes.
template <class T>
RegionTensor<T> attention_products(const Op& op, std::span<const ProductTerm<T>> terms,
                                   int threads);

}  // namespace whyclip::tracing
