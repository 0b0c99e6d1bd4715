#include "whyclip/evaluation/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "whyclip/metrics/removal_curves.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

/// Results by method and sample.
using Lookup = std::map<std::pair<std::string, std::string>, const MethodResult*>;

Lookup lookup_of(std::span<const MethodResult> results) {
  Lookup lookup;
  for (const MethodResult& result : results) lookup[{result.method, result.sample}] = &result;
  return lookup;
}

/// "; steps=2"
std::string budget_text(const PlannedMetric& planned) {
  std::string text;
  for (const auto& option : planned.budget) {
    if (planned.options.contains(option.first)) continue;
    text += fmt::format("; {}={}", option.first, option.second);
  }
  return text;
}

LeaderboardColumn column_of(const PlannedMetric& planned) {
  const MetricInfo& info = planned.metric->info;
  return {.name = planned.label(),
          .category = std::string(name_of(info.category)),
          .description = fmt::format("{}. {}{} ({})", info.summary, info.protocol,
                                     budget_text(planned), info.reference),
          .higher_is_better = info.better != Better::kLower,
          .ranked = info.better != Better::kNeither};
}

class Summary {
 public:
  Summary(const EvaluationPlan& plan, std::span<const MethodResult> results,
          const SummaryOptions& options)
      : plan_(plan),
        options_(options),
        reruns_(plan.rerun_samples()),
        lookup_(lookup_of(results)) {}

  Leaderboard make() {
    Leaderboard board;
    for (const PlannedMetric& metric : plan_.metrics) board.columns.push_back(column_of(metric));
    for (const PlannedMethod& method : plan_.methods) board.rows.push_back(row_of(method));
    board.curves = curves();
    board.agreement = agreement(board);
    add_notes(board);
    return board;
  }

 private:
  const MethodResult* find(const std::string& method, const std::string& sample) const {
    const auto found = lookup_.find({method, sample});
    return found == lookup_.end() ? nullptr : found->second;
  }

  /// The samples that a metric is measured on.
  std::vector<int> samples_of(const Metric& metric) const {
    std::vector<int> samples;
    for (int i = 0; i < int(plan_.samples.size()); ++i) {
      if (metric.info.mosaics != plan_.samples[std::size_t(i)].mosaic) continue;
      if (!metric.info.reruns || reruns_[std::size_t(i)]) samples.push_back(i);
    }
    return samples;
  }

  const std::vector<std::vector<int>>& draws(int images) {
    const auto found = draws_.find(images);
    if (found != draws_.end()) return found->second;
    return draws_[images] = bootstrap_draws(images, options_.resamples, options_.seed);
  }

  LeaderboardCell cell_of(const std::string& method, const PlannedMetric& planned) {
    const std::string label = planned.label();
    std::vector<std::vector<double>> statistics;
    std::string reason;
    for (const int sample : samples_of(*planned.metric)) {
      const MethodResult* const result = find(method, plan_.samples[std::size_t(sample)].name);
      statistics.emplace_back();
      if (result == nullptr) continue;
      if (!result->error.empty()) reason = result->error;
      const auto measured = result->metrics.find(label);
      if (measured == result->metrics.end()) continue;
      statistics.back() = measured->second.statistics;
      if (!measured->second.reason.empty()) reason = measured->second.reason;
    }
    if (statistics.empty()) return {.reason = "the metric is measured on none of the images"};
    const auto interval = interval_of(*planned.metric, statistics, draws(int(statistics.size())));
    if (!interval) return {.reason = reason.empty() ? "not finished" : reason};
    return {.value = interval->value,
            .low = interval->low,
            .high = interval->high,
            .images = interval->images};
  }

  LeaderboardRow row_of(const PlannedMethod& method) {
    LeaderboardRow row{.name = method.method->info.name,
                       .family = std::string(name_of(method.method->info.family)),
                       .settings = method.label().substr(method.method->info.name.size()),
                       .baseline = method.method->info.family == MethodFamily::kBaseline};
    if (!row.settings.empty()) row.settings.erase(0, 1);
    int images = 0;
    for (const Sample& sample : plan_.samples) {
      const MethodResult* const result = find(method.label(), sample.name);
      if (result == nullptr || !result->error.empty()) continue;
      row.seconds += result->seconds;
      ++images;
    }
    if (images > 0) row.seconds /= images;
    for (const PlannedMetric& metric : plan_.metrics) {
      row.cells.push_back(cell_of(method.label(), metric));
    }
    return row;
  }

  /// The mean over images of one method's curves for a fill; empty if it has none.
  StoredCurves mean_curves(const std::string& method, const std::string& fill) const {
    StoredCurves mean;
    int images = 0;
    for (const Sample& sample : plan_.samples) {
      const MethodResult* const result = sample.mosaic ? nullptr : find(method, sample.name);
      if (result == nullptr) continue;
      const auto found = result->curves.find(fill);
      if (found == result->curves.end()) continue;
      const StoredCurves& one = found->second;
      mean.most_first.resize(one.most_first.size(), 0);
      mean.least_first.resize(one.least_first.size(), 0);
      for (std::size_t i = 0; i < one.most_first.size(); ++i) {
        mean.most_first[i] += one.most_first[i];
        mean.least_first[i] += one.least_first[i];
      }
      ++images;
    }
    for (std::size_t i = 0; i < mean.most_first.size(); ++i) {
      mean.most_first[i] /= images;
      mean.least_first[i] /= images;
    }
    return mean;
  }

  std::vector<LeaderboardCurve> curves() const {
    constexpr std::pair<Fill, const char*> kNames[] = {
        {Fill::kRemove, "token removal"},
        {Fill::kMean, "mean colour"},
        {Fill::kBlur, "blur"},
        {Fill::kBlack, "black"},
        {Fill::kRoad, "noisy linear imputation (ROAD)"}};
    std::vector<LeaderboardCurve> result;
    for (const auto& [fill, name] : kNames) {
      LeaderboardCurve curve{.name = name};
      for (const PlannedMethod& method : plan_.methods) {
        StoredCurves mean = mean_curves(method.label(), std::string(name_of(fill)));
        if (curve.fractions.empty() && mean.most_first.size() > 1) {
          const double steps = double(mean.most_first.size() - 1);
          for (double step = 0; step <= steps; ++step) curve.fractions.push_back(step / steps);
        }
        curve.most_first.push_back(std::move(mean.most_first));
        curve.least_first.push_back(std::move(mean.least_first));
      }
      if (!curve.fractions.empty()) result.push_back(std::move(curve));
    }
    return result;
  }

  static std::vector<std::vector<std::optional<double>>> agreement(const Leaderboard& board) {
    std::vector<std::vector<std::optional<double>>> result;
    for (std::size_t a = 0; a < board.columns.size(); ++a) {
      result.emplace_back();
      for (std::size_t b = 0; b < board.columns.size(); ++b) {
        result.back().push_back(agreement_of(board, a, b));
      }
    }
    return result;
  }

  static std::optional<double> agreement_of(const Leaderboard& board, std::size_t a,
                                            std::size_t b) {
    constexpr std::size_t kMinMethods = 4;
    if (!board.columns[a].ranked || !board.columns[b].ranked) return {};
    const double sign_a = board.columns[a].higher_is_better ? 1 : -1;
    const double sign_b = board.columns[b].higher_is_better ? 1 : -1;
    std::vector<double> first, second;
    for (const LeaderboardRow& row : board.rows) {
      if (row.baseline || !row.cells[a].value || !row.cells[b].value) continue;
      first.push_back(sign_a * *row.cells[a].value);
      second.push_back(sign_b * *row.cells[b].value);
    }
    if (first.size() < kMinMethods) return {};
    return rank_correlation(first, second);
  }

  void add_notes(Leaderboard& board) const {
    std::size_t done = 0, all = 0;
    std::map<std::string, std::pair<int, std::string>> failed;
    for (const PlannedMethod& method : plan_.methods) {
      for (const Sample& sample : plan_.samples) {
        if (options_.skipped.contains(sample.name)) continue;
        ++all;
        const MethodResult* const result = find(method.label(), sample.name);
        if (result == nullptr) continue;
        ++done;
        if (result->error.empty()) continue;
        ++failed[method.label()].first;
        failed[method.label()].second = result->error;
      }
    }
    if (done < all) {
      board.notes.push_back(
          fmt::format("Not finished: {} of {} explanations are complete. Run the same command "
                      "again to continue.",
                      done, all));
    }
    for (const auto& entry : failed) {
      board.notes.push_back(fmt::format("{} failed on {} of {} images: {}", entry.first,
                                        entry.second.first, plan_.samples.size(),
                                        entry.second.second));
    }
  }

  const EvaluationPlan& plan_;
  const SummaryOptions& options_;
  const std::vector<bool> reruns_;  // by sample
  Lookup lookup_;
  std::map<int, std::vector<std::vector<int>>> draws_;
};

}  // namespace

Leaderboard summarise(const EvaluationPlan& plan, std::span<const MethodResult> results,
                      const SummaryOptions& options) {
  return Summary(plan, results, options).make();
}

}  // namespace whyclip
