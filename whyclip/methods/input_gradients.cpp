#include "whyclip/methods/input_gradients.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/recording_batch.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// Copies per batch of a forward pass without recording; enough to use all cores.
constexpr int kBatch = 8;

}  // namespace

InputSpace::InputSpace(ExplanationContext& context, std::string_view on)
    : context_(context), trace_point_("vision." + std::string(on)) {
  const PatchGrid& grid = context.grid();
  const Tensor& input = context.recorded().record().at(trace_point_);
  const bool pixels = on == "pixels";
  image_ = input.values();
  side_ = pixels ? context.clip().config().vision.patch_size : 1;
  cells_ = pixels ? planes_of_cells(grid.rows * side_, grid.columns * side_, 3)
                  : cells_of_channels(grid.rows, grid.columns, input.width());
}

MethodOption InputSpace::option() {
  return MethodOption::choice("on", "variable of differentiation", {"patches", "pixels"});
}

MethodOption InputSpace::baseline_option() {
  return MethodOption::choice("baseline", "start of the integration path",
                              {"zero", "mean", "black"});
}

std::vector<float> InputSpace::gradient(const Progress& progress) const {
  const RecordedImage& recorded = context_.recorded();
  const BackwardResult backward = propagate_backward(
      recorded.workspace(), recorded.record(), gradient_rules(), trace_points::kImage,
      seed_of_targets(recorded, {&context_.target(), 1}, Quantity::kGradient), {trace_point_},
      {.additive_terms = false, .progress = progress});
  const Tensor& result = backward.gradients.at(trace_point_);
  return {result.values().begin(), result.values().end()};
}

Value InputSpace::embeddings(Trace& trace, int begin, int count, const Fill& fill) const {
  const VisionTower& tower = context_.clip().vision();
  const PatchGrid& grid = context_.grid();
  const bool pixels = trace_point_ == "vision.pixels";
  Tensor inputs = context_.workspace().tensor(pixels ? count : count * cells_.cells(),
                                              pixels ? std::int64_t(size()) : cells_.channels);
  for (int i = 0; i < count; ++i) {
    fill(begin + i, inputs.values().subspan(std::size_t(i) * size(), size()));
  }
  if (pixels) {
    return tower.forward(trace, {std::move(inputs), grid.rows, grid.columns},
                         LastBlock::kPooledOnly);
  }
  const Value patches = trace.input(trace_point_, std::move(inputs));
  return tower.encode(trace, tower.embed_patches(trace, patches, grid.rows, grid.columns), count,
                      LastBlock::kPooledOnly);
}

void InputSpace::each_gradient(int count, const Fill& fill, const Take& take,
                               std::string_view stage, const Progress& progress,
                               std::string_view at) const {
  each_copy_gradient(
      context_, count, recorded_at_once(context_.recorded()),
      [&](Trace& trace, int begin, int some) { return embeddings(trace, begin, some, fill); },
      at.empty() ? trace_point_ : at, take, stage, progress);
}

std::vector<double> InputSpace::values(int count, const Fill& fill, std::string_view stage,
                                       const Progress& progress) const {
  std::vector<double> result;
  for (int begin = 0; begin < count; begin += kBatch) {
    report_progress(progress, stage, begin, count);
    const int some = std::min(kBatch, count - begin);
    Trace trace(context_.workspace());
    const Value embedded = embeddings(trace, begin, some, fill);
    for (int i = 0; i < some; ++i) {
      result.push_back(target_value(context_.target(), embedded->row(i)));
    }
  }
  return result;
}

std::vector<float> InputSpace::baseline(std::string_view name) const {
  std::vector<float> result(size(), 0.0f);
  if (name == "mean") {
    for (std::int64_t k = 0; k < cells_.channels; ++k) {
      double sum = 0;
      for (std::int64_t c = 0; c < cells_.cells(); ++c) {
        sum += double(image_[std::size_t(cells_.at(c, k))]);
      }
      const auto mean = float(sum / double(cells_.cells()));
      for (std::int64_t c = 0; c < cells_.cells(); ++c) result[std::size_t(cells_.at(c, k))] = mean;
    }
  } else if (name == "black") {
    const PreprocessConfig& config = context_.clip().preprocess_config();
    const PatchGrid& grid = context_.grid();
    const Tensor& own = context_.recorded().record().at("vision.pixels");
    Tensor pixels = context_.workspace().tensor(1, own.width());
    const std::int64_t plane = own.width() / 3;
    for (std::int64_t i = 0; i < own.width(); ++i) {
      const auto k = std::size_t(i / plane);
      pixels.row(0)[std::size_t(i)] = float(-config.mean[k] / config.standard_deviation[k]);
    }
    Record record;
    Trace recording(context_.workspace(), record);
    context_.clip().vision().embed(recording, {std::move(pixels), grid.rows, grid.columns});
    std::ranges::copy(record.at(trace_point_).values(), result.begin());
  }
  return result;
}

double reduced(std::span<const double> values, Channels channels) {
  double sum = 0, squares = 0, size = 0, most = 0;
  for (const double v : values) {
    sum += v;
    squares += v * v;
    size += std::abs(v);
    most = std::max(most, std::abs(v));
  }
  switch (channels) {
    case Channels::kAbsoluteSum:
      return size;
    case Channels::kLargestAbsolute:
      return most;
    case Channels::kNorm:
      return std::sqrt(squares);
    case Channels::kSum:
      return sum;
  }
  return sum;
}

std::vector<double> InputSpace::by_patch(std::span<const double> values, Channels channels) const {
  const PatchGrid& grid = context_.grid();
  std::vector<double> result(std::size_t(grid.rows) * std::size_t(grid.columns), 0.0),
      cell(std::size_t(cells_.channels), 0.0);
  for (std::int64_t c = 0; c < cells_.cells(); ++c) {
    for (std::int64_t k = 0; k < cells_.channels; ++k) {
      cell[std::size_t(k)] = values[std::size_t(cells_.at(c, k))];
    }
    const std::int64_t row = c / cells_.columns / side_, column = c % cells_.columns / side_;
    result[std::size_t(row * grid.columns + column)] += reduced(cell, channels);
  }
  return result;
}

std::vector<float> InputSpace::patch_sums(std::span<const double> values, Channels channels) const {
  const std::vector<double> sums = by_patch(values, channels);
  return {sums.begin(), sums.end()};
}

std::vector<float> InputSpace::patch_means(std::span<const double> values,
                                           Channels channels) const {
  std::vector<double> sums = by_patch(values, channels);
  for (double& sum : sums) sum /= double(side_) * double(side_);
  return {sums.begin(), sums.end()};
}

void each_copy_gradient(const ExplanationContext& context, int count, int batch,
                        const EmbedCopies& embed, std::string_view at, const InputSpace::Take& take,
                        std::string_view stage, const Progress& progress) {
  const Workspace& workspace = context.workspace();
  for (int begin = 0; begin < count; begin += batch) {
    report_progress(progress, stage, begin, count);
    const int some = std::min(batch, count - begin);
    Record record;
    Trace trace(workspace, record);
    const Value embedded = embed(trace, begin, some);
    trace.apply("vision.", "normalized", std::make_shared<Normalise>(), {embedded});
    Tensor seed = workspace.tensor(some, embedded->width());
    for (int i = 0; i < some; ++i) {
      std::ranges::copy(context.target().direction, seed.row(i).begin());
    }
    const BackwardResult backward =
        propagate_backward(workspace, record, gradient_rules(), trace_points::kImage,
                           std::move(seed), {at}, {.additive_terms = false});
    const auto gradients = backward.gradients.find(at)->second.values();
    const std::size_t each = gradients.size() / std::size_t(some);
    for (int i = 0; i < some; ++i) {
      take(begin + i, target_value(context.target(), embedded->row(i)),
           gradients.subspan(std::size_t(i) * each, each));
    }
  }
}

MethodOption channels_option(std::vector<std::string> choices) {
  return MethodOption::choice("channels",
                              "reduction of the channels of a patch or pixel: sum or maximum of "
                              "absolute values, or Euclidean norm",
                              std::move(choices));
}

Channels channels_of(const MethodSettings& settings) {
  const std::string& word = settings.word("channels");
  return word == "sum"   ? Channels::kAbsoluteSum
         : word == "max" ? Channels::kLargestAbsolute
                         : Channels::kNorm;
}

std::string delta_note(const Attribution& result) {
  double delta = *result.total - *result.elsewhere;
  for (const float contribution : result.patches) delta -= double(contribution);
  return fmt::format(
      "completeness error (delta) {:.2g}: value − value at the baseline − sum of contributions",
      delta);
}

}  // namespace whyclip
