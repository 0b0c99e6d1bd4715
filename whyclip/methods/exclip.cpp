#include "whyclip/methods/exclip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "whyclip/core/quadrature.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/pairs.h"
#include "whyclip/methods/prompt_blocks.h"
#include "whyclip/methods/prompt_context.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

// With the inputs a, b of a block in the image and the text tower, references a', b', and the
// Jacobians J_f, J_g of the two embeddings averaged along the straight lines from a', b' to a, b:
//   (f(a) − f(a'))ᵀ (g(b) − g(b')) = Σ_ij (a − a')_i (J_fᵀ J_g)_ij (b − b')_j,
// summed over the channels of each pair of tokens. As in the authors' code, the norms of f(a) and
// g(b) are constant factors.

/// The padding token of CLIP's tokenizer.
constexpr std::int32_t kPadding = 0;

using Encode = std::function<Value(Trace& trace, Value tokens)>;

/// A tower from the input of one of its blocks to its embedding.
struct Side {
  const Workspace& workspace;
  std::string point, pooled;  ///< trace points of the input and of the embedding
  Tensor input, reference;    ///< (tokens, width)
  Encode encode;

  /// The point on the straight line from the reference (alpha 0) to the input (alpha 1).
  Tensor at(double alpha) const {
    Tensor result = workspace.tensor(input.rows(), input.width());
    for (std::size_t i = 0; i < result.size(); ++i) {
      result.values()[i] = float(double(reference.values()[i]) + alpha * step(i));
    }
    return result;
  }
  double step(std::size_t i) const {
    return double(input.values()[i]) - double(reference.values()[i]);
  }
  /// The embedding at the input minus that at the reference, (projection).
  std::vector<double> difference() const {
    std::vector<double> result;
    Trace trace(workspace);
    const Value end = encode(trace, trace.input(point, at(1))),
                begin = encode(trace, trace.input(point, at(0)));
    for (std::int64_t k = 0; k < end->width(); ++k) {
      result.push_back(double(end->data()[k]) - double(begin->data()[k]));
    }
    return result;
  }
};

Tensor copy_of(const Workspace& workspace, const Tensor& tensor) {
  Tensor copy = workspace.tensor(tensor.rows(), tensor.width());
  std::ranges::copy(tensor.values(), copy.values().begin());
  return copy;
}

/// Quadrature along the line.
Quadrature nodes_of(const MethodSettings& settings) {
  const int count = settings.count("nodes");
  if (settings.word("rule") == "gauss-legendre") return gauss_legendre(count);
  Quadrature released;
  for (int i = count; i > 0; --i) {
    released.nodes.push_back(double(i) / count);
    released.weights.push_back(1.0 / count);
  }
  return released;
}

/// (Jacobian averaged along the line) · (input − reference), summed over each token's channels,
/// (targets, tokens); each target is a row of `seed`, (targets, projection).
std::vector<double> integrated(const Side& side, const Quadrature& rule, const Tensor& seed,
                               const Progress& progress) {
  const auto width = std::size_t(side.input.width());
  std::vector<double> sums(std::size_t(seed.rows() * side.input.rows()), 0.0);
  for (std::size_t n = 0; n < rule.nodes.size(); ++n) {
    report_progress(progress, "integrating Jacobians", std::int64_t(n),
                    std::int64_t(rule.nodes.size()));
    Record record;
    Trace trace(side.workspace, record);
    side.encode(trace, trace.input(side.point, side.at(rule.nodes[n])));
    const BackwardResult backward =
        propagate_backward(side.workspace, record, gradient_rules(), side.pooled,
                           copy_of(side.workspace, seed), {side.point}, {.additive_terms = false});
    const auto gradient = backward.gradients.at(side.point).values();
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      sums[i / width] += rule.weights[n] * side.step(i % side.input.size()) * double(gradient[i]);
    }
  }
  return sums;
}

/// The reference is an image whose pixels are zero after normalisation.
Side image_side(ExplanationContext& context, const MethodSettings& settings) {
  const int block = block_of(context, settings, "layer");
  const std::string point = block_input(block);
  const Workspace& workspace = context.workspace();
  const VisionTower& tower = context.clip().vision();
  const PatchGrid& grid = context.grid();
  const Record& own = context.recorded().record();
  Record record;
  Trace trace(workspace, record);
  tower.forward(trace,
                {workspace.zeros(1, own.at("vision.pixels").width()), grid.rows, grid.columns},
                LastBlock::kPooledOnly);
  return {workspace,
          point,
          "vision.embedding",
          copy_of(workspace, own.at(point)),
          copy_of(workspace, record.at(point)),
          [&tower, block](Trace& to, Value tokens) {
            return tower.encode_from(to, std::move(tokens), block, 1, LastBlock::kPooledOnly);
          }};
}

/// The reference is that of the authors: start token, one padding token, end of text, padding.
Side prompt_side(const PromptContext& prompt, const MethodSettings& settings) {
  const int block = block_of(prompt, settings, "text-layer");
  const std::string point = text_block_input(block);
  const Workspace& workspace = prompt.workspace();
  const TextTower& tower = prompt.clip().text();
  TokenTree empty = prompt.tree();
  const std::int32_t end = empty.ids.back();
  for (std::size_t i = 1; i < empty.ids.size(); ++i) empty.ids[i] = i == 2 ? end : kPadding;
  Record record;
  Trace trace(workspace, record);
  tower.forward(trace, empty);
  return {workspace,
          point,
          "text.embedding",
          copy_of(workspace, prompt.record().at(point)),
          copy_of(workspace, record.at(point)),
          [&tower, block, tree = prompt.tree()](Trace& to, Value tokens) {
            return tower.forward_from(to, std::move(tokens), tree, block);
          }};
}

/// J_g (b − b') of each token, summed over its channels, (tokens, projection).
Tensor token_vectors(const Side& side, const Quadrature& rule, std::int64_t projection,
                     const Progress& progress) {
  Tensor seed = side.workspace.zeros(projection, projection);
  for (std::int64_t k = 0; k < projection; ++k) seed.row(k)[std::size_t(k)] = 1;
  const std::vector<double> sums = integrated(side, rule, seed, progress);
  Tensor vectors = side.workspace.tensor(side.input.rows(), projection);
  for (std::int64_t t = 0; t < vectors.rows(); ++t) {
    for (std::int64_t k = 0; k < projection; ++k) {
      vectors.row(t)[std::size_t(k)] = float(sums[std::size_t(k * vectors.rows() + t)]);
    }
  }
  return vectors;
}

double norm_of(std::span<const float> v) {
  double squares = 0;
  for (const float x : v) squares += double(x) * double(x);
  return std::sqrt(squares);
}

PairAttribution exclip(ExplanationContext& context, PromptContext& prompt,
                       const MethodSettings& settings, const Progress& progress) {
  const Quadrature rule = nodes_of(settings);
  const Side image = image_side(context, settings), text = prompt_side(prompt, settings);
  const Tensor vectors = token_vectors(text, rule, context.clip().config().projection, progress);
  const std::vector<double> table = integrated(image, rule, vectors, progress);
  const double scale = prompt.weight() * double(context.clip().logit_scale()) /
                       (norm_of(context.recorded().embedding()) * norm_of(prompt.embedding()));
  PairAttribution result = pairs_of_tokens(prompt, context.patches(), table, scale);
  const std::vector<double> a = image.difference(), b = text.difference();
  result.total = scale * std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  result.notes.push_back(fmt::format(
      "the pairs account for {:.4g} of the score of {:.4g}; the rest involves the references",
      *result.total, prompt.value()));
  return result;
}

}  // namespace

Method exclip_method() {
  return {
      {.name = "exclip",
       .family = MethodFamily::kInteraction,
       .summary = "word–patch interactions from Jacobians of both towers, integrated from a grey "
                  "image and an empty prompt",
       .reference = "Möller et al., Explaining Caption-Image Interactions in CLIP Models with "
                    "Second-Order Attributions, 2025; references, last block and constant norms as "
                    "in the authors' code; rule=released is its sum over equal steps",
       .cost = "2 F + nodes · (F + B) of the later blocks, B per joint-space channel on the text "
               "side and per text token on the image side",
       .complete = true,
       .in_logits = true,
       .options = {block_option("layer", "block of the image tower whose input is attributed", -1),
                   block_option("text-layer", "block of the text tower", -1),
                   MethodOption::count("nodes", "quadrature nodes of each integration path", 10, 1,
                                       64),
                   MethodOption::choice("rule", "quadrature rule",
                                        {"gauss-legendre", "released"})}},
      {},
      {},
      exclip};
}

}  // namespace whyclip
