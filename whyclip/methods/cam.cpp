// Class activation maps: activations weighted by the target's gradient. The channels are token
// channels or attention heads.

#include <algorithm>

#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"

namespace whyclip {
namespace {

/// relu(Σ_k α_k a_pk), α_k the mean of ∂S/∂a_pk over the patches p.
Attribution grad_cam(ExplanationContext& context, const MethodSettings& settings,
                     const Progress& progress) {
  const std::string point = tokens_of(context, settings);
  const Tensor gradient = gradient_at(context, point, progress);
  const Tensor& tokens = context.recorded().record().at(point);
  std::vector<double> weights(std::size_t(tokens.width()), 0.0);
  for (std::int64_t t = 1; t < tokens.rows(); ++t) {
    for (std::size_t k = 0; k < weights.size(); ++k) {
      weights[k] += double(gradient.row(t)[k]) / double(tokens.rows() - 1);
    }
  }
  Attribution result;
  for (std::int64_t t = 1; t < tokens.rows(); ++t) {
    double sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * double(tokens.row(t)[k]);
    result.patches.push_back(float(std::max(0.0, sum)));
  }
  return result;
}

/// relu(Σ_k relu(∂S/∂a_pk) a_pk)
Attribution layer_cam(ExplanationContext& context, const MethodSettings& settings,
                      const Progress& progress) {
  const std::string point = tokens_of(context, settings);
  const Tensor gradient = gradient_at(context, point, progress);
  const Tensor& tokens = context.recorded().record().at(point);
  Attribution result;
  for (std::int64_t t = 1; t < tokens.rows(); ++t) {
    double sum = 0;
    for (std::size_t k = 0; k < std::size_t(tokens.width()); ++k) {
      sum += std::max(0.0, double(gradient.row(t)[k])) * double(tokens.row(t)[k]);
    }
    result.patches.push_back(float(std::max(0.0, sum)));
  }
  return result;
}

/// relu(mean_h α_h A_h), α_h the mean of ∂S/∂A_h over the patches, both in the class token's row.
Attribution grad_cam_attention(ExplanationContext& context, const MethodSettings& settings,
                               const Progress& progress) {
  const std::string point = block_scope(block_of(context, settings, "layer")) + "pattern";
  const Tensor gradient = gradient_at(context, point, progress);
  const Tensor& pattern = context.recorded().record().at(point);
  const int heads = head_count(context);
  const std::int64_t queries = pattern.rows() / heads;
  std::vector<double> row(std::size_t(pattern.width()), 0.0);
  for (int h = 0; h < heads; ++h) {
    const auto a = pattern.row(h * queries), g = gradient.row(h * queries);
    double weight = 0;
    for (std::size_t j = 1; j < row.size(); ++j) weight += double(g[j]) / double(row.size() - 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] += weight * double(a[j]) / heads;
  }
  for (double& value : row) value = std::max(0.0, value);
  return {.patches = patches_of(row)};
}

}  // namespace

std::vector<Method> cam_methods() {
  return {
      {{.name = "grad-cam",
        .family = MethodFamily::kCam,
        .summary = "token channels of a block weighted by their mean gradient, positive part",
        .reference =
            "Selvaraju et al., Grad-CAM, 2017, eqs. 1 and 2, with patches as spatial positions",
        .cost = "F + B",
        .is_signed = false,
        .options = {block_option("layer", "block", -1), at_option()}},
       grad_cam},
      {{.name = "grad-cam-attention",
        .family = MethodFamily::kCam,
        .summary = "class token attention of a block, each head weighted by its mean gradient, "
                   "positive part",
        .reference =
            "Selvaraju et al., Grad-CAM, 2017, applied to attention as in the comparison of Chefer "
            "et al., Transformer Interpretability Beyond Attention Visualization, 2021",
        .cost = "F + B",
        .is_signed = false,
        .options = {block_option("layer", "block", -1)}},
       grad_cam_attention},
      {{.name = "layer-cam",
        .family = MethodFamily::kCam,
        .summary = "token entries of a block weighted by their positive gradient, positive part",
        .reference = "Jiang et al., LayerCAM, 2021, eqs. 6 and 7",
        .cost = "F + B",
        .is_signed = false,
        .options = {block_option("layer", "block", -1), at_option()}},
       layer_cam},
  };
}

}  // namespace whyclip
