#pragma once

#include "whyclip/attribution/attribution.h"
#include "whyclip/attribution/text_side.h"
#include "whyclip/metrics/certificate_result.h"
#include "whyclip/results/common.h"
#include "whyclip/results/fields.h"

// The fields of structs that several results have (see fields.h).

namespace whyclip {

using results::Describes;

inline std::vector<Verdict> all_values(Verdict*) {
  return {Verdict::kSupported, Verdict::kWeak, Verdict::kNotBetterThanRandom};
}

template <class V, class T>
requires Describes<T, ModelInfo>
void describe(V& field, T& model) {
  field("name", model.name, "the checkpoint's name");
  field("logit_scale", model.logit_scale, "logit = this × cosine similarity");
}

template <class V, class T>
requires Describes<T, Rectangle>
void describe(V& field, T& area) {
  field("left", area.left, "");
  field("top", area.top, "");
  field("width", area.width, "");
  field("height", area.height, "");
}

template <class V, class T>
requires Describes<T, PatchGrid>
void describe(V& field, T& grid) {
  field("rows", grid.rows, "");
  field("columns", grid.columns, "");
  field("area", grid.area, "where the patches lie, in pixels of the image");
}

template <class V, class T>
requires Describes<T, ImageInfo>
void describe(V& field, T& image) {
  field("name", image.name, "as the caller named it: a path");
  field("width", image.width, "pixels, upright");
  field("height", image.height, "pixels, upright");
  field("whole", image.whole, "the whole image instead of the centre crop");
  field("input_width", image.input_width, "pixels that the model reads");
  field("input_height", image.input_height, "pixels that the model reads");
  field("patch_size", image.patch_size, "pixels of the model's input");
  field("grid", image.grid, "the patch grid");
}

template <class V, class T>
requires Describes<T, TargetInfo>
void describe(V& field, T& target) {
  field("kind", target.kind, "prompt, class, contrast or feature");
  field("name", target.name, "for the reader");
  field("unit", target.unit, "logit, or feature for entries of the image embedding");
  field("value", target.value, "what is explained");
}

template <class V, class T>
requires Describes<T, ScoreRow>
void describe(V& field, T& row) {
  field("name", row.name, "class or prompt");
  field("similarity", row.similarity, "cosine");
  field("logit", row.logit, "");
  field("probability", row.probability, "softmax over all rows");
  field("explained", row.explained, "");
}

template <class V, class T>
requires Describes<T, SkippedImage>
void describe(V& field, T& image) {
  field("name", image.name, "as the caller named it: a path");
  field("reason", image.reason, "why it could not be used");
}

template <class V, class T>
requires Describes<T, Contribution>
void describe(V& field, T& part) {
  field("trace_point", part.trace_point, "of the op that adds it");
  field("contribution", part.contribution, "");
}

template <class V, class T>
requires Describes<T, Balance>
void describe(V& field, T& balance) {
  field("trace_point", balance.trace_point, "of the op's output");
  field("op", balance.op, "");
  field("rule", balance.rule, "");
  field("output", balance.output, "what came in at the output");
  field("inputs", balance.inputs, "what went on to the inputs");
  field("additive_term", balance.additive_term, "what the op's own parameter got");
  field.computed("leak", balance.leak(), "output − inputs − additive_term");
  field("size", balance.size, "Σ |contribution| over the output: the scale of rounding errors");
}

template <class V, class T>
requires Describes<T, SourceLedger>
void describe(V& field, T& ledger) {
  field("class_token", ledger.class_token, "the learned class embedding");
  field("position_embedding", ledger.position_embedding, "all position embeddings");
  field("biases", ledger.biases, "in the order of the network");
  field("cancellation", ledger.cancellation, "Σ|c| / |Σ c| over all sources");
  field("stream", ledger.stream,
        "(blocks + 1, 1 + patches): contributions of the residual stream's tokens, class token "
        "first");
  field("balances", ledger.balances, "what each op conserved");
}

template <class V, class T>
requires Describes<T, Attribution>
void describe(V& field, T& map) {
  field("method", map.method, "");
  field("family", map.family, "");
  field("options", map.options, "name and value of options that differ from the defaults");
  field("in_logits", map.in_logits, "whether the values are in units of the target");
  field("complete", map.complete, "whether patches and elsewhere add up to the total in this run");
  field("signed", map.is_signed, "whether values can be negative (evidence against the target)");
  field("patches", map.patches, "rows × columns of the grid, row by row");
  field("elsewhere", map.elsewhere, "what is not on the patches");
  field("total", map.total, "what patches and elsewhere should add up to");
  field.computed("patch_sum", map.patch_sum(), "");
  field.computed("sum", map.sum(), "patches and elsewhere");
  field.computed("residual", map.residual(), "total − sum");
  field.computed("region_statistic", map.region_statistic(),
                 "how the value of a region is made of its patches: sum if in units of the target, "
                 "otherwise mean");
  field("ledger", map.ledger, "what elsewhere is made of, for methods that follow rules");
  field("seconds", map.seconds, "wall time of the method, where it was measured");
  field("notes", map.notes, "");
}

template <class V, class T>
requires Describes<T, LedgerBlock>
void describe(V& field, T& block) {
  field("heads", block.heads, "what each head brings through the values that it reads");
  field("head_tokens", block.head_tokens,
        "(heads, 1 + patches): the same by the token that is read, class token first");
  field("attention_bias", block.attention_bias, "");
  field("mlp", block.mlp, "without its bias");
  field("mlp_bias", block.mlp_bias, "");
  field.computed("attention", block.attention(), "sum over the heads");
  field.computed("sum", block.sum(), "");
}

template <class V, class T>
requires Describes<T, ComponentLedger>
void describe(V& field, T& ledger) {
  field("embedding", ledger.embedding, "the class token before the first block");
  field("embedding_bias", ledger.embedding_bias, "β of the first norm");
  field("blocks", ledger.blocks, "");
  field("last_bias", ledger.last_bias, "β of the last norm");
  field("sum", ledger.sum, "");
  field("residual", ledger.residual, "target − sum");
  field.computed("cancellation", ledger.cancellation(), "Σ|c| / |Σ c| over all entries");
}

template <class V, class T>
requires Describes<T, TokenContribution>
void describe(V& field, T& token) {
  field("piece", token.piece, "");
  field("begin", token.begin, "first byte in the prompt");
  field("end", token.end, "byte behind the last");
  field("contribution", token.contribution, "");
}

template <class V, class T>
requires Describes<T, WordContribution>
void describe(V& field, T& word) {
  field("text", word.text, "");
  field("begin", word.begin, "first byte in the prompt");
  field("end", word.end, "byte behind the last");
  field("contribution", word.contribution, "");
  field("class_name", word.class_name, "whether it is of the class's name");
  field("tokens", word.tokens, "");
}

template <class V, class T>
requires Describes<T, PromptContributions>
void describe(V& field, T& prompt) {
  field("text", prompt.text, "");
  field("weight", prompt.weight, "of its normalised embedding in the target");
  field("truncated", prompt.truncated, "longer than the model's context");
  field("logit", prompt.logit, "weight × the prompt's own logit");
  field("words", prompt.words, "");
  field("start", prompt.start, "the start token");
  field("end", prompt.end, "the end-of-text token");
  field("positions", prompt.positions, "all position embeddings");
  field("biases", prompt.biases, "");
  field("sum", prompt.sum, "");
  field("residual", prompt.residual, "logit − sum");
}

template <class V, class T>
requires Describes<T, WordTotal>
void describe(V& field, T& word) {
  field("text", word.text, "");
  field("class_name", word.class_name, "");
  field("count", word.count, "how often the prompts have it");
  field("contribution", word.contribution, "over all prompts");
}

template <class V, class T>
requires Describes<T, TextContributions>
void describe(V& field, T& text) {
  field("target_kind", text.target_kind, "");
  field("target_name", text.target_name, "");
  field("logit", text.logit, "");
  field("prompts", text.prompts, "");
  field("class_words", text.class_words, "of the class names in the prompts");
  field("other_words", text.other_words, "");
  field("start", text.start, "the start tokens");
  field("end", text.end, "the end-of-text tokens");
  field("positions", text.positions, "all position embeddings");
  field("biases", text.biases, "in the order of the network");
  field("sum", text.sum, "");
  field("residual", text.residual, "logit − sum");
  field("words", text.words, "over all prompts, the largest first");
}

template <class V, class T>
requires Describes<T, Interaction>
void describe(V& field, T& table) {
  field("target_kind", table.target_kind, "");
  field("target_name", table.target_name, "");
  field("logit", table.logit, "");
  field("words", table.words, "rows");
  field("regions", table.regions, "columns; then class token, positions and biases");
  field("contributions", table.contributions, "(words, regions), row by row");
  field("word_sums", table.word_sums, "");
  field("region_sums", table.region_sums, "");
  field("sum", table.sum, "");
  field("residual", table.residual, "logit − sum");
}

template <class V, class T>
requires Describes<T, RemovalCurve>
void describe(V& field, T& curve) {
  field("score", curve.score, "the target's value while patches are removed in equal steps");
  field("correct", curve.correct, "1 while the target class has the highest score; may be empty");
}

template <class V, class T>
requires Describes<T, RemovalCurves>
void describe(V& field, T& curves) {
  field("most_first", curves.most_first, "the most relevant patches removed first");
  field("least_first", curves.least_first, "the least relevant patches removed first");
}

template <class V, class T>
requires Describes<T, Certificate>
void describe(V& field, T& certificate) {
  field("verdict", certificate.verdict, "");
  field("sentence", certificate.sentence, "the evidence in words, without the verdict");
  field("p_value", certificate.p_value, "one-sided permutation test of the gain");
  field("deletion", certificate.deletion, "area under the curve, most relevant first");
  field("insertion", certificate.insertion, "area under the curve, least relevant first");
  field("gain", certificate.gain, "insertion − deletion (symmetric relevance gain)");
  field("random_gains", certificate.random_gains, "of random orders, each before its reverse");
  field("random_curve", certificate.random_curve, "mean target value over the random orders");
  field("random_area", certificate.random_area, "area under random_curve");
  field("gaussian_gain", certificate.gaussian_gain, "of the order from the centre outwards");
  field("residual", certificate.residual, "|score − Σ contributions| / |score|");
  field("stability", certificate.stability, "rank correlation with maps of noisy images");
  field("curves", certificate.curves, "");
}

}  // namespace whyclip
