#pragma once

#include <cstdint>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// Selects rows, each at most once. in: (n, width); out: (selected, width).
class SelectRows final : public Op {
 public:
  explicit SelectRows(std::vector<std::int64_t> rows) : rows_(std::move(rows)) {}
  OpKind kind() const override { return OpKind::kSelectRows; }
  const std::vector<std::int64_t>& rows() const { return rows_; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;

 private:
  std::vector<std::int64_t> rows_;
};

}  // namespace whyclip
