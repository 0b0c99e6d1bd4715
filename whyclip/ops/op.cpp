#include "whyclip/ops/op.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {

std::string_view name_of(OpKind kind) {
  switch (kind) {
    case OpKind::kPatchify:
      return "patchify";
    case OpKind::kEmbedTokens:
      return "embed_tokens";
    case OpKind::kPrepend:
      return "prepend";
    case OpKind::kSelectRows:
      return "select_rows";
    case OpKind::kLinear:
      return "linear";
    case OpKind::kAdd:
      return "add";
    case OpKind::kAddRows:
      return "add_rows";
    case OpKind::kScale:
      return "scale";
    case OpKind::kAttentionScores:
      return "attention_scores";
    case OpKind::kAttentionMix:
      return "attention_mix";
    case OpKind::kActivation:
      return "activation";
    case OpKind::kSoftmax:
      return "softmax";
    case OpKind::kLayerNorm:
      return "layer_norm";
    case OpKind::kNormalise:
      return "normalise";
  }
  return "unknown";
}

std::vector<double> Op::offset_shares(const Application&, const Tensor&) const { return {}; }

std::int64_t target_count(const Tensor& g, const Tensor& out) {
  if (g.width() != out.width() || out.rows() == 0 || g.rows() % out.rows() != 0) {
    throw Error("gradient", fmt::format("expected a multiple of {} rows of {}, got {} rows of {}",
                                        out.rows(), out.width(), g.rows(), g.width()));
  }
  return g.rows() / out.rows();
}

std::vector<double> offset_shares_of_rows(const Tensor& g, const Tensor& out,
                                          std::span<const float> offset) {
  std::vector<double> shares(std::size_t(target_count(g, out)), 0.0);
  for (std::int64_t r = 0; r < g.rows(); ++r) {
    shares[std::size_t(r / out.rows())] += kernels::dot(g.row(r).data(), offset.data(), g.width());
  }
  return shares;
}

}  // namespace whyclip
