#include "whyclip/article/attention_products.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "whyclip/core/matrix_blocks.h"
#include "whyclip/core/parallel.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"

namespace whyclip::tracing {
namespace {

/// One head of one group.
struct Head {
  const kernels::AttentionLayout& layout;
  const kernels::AttentionGroup& group;
  std::int64_t head;

  /// Rows of scores or pattern.
  template <class T>
  MatrixBlock<T> scores(T* values) const {
    const std::int64_t row = layout.heads * group.query_begin + head * group.query_count;
    return {values + row * layout.most_keys, group.query_count, group.key_count, layout.most_keys};
  }
  /// Rows of q or of the mix.
  template <class T>
  MatrixBlock<T> queries(T* values) const {
    const std::int64_t d = layout.head_width, width = layout.heads * d;
    return {values + group.query_begin * width + head * d, group.query_count, d, width};
  }
  /// Rows of k or v, copied to `scratch` unless they are contiguous.
  template <class T>
  MatrixBlock<const T> keys(const T* values, std::vector<T>& scratch) const {
    const std::int64_t d = layout.head_width, width = layout.heads * d, count = group.key_count;
    if (layout.gathered.empty()) {
      return {values + group.key_begin * width + head * d, count, d, width};
    }
    scratch.resize(std::size_t(count * d));
    for (std::int64_t j = 0; j < count; ++j) {
      const std::int64_t row = layout.gathered[std::size_t(group.key_begin + j)];
      std::copy_n(values + row * width + head * d, d, scratch.data() + j * d);
    }
    return {scratch.data(), count, d, d};
  }
};

template <class T>
const T* column_of(const RegionTensor<T>& operand, std::int64_t column) {
  return operand.column(operand.columns() == 1 ? 0 : column);
}

template <class T>
void multiply_head(bool scores, const Head& head, std::span<const ProductTerm<T>> terms,
                   std::int64_t column, T* out, std::vector<T>& scratch) {
  const T factor = scores ? 1 / std::sqrt(T(head.layout.head_width)) : T(1);
  Into into = Into::kReplace;
  for (const ProductTerm<T>& term : terms) {
    const T* left = column_of(term.left, column);
    const MatrixBlock<const T> keys = head.keys(column_of(term.right, column), scratch);
    if (scores) {
      multiply_transposed<T>(head.queries(left), keys, factor * term.factor, head.scores(out),
                             into);
    } else {
      multiply<T>(head.scores(left), keys, factor * term.factor, head.queries(out), into);
    }
    into = Into::kAdd;
  }
}

/// Clears the columns of scores after a group's last key.
template <class T>
void clear_missing_keys(const Head& head, T* out) {
  const MatrixBlock<T> rows = head.scores(out);
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    std::fill_n(rows.data + i * rows.stride + rows.width, rows.stride - rows.width, T(0));
  }
}

}  // namespace

template <class T>
RegionTensor<T> attention_products(const Op& op, std::span<const ProductTerm<T>> terms,
                                   int threads) {
  const bool scores = op.kind() == OpKind::kAttentionScores;
  const AttentionMask& mask = scores ? static_cast<const AttentionScores&>(op).mask()
                                     : static_cast<const AttentionMix&>(op).mask();
  const std::int64_t heads = scores ? static_cast<const AttentionScores&>(op).heads()
                                    : static_cast<const AttentionMix&>(op).heads();
  const std::int64_t width = terms[0].right.width();
  const kernels::AttentionLayout layout = mask.layout(heads, width / heads);
  std::int64_t columns = 1;
  for (const ProductTerm<T>& term : terms) {
    columns = std::max({columns, term.left.columns(), term.right.columns()});
  }
  RegionTensor<T> out = scores ? RegionTensor<T>(columns, mask.score_rows(heads), mask.most_keys())
                               : RegionTensor<T>(columns, mask.queries(), width);
  const std::int64_t tasks = std::int64_t(layout.groups.size()) * heads;
  parallel_for(columns * tasks, threads, [&](std::int64_t begin, std::int64_t end) {
    std::vector<T> scratch;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t column = i / tasks, group = i % tasks / heads;
      const Head head{layout, layout.groups[std::size_t(group)], i % heads};
      multiply_head(scores, head, terms, column, out.column(column), scratch);
      if (scores) clear_missing_keys(head, out.column(column));
    }
  });
  return out;
}

template RegionTensor<float> attention_products(const Op&, std::span<const ProductTerm<float>>,
                                                int);
template RegionTensor<double> attention_products(const Op&, std::span<const ProductTerm<double>>,
                                                 int);

}  // namespace whyclip::tracing
