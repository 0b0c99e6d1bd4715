#include "whyclip/evaluation/run_evaluation.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/core/parallel.h"

namespace whyclip {
namespace {

/// The state that all threads share.
class Run {
 public:
  Run(const Clip& clip, const ZeroShot& zero_shot, const EvaluationPlan& plan, ResultStore& store,
      const EvaluationOptions& options, const Progress& progress)
      : clip_(clip),
        zero_shot_(zero_shot),
        plan_(plan),
        store_(store),
        options_(options),
        progress_(progress),
        reruns_(plan.rerun_samples()),
        total_(std::int64_t(plan.samples.size() * plan.methods.size())) {
    // The slowest samples come first, so that all threads end at about the same time.
    for (int sample = 0; sample < int(plan.samples.size()); ++sample) order_.push_back(sample);
    std::stable_partition(order_.begin(), order_.end(),
                          [&](int sample) { return reruns_[std::size_t(sample)]; });
    for (const Sample& sample : plan.samples) {
      for (const PlannedMethod& method : plan.methods)
        done_ += store.has(sample.name, method.label());
    }
  }

  /// Evaluates samples one after the other until none is left or the run is stopped.
  void work() noexcept {
    try {
      report_start();
      std::optional<RandomisedTowers> towers = make_towers();
      while (!stopped_) {
        const std::size_t next = next_++;
        if (next >= order_.size()) return;
        evaluate_sample(order_[next], towers);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
    }
  }

  /// The outcome. Rethrows the first exception of a thread, except Cancelled.
  EvaluationRun finish() {
    EvaluationRun run{.skipped = skipped_};
    try {
      if (failure_) std::rethrow_exception(failure_);
    } catch (const Cancelled&) {
      run.interrupted = true;
    }
    return run;
  }

 private:
  /// Reports progress once, from the first thread.
  void report_start() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(started_, true)) report_progress(progress_, "evaluating", done_, total_);
  }

  std::optional<RandomisedTowers> make_towers() const {
    if (!options_.model_factory) return {};
    return RandomisedTowers(clip_, options_.model_factory, options_.seed);
  }

  /// The progress callback of methods and metrics: it reports the progress of the whole run.
  Progress inner_progress() {
    return [this](std::string_view, std::int64_t, std::int64_t) {
      if (stopped_) return false;
      const std::lock_guard lock(mutex_);
      if (progress_ && !progress_("evaluating", done_, total_)) stopped_ = true;
      return !stopped_.load();
    };
  }

  void evaluate_sample(int index, std::optional<RandomisedTowers>& towers) {
    const Sample& sample = plan_.samples[std::size_t(index)];
    std::vector<const PlannedMethod*> missing;
    {
      const std::lock_guard lock(mutex_);
      for (const PlannedMethod& method : plan_.methods) {
        if (!store_.has(sample.name, method.label())) missing.push_back(&method);
      }
    }
    if (missing.empty()) return;
    std::unique_ptr<ExplanationContext> context;
    GroundTruth ground_truth;
    try {
      LoadedSample loaded = sample.load();
      ground_truth = std::move(loaded.ground_truth);
      context = std::make_unique<ExplanationContext>(clip_, std::move(loaded.image),
                                                     std::move(loaded.target), &zero_shot_);
    } catch (const Error& error) {
      skip(sample, error, missing.size());
      return;
    }
    if (towers) {
      ground_truth.randomised = [&](int stage, bool cascading) -> const Clip& {
        return towers->at(stage, cascading);
      };
    }
    MetricContext metric_context(*context, std::move(ground_truth));
    for (const PlannedMethod* method : missing) {
      MethodResult result = evaluate_method(metric_context, index, *method);
      const std::lock_guard lock(mutex_);
      store_.add(std::move(result));
      ++done_;
      report_progress(progress_, "evaluating", done_, total_);
    }
  }

  void skip(const Sample& sample, const Error& error, std::size_t methods) {
    const std::lock_guard lock(mutex_);
    skipped_[sample.name] = error.what();
    done_ += std::int64_t(methods);
    report_progress(progress_, "evaluating", done_, total_);
  }

  /// Whether a metric is measured on this sample.
  bool measures(const Metric& metric, int index) const {
    if (metric.info.mosaics != plan_.samples[std::size_t(index)].mosaic) return false;
    return !metric.info.reruns || reruns_[std::size_t(index)];
  }

  MethodResult evaluate_method(MetricContext& metric_context, int index,
                               const PlannedMethod& planned) {
    MethodResult result{.sample = plan_.samples[std::size_t(index)].name,
                        .method = planned.label()};
    const MethodSettings settings = planned.settings();
    try {
      const auto start = std::chrono::steady_clock::now();
      const Attribution map =
          planned.method->run(metric_context.context(), settings, inner_progress());
      result.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      EvaluatedMap evaluated(metric_context, *planned.method, settings, map);
      for (const PlannedMetric& metric : plan_.metrics) {
        if (!measures(*metric.metric, index)) continue;
        result.metrics[metric.label()] =
            metric.metric->measure(evaluated, metric.settings(), inner_progress());
      }
      for (const auto& entry : evaluated.all_curves()) {
        result.curves[std::string(name_of(entry.first.first))] = {entry.second.most_first.score,
                                                                  entry.second.least_first.score};
      }
    } catch (const Error& error) {
      result.metrics.clear();
      result.curves.clear();
      result.error = error.what();
    }
    return result;
  }

  const Clip& clip_;
  const ZeroShot& zero_shot_;
  const EvaluationPlan& plan_;
  ResultStore& store_;  // guarded by mutex_
  const EvaluationOptions& options_;
  const Progress& progress_;
  const std::vector<bool> reruns_;  // by sample
  std::mutex mutex_;
  std::int64_t done_ = 0, total_;
  std::map<std::string, std::string> skipped_;
  std::exception_ptr failure_;
  bool started_ = false;
  std::vector<int> order_;  // indices of the samples
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace

EvaluationRun run_evaluation(const Clip& clip, const ZeroShot& zero_shot,
                             const EvaluationPlan& plan, ResultStore& store,
                             const EvaluationOptions& options, const Progress& progress) {
  Run run(clip, zero_shot, plan, store, options, progress);
  const int requested = options.threads > 0 ? options.threads : default_threads();
  const int count = std::min(requested, std::max(1, int(plan.samples.size())));
  parallel_for(count, count, [&run](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) run.work();
  });
  return run.finish();
}

}  // namespace whyclip
