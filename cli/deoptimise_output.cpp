#include "cli/deoptimise_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

#include "cli/explanation.h"
#include "cli/images.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kMillisecondsOfTrajectory = 4000, kPauseAtTheEnd = 1500;
/// Frames are no larger than this a side: an animation is for looking at what moves.
constexpr int kFrameSide = 480;

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json json_of(const DeoptimisationRun& run) {
  return {{"control", run.control},
          {"losses", run.losses},
          {"distances", run.distances},
          {"diverged_after_step", run.diverged ? Json(*run.diverged + 1) : Json()}};
}

Json rows_of(const std::vector<float>& map, int columns) {
  Json rows = Json::array();
  for (auto begin = map.begin(); begin != map.end(); begin += columns) {
    rows.push_back(std::vector<float>(begin, begin + columns));
  }
  return rows;
}

/// The patches that changed most, and how much.
std::string strongest(const DeoptimisedImage& d, std::size_t count) {
  std::vector<std::size_t> order(d.maps.map.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return d.maps.map[a] > d.maps.map[b]; });
  std::string text;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) {
    const int patch = int(order[i]);
    text += fmt::format("  row {:<3} column {:<3} {:>12.5g}\n", patch / d.grid.columns,
                        patch % d.grid.columns, d.maps.map[order[i]]);
  }
  return text;
}

std::string run_line(const DeoptimisationRun& run, const std::string& name) {
  return fmt::format("  {}{:>12.5g} → {:<12.5g} changed by {:.3g} %{}\n", pad(name, 22),
                     run.losses.front(), run.losses.back(), 100 * run.distances.back(),
                     run.diverged ? "  diverged" : "");
}

/// The snapshot's change, read and laid over the image on the scale of the last one.
Image overlaid(const DeoptimisedImage& d, const Tensor& change, OverlayOptions options, int step) {
  options.title = fmt::format("step {}", step);
  return overlay(d.source, d.cells(), read_change(d.result, d.first(), change, d.reduction),
                 options);
}

float largest(const std::vector<float>& values) {
  float result = 0;
  for (const float value : values) result = std::max(result, std::abs(value));
  return result;
}

/// Normalised pixels, plane by plane, as an image.
Image image_of(const DeoptimisedImage& d, const std::vector<float>& planes) {
  return undo_normalisation(planes, d.prepared.width, d.prepared.height, d.preprocess);
}

}  // namespace

std::string DeoptimisedImage::headline() const {
  return fmt::format("What would {} have to {} for “{}”?", one_line(shown_name(path)),
                     options.ascend ? "gain" : "lose", one_line(target.name));
}

std::vector<float> mean_reduction(const Deoptimisation& result, ChannelReduction reduction) {
  std::vector<float> mean;
  int restarts = 0;
  for (const DeoptimisationRun& run : result.runs) {
    if (run.control) continue;
    ++restarts;
    const std::vector<float> map = read_change(result, run, run.change, reduction);
    if (mean.empty()) mean.resize(map.size());
    for (std::size_t c = 0; c < map.size(); ++c) mean[c] += map[c];
  }
  for (float& value : mean) value /= float(restarts);
  return mean;
}

Image edited_image(const DeoptimisedImage& d) { return image_of(d, planes_of(d.first().state)); }

std::vector<std::byte> trajectory(const DeoptimisedImage& d, const OverlayOptions& options) {
  const std::vector<DeoptimisationSnapshot>& snapshots = d.first().snapshots;
  OverlayOptions scaled = options;
  if (scaled.limit == 0) {
    scaled.limit =
        double(largest(read_change(d.result, d.first(), snapshots.back().change, d.reduction)));
  }
  if (scaled.limit == 0) scaled.limit = 1;  // nothing changed
  const int pause = std::max(40, kMillisecondsOfTrajectory / int(snapshots.size()));
  std::vector<Frame> frames;
  for (const DeoptimisationSnapshot& snapshot : snapshots) {
    if (d.pixels()) {
      std::vector<float> pixels = planes_of(snapshot.change);
      for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] += d.prepared.pixels[i];
      frames.push_back({image_of(d, pixels), pause});
    } else {
      frames.push_back({overlaid(d, snapshot.change, scaled, snapshot.step), pause});
    }
    frames.back().image = shrink(frames.back().image, kFrameSide);
  }
  frames.back().milliseconds = kPauseAtTheEnd;
  return encode_animation(frames);
}

std::string deoptimised_text(const DeoptimisedImage& d) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(d.headline(), terminal.width)) + "\n";
  for (const std::string& note : d.notes) text += wrap("note: " + note, terminal.width) + "\n";
  text += fmt::format("\n{}\n",
                      wrap(fmt::format("{}, {} steps of {} at {}", d.loss.name, d.options.steps,
                                       name_of(d.options.optimiser), d.options.rate),
                           terminal.width));
  int restart = 0, control = 0;
  for (const DeoptimisationRun& run : d.result.runs) {
    text += run_line(run, run.control    ? fmt::format("random direction {}", ++control)
                          : restart == 0 ? (++restart, "from the image")
                                         : fmt::format("restart {}", restart++));
  }
  if (!d.no_map) {
    text +=
        fmt::format("\nPatches that changed most ({})\n{}", name_of(d.reduction), strongest(d, 5));
  }
  text += "\nCan it be believed? Rank correlation, by patch, of\n";
  const auto line = [&](const char* name, const std::optional<double>& value) {
    text += fmt::format("  {}{:>6}\n", pad(name, 50), correlation_text(value));
  };
  if (!d.effects.empty()) {
    line("what changed, what hurts when removed", d.check.removal);
    if (control > 0) line("random direction, what hurts when removed", d.check.control_removal);
  }
  if (control > 0) line("what changed, random direction", d.check.control);
  return text;
}

Json deoptimised_json(const DeoptimisedImage& d) {
  Json runs = Json::array(), settings = Json::object(), reductions = Json::object(),
       without = Json::object();
  for (const DeoptimisationRun& run : d.result.runs) runs.push_back(json_of(run));
  for (const auto& [name, value] : d.settings) settings[name] = value;
  for (const ChannelReduction reduction : kChannelReductions) {
    const auto reason = reason_without_map(d.result, reduction);
    const std::string name(name_of(reduction));
    reductions[name] =
        reason ? Json() : rows_of(maps_by_patch(d.result, reduction, d.grid).map, d.grid.columns);
    if (reason) without[name] = *reason;
  }
  const Rectangle& area = d.grid.area;
  return {
      {"model", d.model},
      {"path", d.path},
      {"image", {d.source.width, d.source.height}},
      {"target", {{"kind", d.target.kind}, {"name", d.target.name}}},
      {"loss", d.loss.name},
      {"grid", {d.grid.rows, d.grid.columns}},
      {"area",
       {{"left", area.left}, {"top", area.top}, {"width", area.width}, {"height", area.height}}},
      {"runs", runs},
      {"reductions", reductions},
      {"reductions_without_map", without},
      {"removal_effects", d.effects.empty() ? Json() : Json(d.effects)},
      {"check",
       {{"removal", json_of(d.check.removal)},
        {"control_removal", json_of(d.check.control_removal)},
        {"control", json_of(d.check.control)}}},
      {"settings", settings},
      {"notes", d.notes}};
}

std::vector<FileToWrite> deoptimised_files(const DeoptimisedImage& d, const OverlayOptions& options,
                                           bool animate, const std::filesystem::path& folder) {
  const std::string stem = file_stem(d.name, d.path, d.target.name) + ".deoptimised";
  const auto path = [&](const char* ending) { return folder / (stem + ending); };
  OverlayOptions titled = options;
  titled.title = fmt::format("{}: what changed ({})", d.target.name, name_of(d.reduction));
  const std::vector<float> map = mean_reduction(d.result, d.reduction);
  const auto blend = encode_png(overlay(d.source, d.cells(), map, titled));
  const std::vector<std::byte> animation =
      animate ? trajectory(d, options) : std::vector<std::byte>();
  const std::string json =
      deoptimised_json(d).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::string page = deoptimised_page(d, options, animation);
  const auto file = [&](const char* ending, auto content) -> FileToWrite {
    return {path(ending), [content](const auto& to) { write_file(to, content); }};
  };
  std::vector<FileToWrite> files{file(".overlay.png", blend)};
  if (d.pixels()) files.push_back(file(".edited.png", encode_png(edited_image(d))));
  if (animate) files.push_back(file(".webp", animation));
  files.push_back(
      {path(".npz"), [&d, map](const auto& to) {
         const Tensor& change = d.first().change;
         const std::vector<float> effects(d.effects.begin(), d.effects.end());
         std::vector<NpzArray> arrays{{"map", {d.result.rows, d.result.columns}, map},
                                      {"change", {change.rows(), change.width()}, change.values()}};
         if (!effects.empty()) {
           arrays.push_back({"removal_effects", {d.grid.rows, d.grid.columns}, effects});
         }
         write_npz(to, arrays);
       }});
  files.push_back(file(".json", json));
  files.push_back(file(".html", page));
  return files;
}

}  // namespace whyclip::cli
