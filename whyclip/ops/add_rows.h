#pragma once

#include <cstdint>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// Adds a row of a table to each row: position embeddings. y_r = x_r + table[index[r mod n]], where
/// n is the number of indices (one image's tokens, repeated for each image of a batch). in,
/// out: (rows, width). The table is an additive term.
class AddRows final : public Op {
 public:
  AddRows(std::shared_ptr<const Tensor> table, std::vector<std::int32_t> index)
      : table_(std::move(table)), index_(std::move(index)) {}
  OpKind kind() const override { return OpKind::kAddRows; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  std::span<const float> additive_term(std::int64_t row) const override {
    return table_->row(index_[std::size_t(row) % index_.size()]);
  }

 private:
  std::shared_ptr<const Tensor> table_;
  std::vector<std::int32_t> index_;
};

}  // namespace whyclip
