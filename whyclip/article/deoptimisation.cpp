#include "whyclip/article/deoptimisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/attribution/recording_batch.h"
#include "whyclip/core/cell_grid.h"
#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

/// The data that all runs of a deoptimisation share.
struct Problem {
  const Clip& clip;
  const RecordedImage& recorded;
  const DeoptimisationOptions& options;
  CellGrid cells;
  std::string_view trace_point;  ///< of the variable
  std::span<const float> image;  ///< its value for the image

  bool pixels() const { return options.variable == Variable::kPixels; }
};

/// The state of one run.
struct Run {
  int index;
  DeoptimisationLoss loss;
  std::vector<float> start, state, previous;
  Descent descent;
  DeoptimisationRun result;

  bool active() const { return !result.diverged.has_value(); }
};

double norm(std::span<const float> values) {
  return std::sqrt(kernels::dot(values.data(), values.data(), std::int64_t(values.size())));
}

bool finite(std::span<const float> values) {
  return kernels::all_finite(values.data(), std::int64_t(values.size()));
}

void check(const DeoptimisationOptions& options) {
  const auto at_least = [](std::string_view name, double value, double least) {
    if (!(value >= least) || !std::isfinite(value)) {
      throw Error(std::string(name), fmt::format("expected at least {}, got {}", least, value));
    }
  };
  at_least("steps", options.steps, 1);
  at_least("restarts", options.restarts, 1);
  at_least("controls", options.controls, 0);
  at_least("l2", options.l2, 0);
  at_least("variation", options.variation, 0);
  at_least("low pass", options.low_pass, 0);
  at_least("noise", options.noise, 0);
  at_least("snapshots", options.snapshots, 0);
}

Problem make_problem(const Clip& clip, const RecordedImage& recorded,
                     const DeoptimisationOptions& options) {
  const PatchGrid& grid = recorded.grid();
  const bool pixels = options.variable == Variable::kPixels;
  const int side = clip.config().vision.patch_size;
  const std::string_view trace_point = pixels ? "vision.pixels" : "vision.patches";
  const Tensor& image = recorded.record().at(trace_point);
  return {clip,
          recorded,
          options,
          pixels ? planes_of_cells(grid.rows * side, grid.columns * side, 3)
                 : cells_of_channels(grid.rows, grid.columns, image.width()),
          trace_point,
          image.values()};
}

/// A random vector of the length of `like`, with the same sign of the product with the embedding,
/// so that one-sided losses have a slope.
std::vector<float> random_vector(std::span<const float> like, std::span<const float> embedding,
                                 std::uint64_t seed, std::uint64_t stream) {
  const std::vector<double> drawn = normal_values(seed, stream, like.size());
  double squares = 0, product = 0;
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    squares += drawn[k] * drawn[k];
    product += drawn[k] * double(embedding[k]);
  }
  const double like_product =
      kernels::dot(like.data(), embedding.data(), std::int64_t(like.size()));
  const double factor = norm(like) / std::sqrt(squares) * (product * like_product < 0 ? -1 : 1);
  std::vector<float> result;
  for (const double value : drawn) result.push_back(float(value * factor));
  return result;
}

/// Random streams of the controls; they do not depend on the number of restarts.
constexpr std::uint64_t kControlStreams = std::uint64_t{1} << 32;

Run make_run(const Problem& problem, const DeoptimisationLoss& loss, int index) {
  const DeoptimisationOptions& options = problem.options;
  const bool control = index >= options.restarts;
  Run run{
      .index = index,
      .loss = loss,
      .start = {problem.image.begin(), problem.image.end()},
      .state = {},
      .previous = {},
      .descent = Descent(options.optimiser, options.rate, options.momentum, problem.image.size()),
      .result = {}};
  run.result.control = control;
  if (control) {
    run.loss.vector = random_vector(loss.vector, problem.recorded.embedding(), options.seed,
                                    kControlStreams + std::uint64_t(index - options.restarts));
  } else if (index > 0) {
    const double scale =
        options.noise * norm(problem.image) / std::sqrt(double(problem.image.size()));
    const std::vector<double> drawn =
        normal_values(options.seed, std::uint64_t(index), run.start.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) run.start[i] += float(scale * drawn[i]);
  }
  run.state = run.start;
  run.result.vector = run.loss.vector;
  run.result.losses.reserve(std::size_t(options.steps) + 1);
  run.result.distances.reserve(std::size_t(options.steps) + 1);
  return run;
}

/// The states of the active runs, stacked as the tower's input.
Tensor joined(const Problem& problem, std::span<Run* const> runs) {
  const std::int64_t count = std::int64_t(runs.size()), size = std::int64_t(problem.image.size());
  const Workspace& workspace = problem.recorded.workspace();
  Tensor all = problem.pixels()
                   ? workspace.tensor(count, size)
                   : workspace.tensor(count * problem.cells.cells(), problem.cells.channels);
  for (std::int64_t i = 0; i < count; ++i) {
    std::ranges::copy(runs[std::size_t(i)]->state, all.data() + i * size);
  }
  return all;
}

/// The image embeddings of the runs, (runs, projection).
Value embeddings(const Problem& problem, Trace& trace, std::span<Run* const> runs) {
  const VisionTower& tower = problem.clip.vision();
  const PatchGrid& grid = problem.recorded.grid();
  Tensor all = joined(problem, runs);
  if (problem.pixels()) {
    return tower.forward(trace, {std::move(all), grid.rows, grid.columns}, LastBlock::kPooledOnly);
  }
  const Value patches = trace.input(problem.trace_point, std::move(all));
  return tower.encode(trace, tower.embed_patches(trace, patches, grid.rows, grid.columns),
                      std::int64_t(runs.size()), LastBlock::kPooledOnly);
}

void mark_diverged(Run& run, int step) {
  run.result.diverged = step;
  run.state = run.previous;
}

/// Records the loss and distance of the run, or marks it as diverged. Returns its loss.
double record_loss(Run& run, std::span<const float> embedding, int step) {
  const double loss = run.loss.value(embedding);
  if (!finite(embedding) || !std::isfinite(loss)) {
    if (step == 0) {
      throw Error("vision.embedding",
                  fmt::format("is not finite in run {} before the first step: {}", run.index,
                              run.index == 0 ? "the checkpoint overflows on this image"
                                             : "use less noise"));
    }
    mark_diverged(run, step - 1);
    return loss;
  }
  double squares = 0;
  for (std::size_t i = 0; i < run.state.size(); ++i) {
    const double difference = double(run.state[i]) - double(run.start[i]);
    squares += difference * difference;
  }
  const double size = norm(run.start);
  run.result.losses.push_back(loss);
  run.result.distances.push_back(size > 0 ? std::sqrt(squares) / size : std::sqrt(squares));
  return loss;
}

/// The gradient of the objective: that of the loss, negated for an ascent, plus the penalties.
std::vector<float> objective_gradient(const Problem& problem, const Run& run,
                                      std::span<const float> gradient) {
  const DeoptimisationOptions& options = problem.options;
  std::vector<float> result(gradient.begin(), gradient.end()), change(gradient.size(), 0.0f);
  for (std::size_t i = 0; i < change.size(); ++i) {
    change[i] = run.state[i] - run.start[i];
    if (options.ascend) result[i] = -result[i];
    result[i] += float(2 * options.l2 * double(change[i]));
  }
  if (options.variation > 0) {
    add_total_variation_gradient(change, problem.cells, options.variation, result);
  }
  low_pass(result, problem.cells, options.low_pass);
  return result;
}

void observe(const Problem& problem, const Run& run, int step, double loss,
             std::span<const float> gradient) {
  if (!problem.options.observe) return;
  problem.options.observe({run.index, step, loss, run.state, gradient});
}

/// The values as (cells, channels).
Tensor by_cell(const CellGrid& grid, std::span<const float> values) {
  Tensor result(grid.cells(), grid.channels);
  for (std::int64_t c = 0; c < grid.cells(); ++c) {
    for (std::int64_t k = 0; k < grid.channels; ++k) {
      result.row(c)[std::size_t(k)] = values[std::size_t(grid.at(c, k))];
    }
  }
  return result;
}

/// Whether this step is one of `snapshots` snapshots over `steps` steps: the first and the last,
/// and evenly spaced ones between.
bool is_snapshot(int step, int steps, int snapshots) {
  if (snapshots < 1) return false;
  if (step == 0 || step == steps || snapshots > steps) return true;
  const auto frame = [&](int s) { return std::int64_t{s} * (snapshots - 1) / steps; };
  return frame(step) != frame(step - 1);
}

void keep_snapshot(const Problem& problem, Run& run, int step) {
  if (run.index != 0 || !is_snapshot(step, problem.options.steps, problem.options.snapshots))
    return;
  std::vector<float> change(run.state.size(), 0.0f);
  for (std::size_t i = 0; i < change.size(); ++i) change[i] = run.state[i] - run.start[i];
  run.result.snapshots.push_back({step, by_cell(problem.cells, change)});
}

/// One step of the active runs; the last call (step = steps) only records their losses.
void take_step(const Problem& problem, std::span<Run> runs, int step) {
  std::vector<Run*> active;
  for (Run& run : runs) {
    if (run.active()) active.push_back(&run);
  }
  if (active.empty()) return;
  const Workspace& workspace = problem.recorded.workspace();
  const bool last = step == problem.options.steps;
  Record record;
  Trace trace = last ? Trace(workspace) : Trace(workspace, record);
  const Value embedded = embeddings(problem, trace, active);
  Tensor seed = workspace.tensor(embedded->rows(), embedded->width());
  std::vector<double> losses;
  for (std::size_t i = 0; i < active.size(); ++i) {
    const std::span<const float> embedding = embedded->row(std::int64_t(i));
    losses.push_back(record_loss(*active[i], embedding, step));
    if (active[i]->active()) keep_snapshot(problem, *active[i], step);
    active[i]->loss.gradient(embedding, seed.row(std::int64_t(i)));
    if (last && active[i]->active()) observe(problem, *active[i], step, losses[i], {});
  }
  if (last) return;
  const BackwardResult backward =
      propagate_backward(workspace, record, gradient_rules(), "vision.embedding", std::move(seed),
                         {problem.trace_point}, {.additive_terms = false, .finite = false});
  const Tensor& gradients = backward.gradients.at(std::string(problem.trace_point));
  for (std::size_t i = 0; i < active.size(); ++i) {
    Run& run = *active[i];
    const std::size_t size = run.state.size();
    const auto gradient = gradients.values().subspan(i * size, size);
    if (!run.active()) continue;
    if (!finite(gradient)) {
      run.result.diverged = step;
      continue;
    }
    observe(problem, run, step, losses[i], gradient);
    run.previous = run.state;
    run.descent.step(objective_gradient(problem, run, gradient), run.state);
  }
}

DeoptimisationRun finished(const Problem& problem, Run run) {
  run.result.state = by_cell(problem.cells, run.state);
  for (std::size_t i = 0; i < run.state.size(); ++i) run.state[i] -= run.start[i];
  run.result.change = by_cell(problem.cells, run.state);
  return std::move(run.result);
}

}  // namespace

std::string_view name_of(Variable variable) {
  return variable == Variable::kPixels ? "pixels" : "patches";
}

DeoptimisationRuns deoptimise(const Clip& clip, const RecordedImage& recorded,
                              const DeoptimisationLoss& loss,
                              const DeoptimisationOptions& options) {
  check(options);
  loss.check(recorded.embedding().size());
  const Problem problem = make_problem(clip, recorded, options);
  const int count = options.restarts + options.controls, most = recorded_at_once(recorded);
  const std::int64_t batches = (std::int64_t{count} + most - 1) / most;
  DeoptimisationRuns result{
      options.variable, problem.cells.rows, problem.cells.columns, {}, options.optimiser};
  for (std::int64_t b = 0; b < batches; ++b) {
    std::vector<Run> runs;
    for (int i = int(b * most); i < count && int(runs.size()) < most; ++i) {
      runs.push_back(make_run(problem, loss, i));
    }
    for (int step = 0; step <= options.steps; ++step) {
      report_progress(options.progress, "deoptimising",
                      b * (std::int64_t{options.steps} + 1) + step,
                      batches * (std::int64_t{options.steps} + 1));
      take_step(problem, runs, step);
    }
    for (Run& run : runs) result.runs.push_back(finished(problem, std::move(run)));
  }
  return result;
}

std::vector<float> planes_of(const Tensor& cells) {
  std::vector<float> planes(cells.size(), 0.0f);
  for (std::int64_t c = 0; c < cells.rows(); ++c) {
    for (std::int64_t k = 0; k < cells.width(); ++k) {
      planes[std::size_t(k * cells.rows() + c)] = cells.row(c)[std::size_t(k)];
    }
  }
  return planes;
}

}  // namespace whyclip
