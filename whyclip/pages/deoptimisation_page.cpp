#include "whyclip/pages/deoptimisation_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/image/animate.h"
#include "whyclip/render/document.h"
#include "whyclip/render/shrink.h"

namespace whyclip {
namespace {

constexpr int kAnimationMilliseconds = 4000, kLastFrameMilliseconds = 1500,
              kShortestMilliseconds = 40;
/// The longest side of a frame in pixels.
constexpr int kFrameSide = 480;

std::string caption_of(ChannelReduction reduction) {
  switch (reduction) {
    case ChannelReduction::kMean:
      return "mean of the channels";
    case ChannelReduction::kMax:
      return "maximum of the channels";
    case ChannelReduction::kMostVaried:
      return "the most varied channel";
    case ChannelReduction::kBoosted:
      return "boosted: a softmax over each row of 100 × the maximum, as published";
    case ChannelReduction::kNorm:
      return "norm over the channels";
  }
  return "";
}

const DeoptimisationCurve* first_control(const Deoptimisation& d) {
  const auto found = std::ranges::find_if(d.runs, &DeoptimisationCurve::control);
  return found == d.runs.end() ? nullptr : &*found;
}

DocumentFigure change_figure(const Deoptimisation& d, const Image& image, std::size_t index,
                             OverlayOptions options) {
  const ReducedChange& change = d.changes[index];
  if (!change.no_map.empty()) {
    return {.caption =
                fmt::format("{}: no map, because {}", caption_of(change.reduction), change.no_map),
            .image = image};
  }
  options.legend = false;
  return {.caption = caption_of(change.reduction),
          .image = d.detail ? overlay(image, cells_of(d), d.detail->maps[index], options)
                            : overlay(image, d.image.grid, change.patches, options)};
}

DocumentChart losses_of(const Deoptimisation& d) {
  DocumentChart chart{.caption = "Loss by step", .labels = {}, .lines = {}};
  for (int step = 0; step <= d.steps; ++step) chart.labels.push_back(fmt::format("{}", step));
  const auto line = [&](const std::string& name, const DeoptimisationCurve& run) {
    std::vector<std::optional<double>> values(run.losses.begin(), run.losses.end());
    values.resize(chart.labels.size());
    chart.lines.push_back({name, std::move(values)});
  };
  line("this target", d.runs[0]);
  if (const DeoptimisationCurve* control = first_control(d)) line("a random direction", *control);
  return chart;
}

std::string correlation_text(const std::optional<double>& correlation) {
  return correlation ? fmt::format("{:+.2f}", *correlation) : "none";
}

DocumentTable checks_of(const Deoptimisation& d) {
  const bool control = first_control(d) != nullptr, removal = !d.effects.empty();
  DocumentTable table{
      .columns = {"rank correlation by patch", "with", ""}, .rows = {}, .text_columns = 2};
  const auto row = [&](const char* map, const char* other, const std::optional<double>& value) {
    table.rows.push_back({map, other, correlation_text(value)});
  };
  constexpr const char *kMap = "change for this target",
                       *kControl = "change for a random direction", *kRemoval = "removal effects";
  if (removal) row(kMap, kRemoval, d.check.removal);
  if (removal && control) row(kControl, kRemoval, d.check.control_removal);
  if (control) row(kMap, kControl, d.check.control);
  table.note =
      "The removal effect of a patch is the decrease of the loss's score without the patch's "
      "token, which is not computed. A map that is specific to the target correlates more with the "
      "removal effects than the map for a random direction does.";
  return table;
}

DocumentTable runs_of(const Deoptimisation& d) {
  DocumentTable table{.columns = {"run", "loss before", "after", "changed by"}, .rows = {}};
  for (std::size_t r = 0; r < d.runs.size(); ++r) {
    const DeoptimisationCurve& run = d.runs[r];
    table.rows.push_back(
        {run.control ? "random direction"
         : r == 0    ? "from the image"
                     : fmt::format("restart {}", r),
         fmt::format("{:.5g}", run.losses.front()),
         fmt::format("{:.5g}{}", run.losses.back(), run.diverged_after_step ? " (diverged)" : ""),
         fmt::format("{:.3g} %", 100 * run.distances.back())});
  }
  return table;
}

DocumentTable settings_of(const Deoptimisation& d) {
  DocumentTable table{.columns = {"setting", "value"}, .rows = {}, .text_columns = 2};
  for (const auto& [name, value] : d.settings) table.rows.push_back({name, value});
  return table;
}

void add_changes(const Deoptimisation& d, const Image& image, const OverlayOptions& options,
                 Document& page) {
  page.section("Change");
  std::vector<DocumentFigure> figures{{.caption = "the image", .image = image}};
  for (std::size_t i = 0; i < d.changes.size(); ++i) {
    figures.push_back(change_figure(d, image, i, options));
  }
  if (d.detail && d.detail->edited.width > 0) {
    figures.push_back({.caption = "the changed image", .image = d.detail->edited});
  }
  page.figures(figures);
}

void add_checks(const Deoptimisation& d, const Image& image, OverlayOptions options,
                Document& page) {
  page.section("Checks");
  if (!d.effects.empty()) {
    const std::vector<float> effects(d.effects.begin(), d.effects.end());
    options.limit = 0;
    options.legend = false;
    page.figures(std::vector<DocumentFigure>{
        {.caption = "removal effects", .image = overlay(image, d.image.grid, effects, options)}});
  }
  page.table(checks_of(d));
}

}  // namespace

PatchGrid cells_of(const Deoptimisation& deoptimisation) {
  return {deoptimisation.rows, deoptimisation.columns, deoptimisation.image.grid.area};
}

std::string deoptimisation_page(const Deoptimisation& d, const Image& image,
                                const OverlayOptions& options,
                                std::span<const std::byte> animation) {
  Document page(fmt::format("{} · {} · whyclip", file_name(d.image.name), d.target.name),
                d.headline);
  page.notes(d.notes);
  add_changes(d, image, options, page);
  if (!animation.empty()) {
    page.part("Step by step");
    page.figures(std::vector<DocumentFigure>{{.caption = "the first run",
                                              .file = {animation.begin(), animation.end()},
                                              .file_type = "image/webp"}});
  }
  add_checks(d, image, options, page);
  page.section("Runs");
  page.table(runs_of(d));
  page.chart(losses_of(d));
  page.section("Settings");
  page.table(settings_of(d));
  page.paragraph(d.description);
  return page.html();
}

std::vector<std::byte> deoptimisation_animation(const Deoptimisation& d, const Image& image,
                                                const OverlayOptions& options) {
  if (!d.detail || d.detail->frames.empty()) {
    throw Error("animation", "the result has no frames; deoptimise with details and snapshots");
  }
  const std::vector<DeoptimisationFrame>& snapshots = d.detail->frames;
  OverlayOptions scaled = options;
  for (const float value : snapshots.back().map) {
    if (options.limit == 0) scaled.limit = std::max(scaled.limit, double(std::abs(value)));
  }
  if (scaled.limit == 0) scaled.limit = 1;  // nothing changed
  const int milliseconds =
      std::max(kShortestMilliseconds, kAnimationMilliseconds / int(snapshots.size()));
  std::vector<Frame> frames;
  for (const DeoptimisationFrame& snapshot : snapshots) {
    scaled.title = fmt::format("step {}", snapshot.step);
    const Image shown =
        snapshot.map.empty() ? snapshot.image : overlay(image, cells_of(d), snapshot.map, scaled);
    frames.push_back({shrink(shown, kFrameSide), milliseconds});
  }
  frames.back().milliseconds = kLastFrameMilliseconds;
  return encode_animation(frames);
}

}  // namespace whyclip
