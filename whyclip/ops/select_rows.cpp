#include "whyclip/ops/select_rows.h"

#include <algorithm>

namespace whyclip {

Tensor SelectRows::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const Tensor& x = *in[0];
  Tensor result = workspace.tensor(std::int64_t(rows_.size()), x.width());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    std::copy_n(x.row(rows_[i]).data(), x.width(), result.row(std::int64_t(i)).data());
  }
  return result;
}

std::vector<Tensor> SelectRows::vjp(const Workspace& workspace, const OpContext& context,
                                    const Tensor& g) const {
  const std::int64_t targets = target_count(g, context.out), rows = context.in[0]->rows();
  Tensor result = workspace.zeros(targets * rows, g.width());
  const auto selected = std::int64_t(rows_.size());
  for (std::int64_t r = 0; r < g.rows(); ++r) {
    const std::int64_t row = r / selected * rows + rows_[std::size_t(r % selected)];
    std::copy_n(g.row(r).data(), g.width(), result.row(row).data());
  }
  std::vector<Tensor> results;
  results.push_back(std::move(result));
  return results;
}

Tensor SelectRows::frozen_jvp(const Workspace& workspace, const OpContext& context,
                              Inputs contributions) const {
  const std::int64_t sources = source_count(contributions, context.in),
                     rows = context.in[0]->rows(), selected = std::int64_t(rows_.size());
  Tensor result = workspace.tensor(sources * selected, contributions[0]->width());
  for (std::int64_t r = 0; r < result.rows(); ++r) {
    const std::int64_t row = r / selected * rows + rows_[std::size_t(r % selected)];
    std::copy_n(contributions[0]->row(row).data(), result.width(), result.row(r).data());
  }
  return result;
}

}  // namespace whyclip
