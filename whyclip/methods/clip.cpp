// Methods made for CLIP's image tower: what patches' own tokens say in the joint space, and
// gradients of the last attention.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
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

Tensor applied(const ExplanationContext& context, const std::string& trace_point,
               std::initializer_list<const Tensor*> in) {
  return op_at(context.recorded().record(), trace_point)
      ->forward(context.workspace(), Inputs(in.begin(), in.size()), nullptr);
}

/// Tokens in the joint space, read as the class token is: P · ln_post(token), not normalised.
Tensor joint_tokens(const ExplanationContext& context, const Tensor& tokens) {
  const Tensor normed = applied(context, "vision.pooled", {&tokens});
  return applied(context, "vision.embedding", {&normed});
}

/// direction · ŷ of each patch's token y in the joint space.
std::vector<float> read_patches(const ExplanationContext& context, const Tensor& tokens) {
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
  Tensor tokens = applied(context, scope + "attn_out", {&record.at(scope + "v")});
  if (settings.word("variant") == "released") {
    tokens = applied(context, scope + "resid_mid", {&record.at(block_input(last)), &tokens});
    const Tensor normed = applied(context, scope + "ln2", {&tokens}),
                 inner = applied(context, scope + "mlp_pre", {&normed}),
                 active = applied(context, scope + "mlp_post", {&inner}),
                 mlp = applied(context, scope + "mlp_out", {&active});
    tokens = applied(context, scope + "resid_post", {&tokens, &mlp});
  }
  return {.patches = read_patches(context, tokens)};
}

/// The texts that a question compares, (texts, projection), normalised; and the target as the sum
/// of them with these weights, times the logit scale.
struct Texts {
  const Tensor& embeddings;
  std::vector<double> weights;
};

/// Whether the weighted sum of the texts, times the scale, is the direction up to rounding.
bool make_up(const Texts& texts, std::span<const float> direction, double scale) {
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

/// Throws Error unless the context has a question and its target is of whole classes, or of prompts
/// where there are no classes.
Texts texts_of(const ExplanationContext& context) {
  constexpr const char* kWhere = "clip-surgery: features";
  const ZeroShot* classifier = context.zero_shot();
  if (classifier == nullptr) {
    throw Error(kWhere,
                "\"surgery\" takes away what all classes share, and there are no classes "
                "here: give some, or take \"plain\"");
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
  // A prompt of a class has a part along the class's embedding, and is not that part.
  if (!make_up(texts, context.target().direction, double(context.clip().logit_scale()))) {
    throw Error(kWhere, fmt::format("\"surgery\" compares classes, and \"{}\" is not made of them: "
                                    "ask for a class or a contrast of classes, or take \"plain\"",
                                    context.target().name));
  }
  return texts;
}

/// How much each text counts: softmax over the texts of 2 cos(z, T), divided by its mean.
std::vector<double> obviousness(const ExplanationContext& context, const Tensor& texts) {
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

/// The embedding of the empty text, (1, projection), normalised: what a single text contributions
/// with every other, as the authors' demo has it. Throws Error if the text is the empty one itself.
Tensor empty_text(const ExplanationContext& context, const Tensor& text) {
  constexpr double kRounding = 1e-5;
  const std::string nothing;
  Tensor empty = context.clip().encode_text({&nothing, 1});
  const float inverse = inverse_norm(empty.row(0));
  for (float& v : empty.row(0)) v *= inverse;
  if (kernels::dot(empty.row(0).data(), text.row(0).data(), text.width()) > 1 - kRounding) {
    throw Error("clip-surgery: features",
                "\"surgery\" takes the empty text away from a single prompt, and this prompt is "
                "empty: give another, or take \"plain\"");
  }
  return empty;
}

/// Of each patch's token y in the joint space, u (ŷ · T − ŷ · T_∅) times the logit scale for the
/// target u T of a single text, T_∅ being the empty one.
std::vector<float> read_without_empty(const ExplanationContext& context, const Texts& texts,
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

/// Of each patch's token y in the joint space, Σ_c u_c (w_c ŷ · T_c − mean_k w_k ŷ · T_k) times the
/// logit scale for the target Σ_c u_c T_c: what is left of each class without what all share.
std::vector<float> read_without_shared(const ExplanationContext& context, const Tensor& tokens) {
  const Texts texts = texts_of(context);
  const Tensor joint = joint_tokens(context, tokens);
  if (texts.embeddings.rows() == 1) return read_without_empty(context, texts, joint);
  const std::vector<double> obvious = obviousness(context, texts.embeddings);
  std::vector<float> result;
  for (std::int64_t t = 1; t < joint.rows(); ++t) {
    const double inverse = double(inverse_norm(joint.row(t)));
    double own = 0, mean = 0, count = 0;
    for (std::size_t c = 0; c < obvious.size(); ++c) {
      const double value =
          obvious[c] * inverse *
          kernels::dot(joint.row(t).data(), texts.embeddings.row(std::int64_t(c)).data(),
                       joint.width());
      own += texts.weights[c] * value;
      mean += value / double(obvious.size());
      count += texts.weights[c];
    }
    result.push_back(float(double(context.clip().logit_scale()) * (own - count * mean)));
  }
  return result;
}

/// x ← x + W_O softmax(v vᵀ/√d) v + b_O over the last blocks, their v from the model's own path.
Attribution clip_surgery(ExplanationContext& context, const MethodSettings& settings,
                         const Progress&) {
  const Record& record = context.recorded().record();
  const int blocks = block_count(context), first = std::max(0, blocks - settings.count("depth"));
  const AttentionMaskPtr everyone = AttentionMask::full(1, context.patches() + 1);
  Tensor tokens = record.at(block_input(first)).clone();
  for (int block = first; block < blocks; ++block) {
    const std::string scope = block_scope(block);
    Trace trace(context.workspace());
    const Value v = trace.input(scope + "v", record.at(scope + "v").clone());
    const Value mixed = attention(trace, scope, v, v, v, everyone, head_count(context));
    const Tensor written = applied(context, scope + "attn_out", {mixed.tensor.get()});
    tokens = applied(context, scope + "resid_mid", {&tokens, &written});
  }
  return {.patches = settings.word("features") == "surgery" ? read_without_shared(context, tokens)
                                                            : read_patches(context, tokens)};
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

/// The last block's attention as Grad-ECLIP reads it.
struct LastAttention {
  Tensor q, k;      ///< (1, width) of the class token, (tokens, width): what is compared
  Tensor gradient;  ///< (1, width): ∂S/∂z of the class token, z before the output matrix
};

/// Applies everything that follows a value of the record once more, with another value there.
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

/// As the authors' program has it: one head in the last block, q and k through the output matrix.
LastAttention attention_as_released(ExplanationContext& context) {
  const Record& record = context.recorded().record();
  const std::string scope = block_scope(block_count(context) - 1);
  const Tensor &q = record.at(scope + "q"), &k = record.at(scope + "k");
  Trace forgetting(context.workspace());
  const Value mixed = attention(forgetting, scope, forgetting.input("q", q.clone()),
                                forgetting.input("k", k.clone()),
                                forgetting.input("v", record.at(scope + "v").clone()),
                                AttentionMask::full_one_query(1, context.patches() + 1), 1);
  Record changed;
  Trace trace(context.workspace(), changed);
  rerun(trace, record, scope + "z", trace.input(scope + "z", mixed->clone()));
  const std::vector<float>& direction = context.target().direction;
  BackwardResult backward =
      propagate_backward(context.workspace(), changed, gradient_rules(), "vision.normalized",
                         Tensor::from(1, std::int64_t(direction.size()), direction), {scope + "z"},
                         {.additive_terms = false});
  return {applied(context, scope + "attn_out", {&q}), applied(context, scope + "attn_out", {&k}),
          std::move(backward.gradients.at(scope + "z"))};
}

/// cos(q, k_p) of the patches, stretched to [0, 1]; all 1 where they do not differ.
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
  std::vector<Method> methods{
      {{.name = "legrad",
        .family = MethodFamily::kClip,
        .summary = "how much more attention to a patch would raise the score of each block's mean "
                   "token, over heads, queries and blocks",
        .reference =
            "Bousselham et al., LeGrad, 2025, as the authors' program has it for CLIP, which "
            "begins with the last but one block: start -2; the mean instead of a stretched "
            "sum",
        .cost = "2 F + B",
        .is_signed = false,
        .options = {block_option("start", "the first block that counts", 0)}},
       legrad},
      {{.name = "grad-eclip",
        .family = MethodFamily::kClip,
        .summary = "a patch's values in the last attention by the target's gradient there and by "
                   "how alike its key is to the class token's query",
        .reference =
            "Zhao et al., Gradient-based Visual Explanation for CLIP, 2024; released: as the "
            "authors' program, with one head in the last block and queries and keys taken "
            "through the output matrix",
        .cost = "F + a block",
        .is_signed = false,
        .options = {MethodOption::choice("variant",
                                         "the model's own last block, or that of the program",
                                         {"model", "released"})}},
       grad_eclip},
      {{.name = "maskclip",
        .family = MethodFamily::kClip,
        .summary = "the target's value for each patch alone: its value vector of the last block, "
                   "in the joint space",
        .reference =
            "Zhou et al., Extract Free Dense Labels from CLIP, 2022, section 3.2; released: "
            "as the authors' program, with the residual stream and the MLP",
        .cost = "F",
        .in_logits = true,
        .options = {MethodOption::choice("variant", "values alone, or as the program",
                                         {"values", "released"})}},
       maskclip},
      {{.name = "clip-surgery",
        .family = MethodFamily::kClip,
        .summary = "the target's value for each patch after blocks whose values attend to each "
                   "other, without MLPs; features=surgery takes away what all classes share",
        .reference = "Li et al., A Closer Look at the Explainability of Contrastive Language-Image "
                     "Pre-training, 2025; depth, and the weights of feature surgery, as in the "
                     "authors' program",
        .cost = "F + attention of the last blocks",
        .in_logits = true,
        .options = {MethodOption::count("depth", "how many of the last blocks, at most all", 6, 1,
                                        999),
                    MethodOption::choice("features",
                                         "the target as it is, or without what all classes share "
                                         "(classes must be given)",
                                         {"plain", "surgery"})}},
       clip_surgery},
      head_tokens_method(),
  };
  std::ranges::move(bottleneck_methods(), std::back_inserter(methods));
  return methods;
}

}  // namespace whyclip
