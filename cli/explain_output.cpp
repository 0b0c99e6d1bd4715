#include "cli/explain_output.h"

#include <fmt/format.h>

#include "cli/files.h"
#include "cli/terminal.h"

namespace whyclip::cli {

std::string explanation_text(const Explanation& e) {
  const Attribution& map = e.attribution;
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(one_line(e.headline), terminal.width)) + "\n";
  if (e.certificate) text += wrap(e.certificate->text(), terminal.width) + "\n";
  const auto line = [&](std::string_view name, double value) {
    text += fmt::format("  {}{:>+11.5f}\n", pad(name, 24), value);
  };
  line(fmt::format("{} patches", map.patches.size()), map.patch_sum());
  if (map.ledger) {
    double biases = 0;
    for (const Contribution& bias : map.ledger->biases) biases += bias.contribution;
    line("class token", map.ledger->class_token);
    if (map.ledger->position_embedding != 0) {
      line("position embeddings", map.ledger->position_embedding);
    }
    if (const std::size_t count = map.ledger->biases.size(); count > 0) {
      line(fmt::format("{} bias{}", count, count == 1 ? "" : "es"), biases);
    }
  } else if (map.elsewhere) {
    line("elsewhere", *map.elsewhere);
  }
  if (!map.in_logits) {
    return text + wrap("The values are not in units of the score.", terminal.width) + "\n";
  }
  if (!map.total) {
    return text + wrap("The values do not add up to the score.", terminal.width) + "\n";
  }
  text += terminal.dim("  ───────────────────────────────────") + "\n";
  line("sum", map.sum());
  line(e.target.unit, e.target.value);
  return text + fmt::format("  {}{:>+11.1e}\n", pad("residual", 24), *map.residual());
}

std::string write_all(const ExplainedImage& explained, const OverlayOptions& overlay_options,
                      const std::filesystem::path& folder) {
  const Explanation& e = explained.explanation;
  const Attribution& map = e.attribution;
  const PatchGrid& grid = e.image.grid;
  const auto path = [&](const char* ending) { return folder / (explained.stem + ending); };
  const auto image = [&](OverlayStyle style) {
    OverlayOptions options = overlay_options;
    options.style = style;
    options.is_signed = map.is_signed;
    options.unit = map.in_logits ? e.target.unit : "";
    options.title = fmt::format("{}: {}", e.target.name, value_text(e.target));
    return encode_png(overlay(explained.image, grid, map.patches, options));
  };
  // Everything is made before the first file is written: what fails leaves none behind.
  const auto blend = image(OverlayStyle::kBlend), multiply = image(OverlayStyle::kMultiply);
  const std::string json = to_json(e) + "\n";
  const std::string html = page_of(e, explained.image, overlay_options.limit);
  const std::vector<float> value{float(e.target.value)},
      elsewhere{float(map.elsewhere.value_or(0))};
  std::vector<float> others, biases;
  std::vector<NpzArray> arrays{{"patches", {grid.rows, grid.columns}, map.patches},
                               {e.target.unit, {1}, value}};
  if (map.elsewhere) arrays.push_back({"elsewhere", {1}, elsewhere});
  if (map.ledger) {
    others = {float(map.ledger->class_token), float(map.ledger->position_embedding)};
    for (const Contribution& bias : map.ledger->biases) biases.push_back(float(bias.contribution));
    arrays.push_back({"class_token_and_positions", {2}, others});
    arrays.push_back({"biases", {std::int64_t(biases.size())}, biases});
  }

  const auto file = [&](const char* ending, const auto& content) -> FileToWrite {
    return {path(ending), [&](const auto& to) { write_file(to, content); }};
  };
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
