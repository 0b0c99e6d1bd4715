// Methods specific to CLIP's image tower: projections of patch tokens to the joint space, and
// gradients of attention.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/ops/attention.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

const OpPtr& op_at(const Record& record, const std::string& trace_point) {
  return record.step(trace_point).op;
}

Tensor apply_op(const ExplanationContext& context, const std::string& trace_point,
                std::initializer_list<const Tensor*> in) {
  return op_at(context.recorded().record(), trace_point)
      ->forward(context.workspace(), Inputs(in.begin(), in.size()), nullptr);
}

/// Tokens projected to the joint space like the class token: P · ln_post(token), not normalised.
Tensor joint_tokens(const ExplanationContext& context, const Tensor& tokens) {
  const Tensor normed = apply_op(context, "vision.pooled", {&tokens});
  return apply_op(context, "vision.embedding", {&normed});
}

/// direction · ŷ of each patch's token y in the joint space.
std::vector<float> patch_scores(const ExplanationContext& context, const Tensor& tokens) {
  const Tensor joint = joint_tokens(context, tokens);
  std::vector<float> result;
  for (std::int64_t t = 1; t < joint.rows(); ++t) {
    result.push_back(float(target_value(context.target(), joint.row(t))));
  }
  return result;
}

Attribution maskclip(ExplanationContext& context, const MethodSettings& settings, const Progress&) {
  const Record& record = context.recorded().record();
  const int last = block_count(context) - 1;
  const std::string scope = block_scope(last);
  Tensor tokens = apply_op(context, scope + "attn_out", {&record.at(scope + "v")});
  if (settings.word("variant") == "released") {
    tokens = apply_op(context, scope + "resid_mid", {&record.at(block_input(last)), &tokens});
    const Tensor normed = apply_op(context, scope + "ln2", {&tokens}),
                 inner = apply_op(context, scope + "mlp_pre", {&normed}),
                 active = apply_op(context, scope + "mlp_post", {&inner}),
                 mlp = apply_op(context, scope + "mlp_out", {&active});
    tokens = apply_op(context, scope + "resid_post", {&tokens, &mlp});
  }
  return {.patches = patch_scores(context, tokens)};
}

/// The texts of a classifier, (texts, projection), normalised, and the target as their weighted sum
/// divided by the logit scale.
struct Texts {
  const Tensor& embeddings;
  std::vector<double> weights;
};

/// Whether the weighted sum of the texts, times the scale, is the direction up to rounding.
bool spans_target(const Texts& texts, std::span<const float> direction, double scale) {
  constexpr double kRounding = 1e-3;
  double missed = 0, whole = 0;
  for (std::size_t e = 0; e < direction.size(); ++e) {
    double sum = 0;
    for (std::size_t t = 0; t < texts.weights.size(); ++t) {
      sum += texts.weights[t] * double(texts.embeddings.row(std::int64_t(t))[e]);
    }
    const double d = double(direction[e]);
    missed += (scale * sum - d) * (scale * sum - d);
    whole += d * d;
  }
  return std::sqrt(missed) <= kRounding * std::sqrt(whole);
}

/// Throws Error unless the context has a classifier and its target is a sum of whole classes, or of
/// prompts if there are no classes.
Texts texts_of(const ExplanationContext& context) {
  constexpr const char* kWhere = "clip-surgery: features";
  const ZeroShot* classifier = context.zero_shot();
  if (classifier == nullptr) {
    throw Error(kWhere,
                "\"surgery\" subtracts the mean over all classes, and there are no classes: add "
                "classes, or use \"plain\"");
  }
  const bool classes = !classifier->classes.empty();
  Texts texts{classes ? classifier->class_embeddings : classifier->prompt_embeddings, {}};
  texts.weights.assign(std::size_t(texts.embeddings.rows()), 0.0);
  const std::int64_t width = texts.embeddings.width();
  for (const PromptWeight& part : context.target().prompts) {
    const int text =
        classes ? classifier->prompts[std::size_t(part.prompt)].class_index : part.prompt;
    if (text < 0) continue;
    texts.weights[std::size_t(text)] +=
        part.weight * kernels::dot(classifier->prompt_embeddings.row(part.prompt).data(),
                                   texts.embeddings.row(text).data(), width);
  }
  // A single prompt of a class is not a multiple of the class embedding.
  if (!spans_target(texts, context.target().direction, double(context.clip().logit_scale()))) {
    throw Error(kWhere,
                fmt::format("\"surgery\" compares classes, and \"{}\" is not a sum of classes: "
                            "choose a class or a contrast of classes, or use \"plain\"",
                            context.target().name));
  }
  return texts;
}

/// Weights of the texts: softmax over the texts of 2 cos(z, T), divided by its mean.
std::vector<double> redundancy_weights(const ExplanationContext& context, const Tensor& texts) {
  const std::span<const float> z = context.recorded().record().at("vision.normalized").row(0);
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t t = 0; t < texts.rows(); ++t) {
    weights.push_back(std::exp(2 * kernels::dot(z.data(), texts.row(t).data(), texts.width())));
    sum += weights.back();
  }
  for (double& weight : weights) weight *= double(weights.size()) / sum;
  return weights;
}

/// The embedding of the empty text, (1, projection), normalised: the component common to all texts,
/// as in the authors' demo. Throws Error if the text itself is empty.
Tensor empty_text(const ExplanationContext& context, const Tensor& text) {
  constexpr double kRounding = 1e-5;
  const std::string no_text;
  Tensor empty = context.clip().encode_text({&no_text, 1});
  const float inverse = inverse_norm(empty.row(0));
  for (float& v : empty.row(0)) v *= inverse;
  if (kernels::dot(empty.row(0).data(), text.row(0).data(), text.width()) > 1 - kRounding) {
    throw Error("clip-surgery: features",
                "\"surgery\" subtracts the empty text from a single prompt, and this prompt is "
                "empty: use another prompt, or \"plain\"");
  }
  return empty;
}

/// u (ŷ · T − ŷ · T_∅) times the logit scale for each patch's token y in the joint space and the
/// target u T of a single text; T_∅ is the empty text.
std::vector<float> patch_scores_without_empty(const ExplanationContext& context, const Texts& texts,
                                              const Tensor& joint) {
  const Tensor empty = empty_text(context, texts.embeddings);
  const double scale = double(context.clip().logit_scale()) * texts.weights[0];
  std::vector<float> result;
  for (std::int64_t t = 1; t < joint.rows(); ++t) {
    const auto along = [&](const Tensor& text) {
      return kernels::dot(joint.row(t).data(), text.row(0).data(), joint.width());
    };
    result.push_back(float(scale * double(inverse_norm(joint.row(t))) *
                           (along(texts.embeddings) - along(empty))));
  }
  return result;
}

/// Σ_c u_c (w_c ŷ · T_c − mean_k w_k ŷ · T_k) times the logit scale for each patch's token y in the
/// joint space and the target Σ_c u_c T_c: each class without the component common to all.
std::vector<float> patch_scores_without_common(const ExplanationContext& context,
                                               const Tensor& tokens) {
  const Texts texts = texts_of(context);
  const Tensor joint = joint_tokens(context, tokens);
  if (texts.embeddings.rows() == 1) return patch_scores_without_empty(context, texts, joint);
  const std::vector<double> redundancy = redundancy_weights(context, texts.embeddings);
  std::vector<float> result;
  for (std::int64_t t = 1; t < joint.rows(); ++t) {
    const double inverse = double(inverse_norm(joint.row(t)));
    double own = 0, mean = 0, count = 0;
    for (std::size_t c = 0; c < redundancy.size(); ++c) {
      const double value =
          redundancy[c] * inverse *
          kernels::dot(joint.row(t).data(), texts.embeddings.row(std::int64_t(c)).data(),
                       joint.width());
      own += texts.weights[c] * value;
      mean += value / double(redundancy.size());
      count += texts.weights[c];
    }
    result.push_back(float(double(context.clip().logit_scale()) * (own - count * mean)));
  }
  return result;
}

/// x ← x + W_O softmax(v vᵀ/√d) v + b_O over the last blocks, with v of the original forward pass.
Attribution clip_surgery(ExplanationContext& context, const MethodSettings& settings,
                         const Progress&) {
  const Record& record = context.recorded().record();
  const int blocks = block_count(context), first = std::max(0, blocks - settings.count("depth"));
  const AttentionMaskPtr all_tokens = AttentionMask::full(1, context.patches() + 1);
  Tensor tokens = record.at(block_input(first)).clone();
  for (int block = first; block < blocks; ++block) {
    const std::string scope = block_scope(block);
    Trace trace(context.workspace());
    const Value v = trace.input(scope + "v", record.at(scope + "v").clone());
    const Value mixed = attention(trace, scope, v, v, v, all_tokens, head_count(context));
    const Tensor written = apply_op(context, scope + "attn_out", {mixed.tensor.get()});
    tokens = apply_op(context, scope + "resid_mid", {&tokens, &written});
  }
  return {.patches = settings.word("features") == "surgery"
                         ? patch_scores_without_common(context, tokens)
                         : patch_scores(context, tokens)};
}

/// ∂s/∂y for s = direction · normalise(P ln_post(mean of the tokens y)): the same row for each
/// token.
Tensor mean_token_gradient(ExplanationContext& context, const Tensor& tokens) {
  Tensor mean = context.workspace().tensor(1, tokens.width());
  for (std::int64_t k = 0; k < tokens.width(); ++k) {
    double sum = 0;
    for (std::int64_t t = 0; t < tokens.rows(); ++t) sum += double(tokens.row(t)[std::size_t(k)]);
    mean.row(0)[std::size_t(k)] = float(sum / double(tokens.rows()));
  }
  const Record& towers = context.recorded().record();
  Record record;
  Trace trace(context.workspace(), record);
  Value value = trace.input("mean token", std::move(mean));
  value = trace.apply("", "pooled", op_at(towers, "vision.pooled"), {value});
  value = trace.apply("", "embedding", op_at(towers, "vision.embedding"), {value});
  trace.apply("", "normalized", std::make_shared<Normalise>(), {value});
  const std::vector<float>& direction = context.target().direction;
  const BackwardResult backward =
      propagate_backward(context.workspace(), record, gradient_rules(), "normalized",
                         Tensor::from(1, std::int64_t(direction.size()), direction), {"mean token"},
                         {.additive_terms = false});
  const Tensor& gradient = backward.gradients.at("mean token");
  Tensor result = context.workspace().tensor(tokens.rows(), tokens.width());
  for (std::int64_t t = 0; t < result.rows(); ++t) {
    std::ranges::transform(gradient.row(0), result.row(t).begin(),
                           [&](float g) { return float(double(g) / double(tokens.rows())); });
  }
  return result;
}

/// mean over heads and queries of (∂s/∂A)⁺ in one block, for each token as a key.
std::vector<double> legrad_layer(ExplanationContext& context, int block) {
  const Record& record = context.all_rows();
  const std::string scope = block_scope(block), pattern = scope + "pattern";
  const BackwardResult backward =
      propagate_backward(context.workspace(), record, gradient_rules(), scope + "resid_post",
                         mean_token_gradient(context, record.at(scope + "resid_post")),
                         {pattern, scope + "v", block_input(block)}, {.additive_terms = false});
  const Tensor& gradient = backward.gradients.at(pattern);
  std::vector<double> result(std::size_t(gradient.width()), 0.0);
  for (std::int64_t r = 0; r < gradient.rows(); ++r) {
    for (std::size_t j = 0; j < result.size(); ++j) {
      result[j] += std::max(0.0, double(gradient.row(r)[j])) / double(gradient.rows());
    }
  }
  return result;
}

Attribution legrad(ExplanationContext& context, const MethodSettings& settings,
                   const Progress& progress) {
  const int start = block_of(context, settings, "start"), blocks = block_count(context);
  std::vector<double> sum(std::size_t(context.patches()) + 1, 0.0);
  for (int block = start; block < blocks; ++block) {
    report_progress(progress, "layers", block - start, blocks - start);
    const std::vector<double> layer = legrad_layer(context, block);
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += layer[j] / (blocks - start);
  }
  return {.patches = patches_of(sum)};
}

/// The last block's attention for Grad-ECLIP.
struct LastAttention {
  Tensor q, k;      ///< (1, width) of the class token and (tokens, width), for the cosine
  Tensor gradient;  ///< (1, width): ∂S/∂z of the class token, z before the output matrix
};

/// Recomputes all steps of the record that depend on a value, with another value in its place.
Value rerun(Trace& trace, const Record& record, const std::string& from, const Value& value) {
  std::map<int, Value> changed{{record.id(from), value}};
  Value result = value;
  for (const Step& step : record.steps()) {
    const auto is_changed = [&](int id) { return changed.contains(id); };
    if (std::ranges::none_of(step.inputs, is_changed)) continue;
    const auto input = [&](std::size_t i) {
      const int id = step.inputs[i];
      return is_changed(id) ? changed.at(id)
                            : trace.input(fmt::format("input {} of {}", i, step.name),
                                          record.value(id).clone());
    };
    result = step.inputs.size() == 1 ? trace.apply("", step.name, step.op, {input(0)})
                                     : trace.apply("", step.name, step.op, {input(0), input(1)});
    changed[step.output] = result;
  }
  return result;
}

LastAttention attention_of_model(ExplanationContext& context, const Progress& progress) {
  const Record& record = context.recorded().record();
  const std::string scope = block_scope(block_count(context) - 1);
  return {record.at(scope + "q").clone(), record.at(scope + "k").clone(),
          gradient_at(context, scope + "z", progress)};
}

/// As in the authors' code: one head in the last block, q and k multiplied by the output matrix.
LastAttention attention_as_released(ExplanationContext& context) {
  const Record& record = context.recorded().record();
  const std::string scope = block_scope(block_count(context) - 1);
  const Tensor &q = record.at(scope + "q"), &k = record.at(scope + "k");
  Trace unrecorded(context.workspace());
  const Value mixed = attention(unrecorded, scope, unrecorded.input("q", q.clone()),
                                unrecorded.input("k", k.clone()),
                                unrecorded.input("v", record.at(scope + "v").clone()),
                                AttentionMask::full_one_query(1, context.patches() + 1), 1);
  Record changed;
  Trace trace(context.workspace(), changed);
  rerun(trace, record, scope + "z", trace.input(scope + "z", mixed->clone()));
  const std::vector<float>& direction = context.target().direction;
  BackwardResult backward =
      propagate_backward(context.workspace(), changed, gradient_rules(), "vision.normalized",
                         Tensor::from(1, std::int64_t(direction.size()), direction), {scope + "z"},
                         {.additive_terms = false});
  return {apply_op(context, scope + "attn_out", {&q}), apply_op(context, scope + "attn_out", {&k}),
          std::move(backward.gradients.at(scope + "z"))};
}

/// cos(q, k_p) of the patches, min-max normalised; all 1 if they are equal.
std::vector<double> loosened_attention(const LastAttention& attention) {
  std::vector<double> result;
  const std::int64_t width = attention.k.width();
  const float* q = attention.q.row(0).data();
  for (std::int64_t t = 1; t < attention.k.rows(); ++t) {
    const float* k = attention.k.row(t).data();
    result.push_back(kernels::dot(q, k, width) /
                     std::sqrt(kernels::dot(q, q, width) * kernels::dot(k, k, width)));
  }
  const auto [least, most] = std::ranges::minmax(result);
  for (double& value : result) value = most > least ? (value - least) / (most - least) : 1;
  return result;
}

/// relu(λ_p Σ_c ∂S/∂z_c v_pc)
Attribution grad_eclip(ExplanationContext& context, const MethodSettings& settings,
                       const Progress& progress) {
  const LastAttention attention = settings.word("variant") == "released"
                                      ? attention_as_released(context)
                                      : attention_of_model(context, progress);
  const Tensor& v = context.recorded().record().at(block_scope(block_count(context) - 1) + "v");
  const std::vector<double> weights = loosened_attention(attention);
  Attribution result;
  for (std::int64_t t = 1; t < v.rows(); ++t) {
    const double sum = kernels::dot(attention.gradient.data(), v.row(t).data(), v.width());
    result.patches.push_back(float(std::max(0.0, weights[std::size_t(t - 1)] * sum)));
  }
  return result;
}

}  // namespace

std::vector<Method> clip_methods() {
  return {
      {{.name = "legrad",
        .family = MethodFamily::kClip,
        .summary = "positive gradient of each block's mean-token score with respect to the "
                   "attention to a patch, mean over heads, queries and blocks",
        .reference =
            "Bousselham et al., LeGrad, 2025, as in the authors' code for CLIP, which starts at "
            "the second last block (start=-2); mean instead of a min-max normalised sum",
        .cost = "2 F + B",
        .is_signed = false,
        .options = {block_option("start", "first block included", 0)}},
       legrad},
      {{.name = "grad-eclip",
        .family = MethodFamily::kClip,
        .summary = "values of the last attention × target's gradient × cosine of the patch's key "
                   "and the class token's query, positive part",
        .reference = "Zhao et al., Gradient-based Visual Explanation for CLIP, 2024; released: as "
                     "in the authors' code, with one head in the last block and queries and keys "
                     "multiplied by the output matrix",
        .cost = "F + F of one block",
        .is_signed = false,
        .options = {MethodOption::choice("variant",
                                         "last block as in the model, or as in the authors' code",
                                         {"model", "released"})}},
       grad_eclip},
      {{.name = "maskclip",
        .family = MethodFamily::kClip,
        .summary =
            "target's score of each patch's last-block value vector, projected to the joint space",
        .reference = "Zhou et al., Extract Free Dense Labels from CLIP, 2022, section 3.2; "
                     "released: as in the authors' code, with the residual stream and the MLP",
        .cost = "F",
        .in_logits = true,
        .options = {MethodOption::choice(
            "variant", "value vectors only, or as in the authors' code", {"values", "released"})}},
       maskclip},
      {{.name = "clip-surgery",
        .family = MethodFamily::kClip,
        .summary = "target's score of each patch token after value-value attention without MLPs; "
                   "features=surgery subtracts the mean over the classes",
        .reference =
            "Li et al., A Closer Look at the Explainability of Contrastive Language-Image "
            "Pre-training, 2025; depth and weights of feature surgery as in the authors' code",
        .cost = "F + attention of the last blocks",
        .in_logits = true,
        .options = {MethodOption::count("depth", "number of last blocks with value-value attention",
                                        6, 1, 999),
                    MethodOption::choice(
                        "features",
                        "target's score, or minus the mean over the classes (needs classes)",
                        {"plain", "surgery"})}},
       clip_surgery},
  };
}

}  // namespace whyclip
