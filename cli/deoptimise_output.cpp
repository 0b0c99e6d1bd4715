#include "cli/deoptimise_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/terminal.h"
#include "whyclip/front_end.h"

namespace whyclip::cli {
namespace {

/// The patches with the largest change.
std::string largest_changes(const Deoptimisation& d, std::size_t count) {
  const std::vector<float>& map = d.change().patches;
  std::vector<std::size_t> order(map.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return map[a] > map[b]; });
  std::string text;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) {
    const int patch = int(order[i]), columns = d.image.grid.columns;
    text += fmt::format("  row {:<3} column {:<3} {:>12.5g}\n", patch / columns, patch % columns,
                        map[order[i]]);
  }
  return text;
}

std::string run_lines(const Deoptimisation& d) {
  std::string text;
  int restart = 0, control = 0;
  for (const DeoptimisationCurve& run : d.runs) {
    const std::string name = run.control    ? fmt::format("random direction {}", ++control)
                             : restart == 0 ? (++restart, "from the image")
                                            : fmt::format("restart {}", restart++);
    text += fmt::format("  {}{:>12.5g} → {:<12.5g} changed by {:.3g} %{}\n", pad(name, 22),
                        run.losses.front(), run.losses.back(), 100 * run.distances.back(),
                        run.diverged_after_step ? "  diverged" : "");
  }
  return text;
}

std::string check_lines(const Deoptimisation& d) {
  std::string text = "\nRank correlation, by patch, of\n";
  const auto line = [&](const char* name, const std::optional<double>& value) {
    text +=
        fmt::format("  {}{:>6}\n", pad(name, 50), value ? fmt::format("{:+.2f}", *value) : "none");
  };
  const bool control = std::ranges::any_of(d.runs, &DeoptimisationCurve::control);
  if (!d.effects.empty()) {
    line("the change with the removal effects", d.check.removal);
    if (control) {
      line("a random direction with the removal effects", d.check.control_removal);
    }
  }
  if (control) line("the change with a random direction", d.check.control);
  return text;
}

}  // namespace

std::string deoptimised_text(const Deoptimisation& d) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(one_line(d.headline), terminal.width)) + "\n";
  for (const std::string& note : d.notes) text += wrap("note: " + note, terminal.width) + "\n";
  text += fmt::format("\n{}\n", wrap(fmt::format("{}, {} steps of {} at {}", d.loss, d.steps,
                                                 name_of(d.optimiser), d.rate),
                                     terminal.width));
  text += run_lines(d);
  if (d.change().no_map.empty()) {
    text += fmt::format("\nPatches with the largest change ({})\n{}", name_of(d.reduction),
                        largest_changes(d, 5));
  }
  return text + check_lines(d);
}

std::vector<FileToWrite> deoptimised_files(Deoptimisation& d, const Image& image,
                                           const OverlayOptions& options, const std::string& stem,
                                           const std::filesystem::path& folder) {
  std::vector<FileToWrite> files;
  const auto add = [&](const char* ending, auto content) {
    files.push_back({folder / (stem + ".deoptimised" + ending),
                     [content = std::move(content)](const auto& to) { write_file(to, content); }});
  };
  OverlayOptions titled = options;
  titled.is_signed =
      d.reduction != ChannelReduction::kNorm && d.reduction != ChannelReduction::kBoosted;
  titled.title = fmt::format("{}: change ({})", d.target.name, name_of(d.reduction));
  add(".overlay.png", encode_png(overlay(image, cells_of(d), d.map(), titled)));
  std::vector<std::byte> animation;
  if (!d.detail.value().frames.empty()) animation = deoptimisation_animation(d, image, options);
  const std::string page = page_of(d, image, animation);
  const std::vector<float> map = d.map();
  DeoptimisationDetail detail = std::move(*d.detail);
  d.detail.reset();
  if (detail.edited.width > 0) add(".edited.png", encode_png(detail.edited));
  if (!animation.empty()) add(".webp", std::move(animation));
  files.push_back({folder / (stem + ".deoptimised.npz"),
                   [map, change = std::move(detail.change), channels = detail.channels,
                    effects = std::vector<float>(d.effects.begin(), d.effects.end()), rows = d.rows,
                    columns = d.columns, grid = d.image.grid](const auto& to) {
                     std::vector<NpzArray> arrays{
                         {"map", {rows, columns}, map},
                         {"change", {std::int64_t{rows} * columns, channels}, change}};
                     if (!effects.empty()) {
                       arrays.push_back({"removal_effects", {grid.rows, grid.columns}, effects});
                     }
                     write_npz(to, arrays);
                   }});
  add(".json", to_json(d) + "\n");
  add(".html", page);
  return files;
}

}  // namespace whyclip::cli
