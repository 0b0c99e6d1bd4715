#include "cli/ledger_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/table.h"
#include "cli/tree.h"

namespace whyclip::cli {
namespace {

constexpr std::size_t kStrongest = 3;  // named beside a line

std::string patch_name(const PatchGrid& grid, std::size_t patch) {
  const auto columns = std::size_t(grid.columns);
  return fmt::format("r{}c{}", patch / columns, patch % columns);
}

/// "r3c5 +0.61, r2c4 +0.55, class token −0.10": the largest |contributions| of some tokens.
std::string strongest(std::span<const float> contributions,
                      const std::function<std::string(std::size_t)>& name) {
  std::vector<std::size_t> order(contributions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count = std::min(kStrongest, order.size());
  std::partial_sort(order.begin(), order.begin() + std::ptrdiff_t(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return std::pair(-std::abs(contributions[a]), a) <
                             std::pair(-std::abs(contributions[b]), b);
                    });
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text +=
        fmt::format("{}{} {:+.3f}", i == 0 ? "" : ", ", name(order[i]), contributions[order[i]]);
  }
  return text;
}

std::string strongest_tokens(const PatchGrid& grid, std::span<const float> tokens) {
  return strongest(tokens, [&](std::size_t t) {
    return t == 0 ? std::string("class token") : patch_name(grid, t - 1);
  });
}

TreeLine image_line(const Explanation& e) {
  const Attribution& map = e.attribution;
  TreeLine line{.name = "patches", .value = map.patch_sum()};
  if (!e.regions) {
    line.note = fmt::format("{} of them; ", map.patches.size()) +
                strongest(map.patches, [&](std::size_t p) { return patch_name(e.image.grid, p); });
    return line;
  }
  for (const RegionContribution& region : *e.regions) {
    line.under.push_back({.name = one_line(region.name),
                          .value = region.contribution,
                          .note = fmt::format("{} patch{}", region.patches.size(),
                                              region.patches.size() == 1 ? "" : "es")});
  }
  return line;
}

/// Biases, by the part of the network they are in.
TreeLine bias_line(const SourceLedger& ledger, bool full) {
  TreeLine line{.name = "biases", .note = fmt::format("{} of them", ledger.biases.size())};
  for (const Contribution& bias : ledger.biases) {
    line.value += bias.contribution;
    const std::string group =
        bias.trace_point.find('.') == std::string::npos ? "all ops" : block_of(bias.trace_point);
    if (line.under.empty() || line.under.back().name != group)
      line.under.push_back({.name = group});
    line.under.back().value += bias.contribution;
    if (!full) continue;
    const std::string leaf = bias.trace_point.substr(bias.trace_point.rfind('.') + 1);
    line.under.back().under.push_back({.name = leaf, .value = bias.contribution});
  }
  return line;
}

std::vector<TreeLine> source_lines(const Explanation& e, bool full) {
  std::vector<TreeLine> lines{image_line(e)};
  if (const auto& ledger = e.attribution.ledger) {
    lines.push_back({.name = "class token", .value = ledger->class_token});
    if (ledger->position_embedding != 0) {
      lines.push_back({.name = "position embeddings", .value = ledger->position_embedding});
    }
    if (!ledger->biases.empty()) lines.push_back(bias_line(*ledger, full));
  } else if (e.attribution.elsewhere) {
    lines.push_back({.name = "elsewhere", .value = *e.attribution.elsewhere});
  }
  if (e.attribution.total) lines.push_back({.name = "sum", .value = e.attribution.sum()});
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
  const ComponentLedger& c = e.components;
  std::vector<TreeLine> lines{
      {.name = "embedding", .value = c.embedding, .note = "the class token before the blocks"},
      {.name = "first norm's bias", .value = c.embedding_bias}};
  for (std::size_t b = 0; b < c.blocks.size(); ++b) {
    lines.push_back(block_line(e.image.grid, c.blocks[b], b, full));
  }
  lines.push_back({.name = "last norm's bias", .value = c.last_bias});
  lines.push_back({.name = "sum", .value = c.sum});
  return lines;
}

std::string balance_table(const std::vector<Balance>& balances, const Terminal& terminal) {
  constexpr int kNumbers = 33, kRule = 16;  // columns
  int name = 0;
  for (const Balance& b : balances) name = std::max(name, columns_of(b.trace_point));
  // A narrow terminal gets the leak alone.
  const bool narrow = terminal.width > 0 && 2 + name + 1 + kRule + kNumbers > terminal.width;
  if (narrow) name = std::min(name, terminal.width - 12);
  const auto row = [&](const std::string& point, std::string_view rule, std::string_view numbers,
                       std::string_view leak) {
    std::string line = "  " + pad(fit(point, name), name);
    if (!narrow) line += " " + pad(rule, kRule) + std::string(numbers);
    return line + fmt::format(" {:>9}\n", leak);
  };
  std::string text =
      row("trace point", "rule", fmt::format(" {:>11} {:>10}", "in", "bias"), "leak");
  for (const Balance& b : balances) {
    text +=
        row(b.trace_point, b.rule, fmt::format(" {:>+11.4f} {:>+10.4f}", b.output, b.additive_term),
            fmt::format("{:+.1e}", b.leak()));
  }
  return text;
}

std::string conservation_text(const Explanation& e, bool full, const Terminal& terminal) {
  if (!e.attribution.ledger || e.attribution.ledger->balances.empty()) return {};
  const std::vector<Balance>& balances = e.attribution.ledger->balances;
  std::string text = "\n";
  if (const auto leak = first_leak(balances)) {
    text += wrap(fmt::format("conservation: the first op that leaks, from the score back, is {} "
                             "({}, rule {}): {:+.5f} came in, {:+.5f} went on, {:+.5f} to its "
                             "bias; {:+.5f} is lost",
                             leak->trace_point, leak->op, leak->rule, leak->output, leak->inputs,
                             leak->additive_term, leak->leak()),
                 terminal.width);
  } else {
    text +=
        wrap(fmt::format("all {} ops conserve the contribution", balances.size()), terminal.width);
  }
  return text + "\n" + (full ? balance_table(balances, terminal) : "");
}

std::vector<TreeLine> word_lines(const TextContributions& text) {
  constexpr std::size_t kMost = 12;
  double biases = 0;
  for (const Contribution& bias : text.biases) biases += bias.contribution;
  TreeLine classes{.name = "class names", .value = text.class_words},
      others{.name = "other words", .value = text.other_words};
  const bool prompt = text.prompts.size() == 1;
  if (prompt) {
    for (const WordContribution& word : text.prompts[0].words) {
      others.under.push_back({.name = one_line(word.text), .value = word.contribution});
    }
  } else {
    for (const WordTotal& word : text.words) {
      TreeLine& line = word.class_name ? classes : others;
      if (line.under.size() == kMost) continue;
      line.under.push_back(
          {.name = one_line(word.text),
           .value = word.contribution,
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
  lines.push_back({.name = "sum", .value = text.sum});
  return lines;
}

std::string interaction_text(const Interaction& table, const Terminal& terminal) {
  // Patches are too many for a terminal: the columns are regions, or the strongest patches.
  std::vector<std::size_t> columns(table.regions.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  constexpr std::size_t kColumns = 6, kOthers = 3;
  std::string note;
  if (columns.size() > kColumns + kOthers) {
    const std::size_t regions = columns.size() - kOthers;
    std::partial_sort(columns.begin(), columns.begin() + kColumns,
                      columns.begin() + std::ptrdiff_t(regions), [&](std::size_t a, std::size_t b) {
                        return std::pair(-std::abs(table.region_sums[a]), a) <
                               std::pair(-std::abs(table.region_sums[b]), b);
                      });
    columns.erase(columns.begin() + kColumns, columns.begin() + std::ptrdiff_t(regions));
    note = fmt::format("({} of {} regions shown; --json has all)", kColumns, regions);
  }
  Table drawn{.rows = table.words, .columns = {}, .value = {}};
  drawn.rows.push_back("all");
  for (const std::size_t c : columns) drawn.columns.push_back(table.regions[c]);
  drawn.columns.push_back("all");
  drawn.value = [&](std::size_t w, std::size_t i) {
    const bool every_word = w == table.words.size(), every_region = i == columns.size();
    if (every_region) return every_word ? table.sum : table.word_sums[w];
    return every_word ? table.region_sums[columns[i]]
                      : table.contributions[w * table.regions.size() + columns[i]];
  };
  std::string text = draw_table(drawn, terminal);
  if (!note.empty()) text += wrap(note, terminal.width) + "\n";
  return text + fmt::format("residual {:+.1e}\n", table.residual);
}

std::string title(std::string_view text, const Terminal& terminal) {
  return fmt::format("\n{}\n", wrap(text, terminal.width));
}

/// "logit +24.31000, residual +1.0e-06, cancellation 2.3": what the result has.
std::string totals_text(const Explanation& e) {
  const Attribution& map = e.attribution;
  std::string text = fmt::format("{} {:+.5f}", e.target.unit, e.target.value);
  if (const auto residual = map.residual()) text += fmt::format(", residual {:+.1e}", *residual);
  if (map.ledger) text += fmt::format(", cancellation {:.1f}", map.ledger->cancellation);
  return text;
}

}  // namespace

std::string ledger_tree(const Explanation& e, bool full) {
  const Terminal terminal = Terminal::standard_output();
  const Attribution& map = e.attribution;
  std::string text = terminal.bold(wrap(one_line(e.headline), terminal.width)) + "\n";
  text += title(fmt::format("{} (method: {})",
                            map.ledger ? "by source, through all paths" : "by patch and elsewhere",
                            map.method),
                terminal);
  text += draw_tree(source_lines(e, full), terminal);
  text += wrap(totals_text(e), terminal.width) + "\n";
  for (const std::string& name : e.empty_regions) {
    text +=
        wrap(fmt::format("skipped, without a patch: {}", one_line(name)), terminal.width) + "\n";
  }
  text += title("by component, as written into the class token's residual stream", terminal);
  text += draw_tree(component_lines(e, full), terminal);
  text += wrap(fmt::format("residual {:+.1e}, cancellation {:.1f}", e.components.residual,
                           e.components.cancellation()),
               terminal.width) +
          "\n";
  if (e.words) {
    text += title("by word of the prompts", terminal);
    text += draw_tree(word_lines(*e.words), terminal);
    text += fmt::format("residual {:+.1e}\n", e.words->residual);
  }
  if (e.interaction) {
    text += title("word by region", terminal) + interaction_text(*e.interaction, terminal);
  }
  return text + conservation_text(e, full, terminal);
}

}  // namespace whyclip::cli
