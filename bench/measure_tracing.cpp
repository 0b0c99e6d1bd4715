#include "bench/measure_tracing.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/core/error.h"
#include "whyclip/image/decode.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip::bench {
namespace {

template <class T>
TracingFigures traced(const RecordedImage& recorded, const PublishedTracingOptions& options) {
  return tracing_figures(published_tracing<T>(recorded.workspace(), recorded.record(),
                                              "vision.embedded", "vision.embedding", options),
                         kDeparture);
}

void measure(const RecordedImage& recorded, const TracingSetting& setting, TracingRow& row,
             std::vector<double>& milliseconds) {
  const auto start = std::chrono::steady_clock::now();
  const TracingFigures figures = setting.in_double
                                     ? traced<double>(recorded, setting.ablation.options)
                                     : traced<float>(recorded, setting.ablation.options);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  milliseconds.push_back(time.count());
  if (row.cosines.empty()) row.first_departure = figures.first_departure;
  row.cosines.push_back(figures.closeness.cosine);
  row.norm_ratios.push_back(figures.closeness.norm_ratio);
  row.distances.push_back(figures.closeness.distance);
  row.cancellations.push_back(figures.cancellation);
  row.peak_megabytes = double(figures.peak_bytes) / 1e6;
}

}  // namespace

std::vector<TracingSetting> tracing_settings() {
  std::vector<TracingSetting> settings;
  for (TracingAblation ablation : tracing_ablations()) {
    const bool published = settings.empty();
    if (published) ablation.name = "published: " + ablation.name;
    ablation.options.softmax_nodes = 32;
    if (published) settings.push_back({ablation, false});
    settings.push_back({ablation, true});
  }
  return settings;
}

std::vector<TracingRow> measure_tracing(const Clip& clip, const std::string& weights,
                                        std::span<const Drawing> drawings,
                                        std::span<const TracingSetting> settings,
                                        const Progress& progress) {
  std::vector<TracingRow> rows;
  for (const TracingSetting& setting : settings) {
    rows.push_back({.weights = weights,
                    .precision = setting.in_double ? "double" : "float",
                    .rules = setting.ablation.name,
                    .images = drawings.size(),
                    .cosines = {},
                    .norm_ratios = {},
                    .distances = {},
                    .cancellations = {},
                    .first_departure = {},
                    .peak_megabytes = 0,
                    .milliseconds = 0});
  }
  std::vector<std::vector<double>> milliseconds(rows.size());
  const auto total = std::int64_t(drawings.size() * rows.size());
  std::int64_t done = 0;
  for (const Drawing& drawing : drawings) {
    const RecordedImage recorded(clip, clip.prepare(read_image(drawing.file)));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      try {
        measure(recorded, settings[r], rows[r], milliseconds[r]);
      } catch (const Error& error) {
        throw Error(fmt::format("{}, {}", rows[r].rules, drawing.file.filename().string()),
                    error.what());
      }
      report_progress(progress, weights, ++done, total);
    }
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows[r].milliseconds = quantile(milliseconds[r], 0.5);
  }
  return rows;
}

}  // namespace whyclip::bench
