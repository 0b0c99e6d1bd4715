#pragma once

#include "whyclip/ops/op.h"

namespace whyclip {

/// Cuts pictures into patches.
/// in: (pictures, 3·rows·p·columns·p), each planar (channel, y, x);
/// out: (pictures·rows·columns, 3·p·p), patches row by row, each in the order channel, y, x.
class Patchify final : public Op {
 public:
  Patchify(int rows, int columns, int patch_size)
      : rows_(rows), columns_(columns), patch_size_(patch_size) {}
  OpKind kind() const override { return OpKind::kPatchify; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* kept) const override;
  std::vector<Tensor> vjp(const Workspace& workspace, const Application& application,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const Application& application,
                    Inputs shares) const override;
  int rows() const { return rows_; }
  int columns() const { return columns_; }
  int patch_size() const { return patch_size_; }

 private:
  template <class Copy>
  void each_line(std::int64_t pictures, int threads, Copy copy) const;

  int rows_, columns_, patch_size_;
};

}  // namespace whyclip
