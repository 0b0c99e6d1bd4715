#include "whyclip/methods/blocks.h"

#include <fmt/format.h>

#include <map>

#include "whyclip/attribution/contributions.h"
#include "whyclip/core/error.h"
#include "whyclip/rules/propagate.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// More than any tower has.
constexpr int kMostBlocks = 999;

constexpr std::string_view kReadout = "vision.normalized";

Walk walk_back(Subject& subject, std::string_view to, PropagateOptions options) {
  const RecordedImage& image = subject.image();
  options.offsets = false;
  return propagate(image.workspace(), image.record(), gradient_rules(), kReadout,
                   seed_of_targets(image, {&subject.target(), 1}, Moves::kGradient), {to}, options);
}

}  // namespace

int block_count(const Subject& subject) { return subject.clip().config().vision.tower.layers; }

int head_count(const Subject& subject) { return subject.clip().config().vision.tower.heads; }

std::string block_scope(int block) { return fmt::format("vision.blocks.{}.", block); }

std::string block_input(int block) {
  return block == 0 ? "vision.ln_pre" : block_scope(block - 1) + "resid_post";
}

MethodOption block_option(std::string name, std::string about, int standard) {
  return MethodOption::count(std::move(name), about + "; 0 is the first block, -1 the last",
                             standard, -kMostBlocks, kMostBlocks);
}

int block_of(const Subject& subject, const MethodSettings& settings, std::string_view option) {
  return block_among(block_count(subject), "image", settings, option);
}

int block_among(int blocks, std::string_view tower, const MethodSettings& settings,
                std::string_view option) {
  const int asked = settings.count(option), block = asked < 0 ? blocks + asked : asked;
  if (block >= 0 && block < blocks) return block;
  throw Error(std::string(option),
              fmt::format("the {} tower has the blocks 0 to {} (or -1 to -{}), got {}", tower,
                          blocks - 1, blocks, asked));
}

MethodOption at_option() {
  return MethodOption::choice("at", "the block's tokens after its first norm, or before it",
                              {"ln1", "input"});
}

std::string tokens_of(const Subject& subject, const MethodSettings& settings) {
  const int block = block_of(subject, settings, "layer");
  return settings.word("at") == "ln1" ? block_scope(block) + "ln1" : block_input(block);
}

Tensor gradient_at(Subject& subject, std::string_view trace_point, const Progress& progress) {
  Walk walk = walk_back(subject, trace_point, {.progress = progress});
  return std::move(walk.gradients.at(std::string(trace_point)));
}

void each_pattern_gradient(Subject& subject, int first, const Progress& progress,
                           const PatternVisit& visit) {
  const Record& record = subject.image().record();
  std::map<std::string, int> blocks;
  for (int i = first; i < block_count(subject); ++i) blocks[block_scope(i) + "pattern"] = i;
  walk_back(subject, block_input(first),
            {.observe =
                 [&](const Step& step, const Tensor& flow) {
                   const auto found = blocks.find(step.name);
                   if (found == blocks.end()) return;
                   visit(found->second, record.value(step.output), flow);
                 },
             .progress = progress});
}

std::vector<double> class_row(const Subject& subject) {
  std::vector<double> row(std::size_t(subject.patches()) + 1, 0.0);
  row[0] = 1;
  return row;
}

void add_to(std::vector<double>& row, std::span<const double> what) {
  for (std::size_t i = 0; i < row.size(); ++i) row[i] += what[i];
}

std::vector<double> through_heads(std::span<const double> row, const Tensor& pattern, int heads,
                                  const std::function<double(std::size_t place)>& value) {
  const auto tokens = std::size_t(pattern.width());
  const std::int64_t queries = pattern.rows() / heads;
  std::vector<double> result(tokens, 0.0);
  for (std::int64_t q = 0; q < queries; ++q) {
    const double weight = row[std::size_t(q)] / heads;
    if (weight == 0) continue;
    for (int h = 0; h < heads; ++h) {
      const std::size_t begin = std::size_t(h * queries + q) * tokens;
      for (std::size_t j = 0; j < tokens; ++j) result[j] += weight * value(begin + j);
    }
  }
  return result;
}

std::vector<float> patches_of(std::span<const double> tokens) {
  return {tokens.begin() + 1, tokens.end()};
}

}  // namespace whyclip
