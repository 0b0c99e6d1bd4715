#include "whyclip/pages/explanation_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/render/report.h"

namespace whyclip {
namespace {

std::vector<ReportEntry> ledger_of(const Attribution& map) {
  std::vector<ReportEntry> entries{
      {fmt::format("{} patches", map.patches.size()), map.patch_sum(), "image", "the heatmap"}};
  if (!map.ledger) {
    if (map.elsewhere) entries.push_back({"elsewhere", *map.elsewhere, "", "not on the patches"});
    return entries;
  }
  const SourceLedger& ledger = *map.ledger;
  entries.push_back({"class token", ledger.class_token, "embeddings", "vision.class_token"});
  if (ledger.position_embedding != 0) {
    entries.push_back(
        {"position embeddings", ledger.position_embedding, "embeddings", "vision.embedded"});
  }
  for (const Contribution& bias : ledger.biases) {
    const std::string leaf = bias.trace_point.substr(bias.trace_point.rfind('.') + 1);
    const bool of_op = bias.trace_point.find('.') != std::string::npos;
    entries.push_back({of_op ? leaf + " bias" : leaf, bias.contribution,
                       of_op ? block_of(bias.trace_point) : "", of_op ? bias.trace_point : ""});
  }
  return entries;
}

std::vector<ReportScore> score_table(const Explanation& e) {
  std::vector<ReportScore> rows;
  for (const ScoreRow& row : e.scores) {
    rows.push_back({row.name, row.logit, row.probability, row.explained});
  }
  std::ranges::stable_sort(rows, std::greater(), &ReportScore::logit);
  return rows;
}

ReportComponents components_of(const Explanation& e) {
  const ComponentLedger& c = e.components;
  ReportComponents result{.embedding = c.embedding,
                          .embedding_bias = c.embedding_bias,
                          .last_bias = c.last_bias,
                          .sum = c.sum,
                          .residual = c.residual,
                          .stream = e.attribution.ledger ? e.attribution.ledger->stream
                                                         : std::vector<std::vector<float>>()};
  for (std::size_t b = 0; b < c.blocks.size(); ++b) {
    const LedgerBlock& block = c.blocks[b];
    result.blocks.push_back({.name = fmt::format("block {}", b),
                             .heads = block.heads,
                             .head_tokens = block.head_tokens,
                             .attention_bias = block.attention_bias,
                             .mlp = block.mlp,
                             .mlp_bias = block.mlp_bias});
  }
  return result;
}

ReportCertificate report_certificate(const Certificate& c) {
  ReportCertificate report{.verdict = std::string(name_of(c.verdict)),
                           .good = c.verdict == Verdict::kSupported,
                           .bad = c.verdict == Verdict::kNotBetterThanRandom,
                           .sentence = c.sentence,
                           .most_first = c.curves.most_first.score,
                           .least_first = c.curves.least_first.score,
                           .random = c.random_curve};
  const auto compared = [](double map, double random) {
    return fmt::format("{:.3f}, random orders {:.3f}", map, random);
  };
  report.numbers = {
      {"deletion ↓", compared(c.deletion, c.random_area)},
      {"insertion ↑", compared(c.insertion, c.random_area)},
      {"insertion − deletion ↑",
       fmt::format("{:.3f}, from the centre outwards {:.3f}", c.gain, c.gaussian_gain)},
      {"p-value", fmt::format("{:.3f}, {} random orders", c.p_value, c.random_gains.size())}};
  if (c.stability) {
    report.numbers.emplace_back("rank correlation under noise ↑",
                                fmt::format("{:.3f}", *c.stability));
  }
  if (c.residual) {
    report.numbers.emplace_back("part of the score that the contributions miss ↓",
                                fmt::format("{:.1e}", *c.residual));
  }
  return report;
}

}  // namespace

std::string explanation_page(const Explanation& e, const Image& image, double limit) {
  const Attribution& map = e.attribution;
  const bool adds_up = map.in_logits && map.total.has_value();
  Report report;
  report.title = fmt::format("{} · {} · whyclip", file_name(e.image.name), e.target.name);
  report.headline = e.headline;
  report.quantity = e.target.unit;
  report.source = image;
  report.grid = e.image.grid;
  report.values = map.patches;
  report.in_units = map.in_logits;
  report.additive = adds_up;
  report.is_signed = map.is_signed;
  report.limit = limit;
  report.by_source = map.ledger.has_value();
  report.ledger = adds_up ? ledger_of(map) : std::vector<ReportEntry>();
  report.sum = map.sum();
  report.target = e.target.value;
  report.residual = map.residual().value_or(0);
  report.scores_heading = e.of_prompts ? "Prompts" : "Classes";
  report.scores = score_table(e);
  report.settings = e.settings;
  report.notes = e.notes;
  report.components = components_of(e);
  report.description = e.description;
  if (e.certificate) report.certificate = report_certificate(*e.certificate);
  return render_report(report);
}

}  // namespace whyclip
