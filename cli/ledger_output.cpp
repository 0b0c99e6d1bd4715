#include "cli/ledger_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/tree.h"

namespace whyclip::cli {
namespace {

constexpr std::size_t kStrongest = 3;  // named beside a line

std::string patch_name(const PatchGrid& grid, std::size_t patch) {
  const auto columns = std::size_t(grid.columns);
  return fmt::format("r{}c{}", patch / columns, patch % columns);
}

/// "r3c5 +0.61, r2c4 +0.55, class token −0.10": the largest |shares| of some tokens.
std::string strongest(std::span<const float> shares,
                      const std::function<std::string(std::size_t)>& name) {
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(kStrongest, order.size());
  std::partial_sort(order.begin(), order.begin() + std::ptrdiff_t(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return std::pair(-std::abs(shares[a]), a) <
                             std::pair(-std::abs(shares[b]), b);
                    });
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{}{} {:+.3f}", i == 0 ? "" : ", ", name(order[i]), shares[order[i]]);
  }
  return text;
}

std::string strongest_tokens(const PatchGrid& grid, std::span<const float> tokens) {
  return strongest(tokens, [&](std::size_t t) {
    return t == 0 ? std::string("class token") : patch_name(grid, t - 1);
  });
}

TreeLine picture_line(const Explanation& e, const LedgerExtras& extras) {
  const Contributions& c = e.sources();
  TreeLine line{.name = "patches", .value = c.patch_sum};
  if (!extras.regions) {
    line.note = fmt::format("{} of them; ", c.patches.size()) +
                strongest(c.patches, [&](std::size_t p) { return patch_name(c.grid, p); });
    return line;
  }
  const std::vector<double> shares = sums(*extras.regions, c.patches);
  for (std::size_t r = 0; r < shares.size(); ++r) {
    const Region& region = extras.regions->regions[r];
    line.under.push_back({.name = one_line(region.name),
                          .value = shares[r],
                          .note = fmt::format("{} patch{}", region.patches.size(),
                                              region.patches.size() == 1 ? "" : "es")});
  }
  return line;
}

/// Biases, by the part of the network they are in.
TreeLine bias_line(const Contributions& c, bool full) {
  TreeLine line{.name = "biases", .note = fmt::format("{} of them", c.biases.size())};
  for (const Share& bias : c.biases) {
    line.value += bias.share;
    const std::string group =
        bias.trace_point.find('.') == std::string::npos ? "all ops" : group_of(bias.trace_point);
    if (line.under.empty() || line.under.back().name != group)
      line.under.push_back({.name = group});
    line.under.back().value += bias.share;
    if (full) line.under.back().under.push_back({.name = bias.trace_point, .value = bias.share});
  }
  return line;
}

std::vector<TreeLine> source_lines(const Explanation& e, const LedgerExtras& extras, bool full) {
  const Contributions& c = e.sources();
  std::vector<TreeLine> lines{picture_line(e, extras),
                              {.name = "class token", .value = c.class_token}};
  if (c.position_embedding != 0) {
    lines.push_back({.name = "position embeddings", .value = c.position_embedding});
  }
  if (!c.biases.empty()) lines.push_back(bias_line(c, full));
  lines.push_back({.name = "sum",
                   .value = c.sum,
                   .note = fmt::format("{} {:+.5f}, residual {:+.1e}, cancellation {:.1f}",
                                       quantity(c), c.logit, c.residual, c.cancellation())});
  return lines;
}

TreeLine block_line(const PatchGrid& grid, const LedgerBlock& block, std::size_t index, bool full) {
  TreeLine attention{.name = "attention", .value = block.attention()};
  std::vector<float> tokens(block.head_tokens[0].size(), 0.0f);
  for (std::size_t h = 0; h < block.heads.size(); ++h) {
    for (std::size_t t = 0; t < tokens.size(); ++t) tokens[t] += block.head_tokens[h][t];
    attention.under.push_back({.name = fmt::format("head {}", h),
                               .value = block.heads[h],
                               .note = strongest_tokens(grid, block.head_tokens[h])});
  }
  attention.note = strongest_tokens(grid, tokens);
  if (!full) attention.under.clear();
  return {.name = fmt::format("block {}", index),
          .value = block.sum(),
          .under = {attention,
                    {.name = "attention bias", .value = block.attention_bias},
                    {.name = "MLP", .value = block.mlp},
                    {.name = "MLP bias", .value = block.mlp_bias}}};
}

std::vector<TreeLine> component_lines(const Explanation& e, bool full) {
  const ComponentLedger& c = e.ledger.components;
  std::vector<TreeLine> lines{
      {.name = "embedding", .value = c.embedding, .note = "the class token before the blocks"},
      {.name = "first norm's bias", .value = c.embedding_bias}};
  for (std::size_t b = 0; b < c.blocks.size(); ++b) {
    lines.push_back(block_line(e.sources().grid, c.blocks[b], b, full));
  }
  lines.push_back({.name = "last norm's bias", .value = c.last_bias});
  lines.push_back(
      {.name = "sum",
       .value = c.sum,
       .note = fmt::format("residual {:+.1e}, cancellation {:.1f}", c.residual, c.cancellation())});
  return lines;
}

std::string conservation_text(const Explanation& e, bool full) {
  const std::vector<Balance>& balances = e.sources().balances;
  if (balances.empty()) return {};
  std::string text;
  if (const auto leak = first_leak(balances)) {
    text = fmt::format(
        "the first op that leaks, from the score back, is {} ({}, rule {}):\n"
        "  {:+.5f} came in, {:+.5f} went on, {:+.5f} to its bias: {:+.5f} is lost\n",
        leak->trace_point, leak->op, leak->rule, leak->output, leak->inputs, leak->offset,
        leak->leak());
  } else {
    text = fmt::format("each of {} ops hands on what it gets\n", balances.size());
  }
  if (!full) return text;
  text += fmt::format("  {:<28} {:<17} {:>11} {:>11} {:>11} {:>9}\n", "trace point", "rule", "in",
                      "on", "bias", "leak");
  for (const Balance& b : balances) {
    text += fmt::format("  {:<28} {:<17} {:>+11.5f} {:>+11.5f} {:>+11.5f} {:>+9.1e}\n",
                        b.trace_point, b.rule, b.output, b.inputs, b.offset, b.leak());
  }
  return text;
}

std::vector<TreeLine> word_lines(const TextContributions& text) {
  constexpr std::size_t kMost = 12;
  double biases = 0;
  for (const Share& bias : text.biases) biases += bias.share;
  TreeLine classes{.name = "class names", .value = text.class_words},
      others{.name = "other words", .value = text.other_words};
  const bool prompt = text.prompts.size() == 1;
  if (prompt) {
    for (const WordShare& word : text.prompts[0].words) {
      others.under.push_back({.name = one_line(word.text), .value = word.share});
    }
  } else {
    for (const WordTotal& word : text.words) {
      TreeLine& line = word.class_name ? classes : others;
      if (line.under.size() == kMost) continue;
      line.under.push_back(
          {.name = one_line(word.text),
           .value = word.share,
           .note = fmt::format("in {} place{}", word.count, word.count == 1 ? "" : "s")});
    }
  }
  std::vector<TreeLine> lines;
  if (!prompt) lines.push_back(std::move(classes));
  if (prompt) others.name = "words";
  lines.push_back(std::move(others));
  lines.push_back({.name = "start token", .value = text.start});
  lines.push_back({.name = "end-of-text token", .value = text.end});
  lines.push_back({.name = "position embeddings", .value = text.positions});
  lines.push_back({.name = "biases", .value = biases});
  lines.push_back(
      {.name = "sum", .value = text.sum, .note = fmt::format("residual {:+.1e}", text.residual)});
  return lines;
}

std::string interaction_text(const Interaction& table) {
  // Patches are too many for a terminal: the columns are regions, or the strongest patches.
  std::vector<std::size_t> columns(table.regions.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  constexpr std::size_t kColumns = 6;
  std::string note;
  if (columns.size() > kColumns + 3) {
    const std::size_t regions = columns.size() - 3;
    std::partial_sort(columns.begin(), columns.begin() + kColumns,
                      columns.begin() + std::ptrdiff_t(regions), [&](std::size_t a, std::size_t b) {
                        return std::pair(-std::abs(table.region_sums[a]), a) <
                               std::pair(-std::abs(table.region_sums[b]), b);
                      });
    columns.erase(columns.begin() + kColumns, columns.begin() + std::ptrdiff_t(regions));
    note = fmt::format("  ({} of {} regions shown; --json has all)\n", kColumns, regions);
  }
  int width = 0;
  for (const std::string& word : table.words) width = std::max(width, columns_of(one_line(word)));
  std::string text = "  " + pad("", width);
  for (const std::size_t c : columns) text += " " + pad(fit(one_line(table.regions[c]), 12), 12);
  text += " all\n";
  for (std::size_t w = 0; w < table.words.size(); ++w) {
    text += "  " + pad(one_line(table.words[w]), width);
    for (const std::size_t c : columns) {
      text += fmt::format(" {:<+12.4f}", table.shares[w * table.regions.size() + c]);
    }
    text += fmt::format(" {:+.4f}\n", table.word_sums[w]);
  }
  text += "  " + pad("all", width);
  for (const std::size_t c : columns) text += fmt::format(" {:<+12.4f}", table.region_sums[c]);
  return text + fmt::format(" {:+.4f}   residual {:+.1e}\n", table.sum, table.residual) + note;
}

}  // namespace

std::string ledger_tree(const Explanation& e, const LedgerExtras& extras, bool full) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(e.question()) + "\n\n";
  text += fmt::format("by source, through all paths (rules: {})\n", e.rules.name);
  text += draw_tree(source_lines(e, extras, full), terminal);
  text += "\nby component, as written into the class token's residual stream\n";
  text += draw_tree(component_lines(e, full), terminal);
  if (extras.words) {
    text += "\nby word of the prompts\n" + draw_tree(word_lines(*extras.words), terminal);
  }
  if (extras.interaction) {
    text += "\nword by region\n" + interaction_text(*extras.interaction);
  }
  if (const std::string report = conservation_text(e, full); !report.empty()) {
    text += "\nconservation: " + report;
  }
  return text;
}

}  // namespace whyclip::cli
