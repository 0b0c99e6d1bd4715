#include "whyclip/ops/op.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"

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

std::span<const float> Op::additive_term(std::int64_t) const { return {}; }

std::int64_t target_count(const Tensor& g, const Tensor& out) {
  if (g.width() != out.width() || out.rows() == 0 || g.rows() % out.rows() != 0) {
    throw Error("gradient", fmt::format("expected a multiple of {} rows of {}, got {} rows of {}",
                                        out.rows(), out.width(), g.rows(), g.width()));
  }
  return g.rows() / out.rows();
}

std::int64_t source_count(Inputs contributions, Inputs in) {
  std::int64_t sources = 0;
  for (std::size_t i = 0; i < contributions.size(); ++i) {
    const Tensor &contribution = *contributions[i], &input = *in[i];
    if (contribution.empty()) continue;
    const bool fits =
        contribution.width() == input.width() && contribution.rows() % input.rows() == 0;
    if (!fits || (sources != 0 && contribution.rows() / input.rows() != sources)) {
      throw Error(
          "contributions",
          fmt::format("expected {} rows of {} for each source, got {} rows of {}", input.rows(),
                      input.width(), contribution.rows(), contribution.width()));
    }
    sources = contribution.rows() / input.rows();
  }
  if (sources == 0)
    throw Error("contributions", "expected contributions of at least one input, got none");
  return sources;
}

}  // namespace whyclip
