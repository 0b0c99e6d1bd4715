#include "cli/explain_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "cli/certificate_output.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr const char* kFrozen =
    "Frozen-gain contributions: with the attention pattern, the layer norms' 1/σ, the activation "
    "gates and the embedding's norm held at the values they have for this image, the network is "
    "linear in its inputs. The contribution of a patch is what its own embedding brings through "
    "all "
    "paths; class token, positions and biases are sources of their own. The contributions add up "
    "to the "
    "score. How a patch steers where attention looks is not credited to it.";

constexpr const char* kComponents =
    "Layer by layer and head by head: what each component writes into the class token's residual "
    "stream, read through the last norm and the projection (direct effects); they add up to the "
    "score too.";

std::string description(const Explanation& e) {
  const std::string sources =
      e.rules.name == "contributions"
          ? kFrozen
          : fmt::format("Contributions by the rule set {}: {} ({}). {}", e.rules.name,
                        e.rules.summary, e.rules.reference,
                        e.rules.complete ? "They add up to the score."
                                         : "They need not add up to the score: the residual says "
                                           "what is missing.");
  return sources + " " + kComponents;
}

std::vector<ReportEntry> ledger(const Contributions& c) {
  std::vector<ReportEntry> entries{
      {fmt::format("{} patches", c.patches.size()), c.patch_sum, "image", "the heatmap"},
      {"class token", c.class_token, "embeddings", "vision.class_token"}};
  if (c.position_embedding != 0) {
    entries.push_back(
        {"position embeddings", c.position_embedding, "embeddings", "vision.embedded"});
  }
  for (const Contribution& bias : c.biases) {
    const std::string leaf = bias.trace_point.substr(bias.trace_point.rfind('.') + 1);
    const bool of_op = bias.trace_point.find('.') != std::string::npos;
    entries.push_back({of_op ? leaf + " bias" : leaf, bias.contribution,
                       of_op ? group_of(bias.trace_point) : "", of_op ? bias.trace_point : ""});
  }
  return entries;
}

std::vector<ReportScore> score_table(const Explanation& e) {
  std::vector<ReportScore> rows;
  const bool classes = !e.scores.classes.empty();
  bool marked = false;  // of equal names the first is explained
  if (classes) {
    for (std::size_t i = 0; i < e.scores.classes.size(); ++i) {
      const ClassScore& s = e.scores.classes[i];
      const bool explained = !marked && e.zero_shot.classes[i] == e.sources().target_name;
      marked = marked || explained;
      rows.push_back({e.zero_shot.classes[i], s.logit, s.probability, explained});
    }
  } else {
    for (std::size_t i = 0; i < e.scores.prompts.size(); ++i) {
      const PromptScore& s = e.scores.prompts[i];
      rows.push_back({e.zero_shot.prompts[i].text, s.logit, s.probability,
                      e.zero_shot.prompts[i].text == e.sources().target_name});
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ReportScore& a, const ReportScore& b) { return a.logit > b.logit; });
  return rows;
}

ReportComponents components_of(const Ledger& ledger) {
  const ComponentLedger& c = ledger.components;
  ReportComponents result{.embedding = c.embedding,
                          .embedding_bias = c.embedding_bias,
                          .last_bias = c.last_bias,
                          .sum = c.sum,
                          .residual = c.residual,
                          .stream = ledger.stream};
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

}  // namespace

std::string page(const Explanation& e, const OverlayOptions& options) {
  const Contributions& c = e.sources();
  Report report;
  report.title = fmt::format("{} · {} · whyclip", shown_name(e.path), e.target.name);
  report.headline = e.headline();
  report.quantity = quantity(c);
  report.source = e.source;
  report.grid = c.grid;
  report.values = c.patches;
  report.limit = options.limit;
  report.ledger = c.in_logits ? ledger(c) : std::vector<ReportEntry>();
  report.sum = c.sum;
  report.target = c.logit;
  report.residual = c.residual;
  report.scores_heading = e.scores.classes.empty() ? "Prompts" : "Classes";
  report.scores = score_table(e);
  report.settings = e.settings;
  report.notes = e.notes;
  report.components = components_of(e.ledger);
  report.description = description(e);
  if (e.certificate) report.certificate = report_certificate(*e.certificate);
  return render_report(report);
}

Json to_json(const Explanation& e) {
  const Contributions& c = e.sources();
  Json patches = Json::array();
  for (int r = 0; r < c.grid.rows; ++r) {
    const auto begin = c.patches.begin() + std::ptrdiff_t{r} * c.grid.columns;
    patches.push_back(std::vector<float>(begin, begin + c.grid.columns));
  }
  Json biases = Json::object();
  for (const Contribution& bias : c.biases) biases[bias.trace_point] = bias.contribution;
  Json settings = Json::object();
  for (const auto& [name, value] : e.settings) settings[name] = value;
  const Rectangle& area = c.grid.area;
  Json json{
      {"model", e.clip.name()},
      {"path", e.path},
      {"image", {e.source.width, e.source.height}},
      {"method", c.method},
      {"quantity", quantity(c)},
      {"in_logits", c.in_logits && quantity(c) == "logit"},
      {"target", {{"kind", c.target_kind}, {"name", c.target_name}, {quantity(c), c.logit}}},
      {"grid", {c.grid.rows, c.grid.columns}},
      {"area",
       {{"left", area.left}, {"top", area.top}, {"width", area.width}, {"height", area.height}}},
      {"patches", patches},
      {"patch_sum", c.patch_sum},
      {"class_token", c.class_token},
      {"position_embedding", c.position_embedding},
      {"biases", biases},
      {"sum", c.sum},
      {"residual", c.residual},
      {"settings", settings},
      {"notes", e.notes}};
  if (e.certificate) json["certificate"] = certificate_json(*e.certificate);
  return json;
}

std::string to_text(const Explanation& e) {
  const Contributions& c = e.sources();
  double biases = 0;
  for (const Contribution& bias : c.biases) biases += bias.contribution;
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(e.headline(), terminal.width)) + "\n";
  if (e.certificate) text += wrap(e.certificate->sentence, terminal.width) + "\n";
  if (!c.in_logits) {
    return text +
           wrap(fmt::format("{:.5f} on {} patches, {:.5f} on the class token; not logits, "
                            "and the same whatever is asked",
                            c.patch_sum, c.patches.size(), c.class_token),
                terminal.width) +
           "\n";
  }
  const auto line = [&](std::string_view name, double value) {
    text += fmt::format("  {}{:>+11.5f}\n", pad(name, 24), value);
  };
  line(fmt::format("{} patches", c.patches.size()), c.patch_sum);
  line("class token", c.class_token);
  line("position embeddings", c.position_embedding);
  line(fmt::format("{} biases", c.biases.size()), biases);
  text += terminal.dim("  ───────────────────────────────────") + "\n";
  line("sum", c.sum);
  line(quantity(c), c.logit);
  return text + fmt::format("  {}{:>+11.1e}\n", pad("residual", 24), c.residual);
}

std::string write_all(const Explanation& e, const OverlayOptions& overlay_options,
                      const std::filesystem::path& folder) {
  const Contributions& c = e.sources();
  const std::string stem = e.stem();
  const auto path = [&](const char* ending) { return folder / (stem + ending); };
  const auto image = [&](OverlayStyle style) {
    OverlayOptions options = overlay_options;
    options.style = style;
    options.unit = quantity(c);
    options.title = fmt::format("{}: {}", c.target_name, score_text(c));
    return encode_png(overlay(e.source, c.grid, c.patches, options));
  };
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto blend = image(OverlayStyle::kBlend), multiply = image(OverlayStyle::kMultiply);
  const std::string json = to_json(e).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::string html = page(e, overlay_options);
  const std::vector<float> value{float(c.logit)},
      others{float(c.class_token), float(c.position_embedding)};
  std::vector<float> biases;
  for (const Contribution& bias : c.biases) biases.push_back(float(bias.contribution));

  const auto file = [&](const char* ending, const auto& content) -> FileToWrite {
    return {path(ending), [&](const auto& to) { write_file(to, content); }};
  };
  const std::vector<NpzArray> arrays{{"patches", {c.grid.rows, c.grid.columns}, c.patches},
                                     {"class_token_and_positions", {2}, others},
                                     {"biases", {std::int64_t(biases.size())}, biases},
                                     {std::string(quantity(c)), {1}, value}};
  const std::vector<FileToWrite> files{
      file(".overlay.png", blend),
      file(".multiply.png", multiply),
      {path(".npz"), [&](const auto& to) { write_npz(to, arrays); }},
      file(".json", json),
      file(".html", html)};
  write_together(files);
  return written_text(files);
}

}  // namespace whyclip::cli
