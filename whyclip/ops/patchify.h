#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// Splits images into patches. in: (images, 3·rows·p·columns·p), each planar (channel, y, x); out:
/// (images·rows·columns, 3·p·p), patches row by row, each in the order channel, y, x.
class Patchify final : public Op {
 public:
  Patchify(int rows, int columns, int patch_size)
      : rows_(rows), columns_(columns), patch_size_(patch_size) {}
  OpKind kind() const override { return OpKind::kPatchify; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;
  int rows() const { return rows_; }
  int columns() const { return columns_; }
  int patch_size() const { return patch_size_; }

 private:
  template <class Copy>
  void each_line(std::int64_t images, int threads, Copy copy) const;

  int rows_, columns_, patch_size_;
};

}  // namespace whyclip
