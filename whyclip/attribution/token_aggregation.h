#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/core/tensor.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

// The fraction of each token in each other token, layer by layer, and of the patches in the class
// token through all layers. With the attention pattern A and the 1/σ of ln1 held at their values of
// this image, the residual stream after the attention of a pre-norm block is a sum of vectors from
// the tokens j of its input x and of biases:
//
//   resid_mid_i = Σ_j T_i(j) + b
//   T_i(j) = Σ_h A^h_ij W_O^h W_V^h γ(x_j − mean(x_j))/σ_j + δ_ij x_j
//   b = W_O (W_V β + b_V) + b_O
//
// with γ, β and σ of ln1, and W_O^h the columns of W_O that read head h. A measure maps the T_i(j)
// to a matrix of numbers ≥ 0, (queries, tokens), whose rows are divided by their sums. The product
// of the matrices, last layer first, is the fraction of each token of the first layer's input in
// the last layer's output: attention rollout (Abnar and Zuidema, "Quantifying Attention Flow in
// Transformers", ACL 2020) without its + I, as the residual is in T already.

/// The measure of token j's contribution to token i.
enum class TokenMeasure {
  /// ‖T_i(j)‖₂: Modarressi et al., "GlobEnc: Quantifying Global Token Attribution by Incorporating
  /// the Whole Encoder Layer in Transformers", NAACL 2022. There, in post-norm blocks, T passes
  /// through LN1 and, parallel to the MLP, through the second residual and LN2, each as γ(T −
  /// mean(T))/σ. A pre-norm block has no norm on that path: the second residual passes T_i(j)
  /// unchanged, so this is the norm at resid_mid, and the block's ln1 comes before the values. As
  /// in the paper, the MLP's output is not decomposed.
  kGlobEnc,
  /// max(0, ‖y_i‖₁ − ‖y_i − T_i(j)‖₁), y the sum with biases: Ferrando et al., "Measuring the
  /// Mixing of Contextual Information in the Transformer", EMNLP 2022 (ALTI). There y and T are
  /// taken after LN1 of a post-norm block; here at resid_mid.
  kAlti,
};

/// The assignment of the values' bias, W_O (W_V β + b_V).
enum class ValueBias {
  /// Part of b: it belongs to no token.
  kOwn,
  /// Part of T, A^h_ij times for token j. This is the treatment of b_V by Kobayashi et al.
  /// ("Attention is Not Only a Weight", EMNLP 2020), the basis of both papers, and in ALTI's
  /// published code; a post-norm block has no β there.
  kWithToken,
};

struct TokenAggregationOptions {
  TokenMeasure measure = TokenMeasure::kGlobEnc;
  /// Whether T includes δ_ij x_j. Otherwise T covers only the attention's output and y is attn_out;
  /// kGlobEnc with kWithToken is then the ‖Σ αf(x)‖ of Kobayashi et al.
  bool residual = true;
  ValueBias value_bias = ValueBias::kOwn;
  bool keep_layers = false;  ///< also return the matrices of the layers
};

/// The fraction of each input token in the class token of the last layer. Entries are ≥ 0, without
/// a unit; patches and class token add up to 1.
struct TokenAggregation {
  std::string method;  ///< "globenc" or "alti"
  /// The map is the same for every target.
  static constexpr bool target_free = true;
  PatchGrid grid;
  std::vector<float> patches;  ///< (grid.rows, grid.columns)
  float class_token = 0;       ///< the fraction of the class token itself
  std::vector<Tensor> layers;  ///< the result of token_mixing, if requested
};

/// The class token's row of the product over all layers. Throws Error naming the trace point and
/// the row of a layer's matrix that has no positive entry.
TokenAggregation token_aggregation(const RecordedImage& recorded,
                                   const TokenAggregationOptions& options = {});

/// The matrices of all layers of a record's tower ("vision" or "text"), first layer first,
/// (queries, tokens) each with rows that sum to 1; one row per query that the layer computed.
/// Masked tokens are zero. For records of one image or one tree of prompts. Throws Error as
/// token_aggregation does, and if the record has no block of that tower.
std::vector<Tensor> token_mixing(const Workspace& workspace, const Record& record,
                                 std::string_view tower,
                                 const TokenAggregationOptions& options = {});

/// layers[L−1] · … · layers[0], (rows of the last, columns of the first). Throws Error if there are
/// none, or if the columns of a layer are not as many as the rows of the one before.
Tensor rollout(std::span<const Tensor> layers);

}  // namespace whyclip
