#include "whyclip/methods/prompt_blocks.h"

#include <fmt/format.h>

#include <map>

#include "whyclip/core/error.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

std::string scope_of(int block) { return fmt::format("text.blocks.{}.", block); }

}  // namespace

int block_count(const PromptContext& prompt) { return prompt.clip().config().text.tower.layers; }

int head_count(const PromptContext& prompt) { return prompt.clip().config().text.tower.heads; }

int block_of(const PromptContext& prompt, const MethodSettings& settings, std::string_view option) {
  return block_among(block_count(prompt), "text", settings, option);
}

std::string text_block_input(int block) {
  return block == 0 ? "text.embedded" : scope_of(block - 1) + "resid_post";
}

const Tensor& pattern_of(const PromptContext& prompt, int block) {
  return prompt.record().at(scope_of(block) + "pattern");
}

void each_pattern_gradient(const PromptContext& prompt, int first, const Progress& progress,
                           const PatternVisit& visit) {
  std::map<std::string, int> blocks;
  for (int i = first; i < block_count(prompt); ++i) blocks[scope_of(i) + "pattern"] = i;
  prompt.backward_pass(gradient_rules(), text_block_input(first),
                       {.additive_terms = false,
                        .observe =
                            [&](const Step& step, const Tensor& flow) {
                              const auto found = blocks.find(step.name);
                              if (found == blocks.end()) return;
                              visit(found->second, prompt.record().value(step.output), flow);
                            },
                        .progress = progress});
}

std::vector<double> through_heads_of_prompt(
    std::span<const double> row, const Tensor& pattern, int heads,
    const std::function<double(std::size_t position)>& value) {
  const auto tokens = std::size_t(pattern.width());
  if (pattern.rows() == heads) row = row.last(1);  // the last block has only the last token's row
  std::vector<double> result(tokens, 0.0);
  for (std::size_t q = 0; q < row.size(); ++q) {
    for (std::size_t h = 0; h < std::size_t(heads); ++h) {
      const std::size_t begin = (q * std::size_t(heads) + h) * tokens;
      for (std::size_t j = 0; j < tokens; ++j) result[j] += row[q] / heads * value(begin + j);
    }
  }
  return result;
}

}  // namespace whyclip
