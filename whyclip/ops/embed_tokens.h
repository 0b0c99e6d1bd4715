#pragma once

#include <cstdint>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// Looks up token ids in the embedding table. Has no inputs: the ids belong to the op. out: (ids,
/// width).
class EmbedTokens final : public Op {
 public:
  /// `table` is (vocabulary, width). Throws Error for an id outside the vocabulary.
  EmbedTokens(std::shared_ptr<const Tensor> table, std::vector<std::int32_t> ids);
  OpKind kind() const override { return OpKind::kEmbedTokens; }
  Tensor forward(const Workspace& workspace, Inputs in, std::vector<Tensor>* saved) const override;
  /// Returns nothing: there are no inputs.
  std::vector<Tensor> vjp(const Workspace& workspace, const OpContext& context,
                          const Tensor& g) const override;
  Tensor frozen_jvp(const Workspace& workspace, const OpContext& context,
                    Inputs contributions) const override;

 private:
  std::shared_ptr<const Tensor> table_;
  std::vector<std::int32_t> ids_;
};

}  // namespace whyclip
