#include "whyclip/methods/prompt_gradients.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "whyclip/core/error.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// Copies per batch: a prompt has few tokens, and matrix products are faster with many rows.
constexpr int kBatch = 16;

}  // namespace

TokenSpace::TokenSpace(const PromptContext& prompt)
    : prompt_(prompt), input_(prompt.record().at(trace_points::kTextTokens).values()) {}

std::vector<float> TokenSpace::gradient(const Progress& progress) const {
  const BackwardResult backward = prompt_.backward_pass(
      gradient_rules(), trace_points::kTextTokens, {.additive_terms = false, .progress = progress});
  const auto values = backward.gradients.at(std::string(trace_points::kTextTokens)).values();
  return {values.begin(), values.end()};
}

Value TokenSpace::embeddings(Trace& trace, int begin, int count, const Fill& fill) const {
  const std::int64_t width = prompt_.record().at(trace_points::kTextTokens).width();
  Tensor inputs = prompt_.workspace().tensor(std::int64_t(count) * prompt_.tokens(), width);
  for (int i = 0; i < count; ++i) {
    fill(begin + i, inputs.values().subspan(std::size_t(i) * size(), size()));
  }
  const Value tokens = trace.input(std::string(trace_points::kTextTokens), std::move(inputs));
  return prompt_.clip().text().encode(trace, tokens, prompt_.tree(count));
}

void TokenSpace::each_gradient(int count, const Fill& fill, const Take& take,
                               std::string_view stage, const Progress& progress) const {
  const Workspace& workspace = prompt_.workspace();
  for (int begin = 0; begin < count; begin += kBatch) {
    report_progress(progress, stage, begin, count);
    const int some = std::min(kBatch, count - begin);
    Record record;
    Trace trace(workspace, record);
    const Value embedded = embeddings(trace, begin, some, fill);
    trace.apply("text.", "normalized", std::make_shared<Normalise>(), {embedded});
    Tensor seed = workspace.tensor(some, embedded->width());
    for (int i = 0; i < some; ++i) std::ranges::copy(prompt_.direction(), seed.row(i).begin());
    const BackwardResult backward =
        propagate_backward(workspace, record, gradient_rules(), trace_points::kText,
                           std::move(seed), {trace_points::kTextTokens}, {.additive_terms = false});
    const auto gradients = backward.gradients.at(std::string(trace_points::kTextTokens)).values();
    for (int i = 0; i < some; ++i) {
      take(begin + i, prompt_.value_of(embedded->row(i)),
           gradients.subspan(std::size_t(i) * size(), size()));
    }
  }
}

std::vector<double> TokenSpace::values(int count, const Fill& fill, std::string_view stage,
                                       const Progress& progress) const {
  std::vector<double> result;
  for (int begin = 0; begin < count; begin += kBatch) {
    report_progress(progress, stage, begin, count);
    const int some = std::min(kBatch, count - begin);
    Trace trace(prompt_.workspace());
    const Value embedded = embeddings(trace, begin, some, fill);
    for (int i = 0; i < some; ++i) result.push_back(prompt_.value_of(embedded->row(i)));
  }
  return result;
}

std::vector<float> TokenSpace::baseline(std::string_view name) const {
  std::vector<float> result(size(), 0.0f);
  if (name == "zero") return result;
  if (name != "mean") {
    throw Error("baseline",
                fmt::format("\"{}\" is defined for images only; use zero or mean for words", name));
  }
  const auto tokens = std::size_t(prompt_.tokens()), width = size() / tokens;
  for (std::size_t k = 0; k < width; ++k) {
    double sum = 0;
    for (std::size_t t = 0; t < tokens; ++t) sum += double(input_[t * width + k]);
    for (std::size_t t = 0; t < tokens; ++t) result[t * width + k] = float(sum / double(tokens));
  }
  return result;
}

std::vector<double> TokenSpace::by_tokens(
    std::span<const double> values,
    const std::function<double(std::span<const double>)>& reduce) const {
  const auto tokens = std::size_t(prompt_.tokens()), width = size() / tokens;
  std::vector<double> result;
  for (std::size_t t = 0; t < tokens; ++t)
    result.push_back(reduce(values.subspan(t * width, width)));
  return result;
}

}  // namespace whyclip
