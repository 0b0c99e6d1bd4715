#pragma once

#include <span>

#include "whyclip/article/op_values.h"
#include "whyclip/article/published_tracing.h"

// The rules of the published tracing at one op.

namespace whyclip::tracing {

/// An activation as contributions and as their sum, which the rules use as its value.
template <class T>
struct Traced {
  RegionTensor<T> contributions;  ///< (columns, rows, width)
  RegionTensor<T> total;          ///< one column
};

template <class T>
using TracedOperands = std::span<const Traced<T>* const>;

/// The meaning of the columns.
struct Columns {
  std::int64_t regions;
  bool own_biases;  ///< whether a column of biases follows the regions
  std::int64_t count() const { return regions + (own_biases ? 1 : 0); }
};

/// The contributions to the op's output by the rules in `options`; options.progress is not called.
/// A norm (Normalise, not in the article) is a gain that is held constant.
template <class T>
RegionTensor<T> trace_op(const Op& op, TracedOperands<T> in, const Columns& columns,
                         const PublishedTracingOptions& options, const Execution& execution);

}  // namespace whyclip::tracing
