#include "whyclip/methods/submodular.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <numeric>

#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

double length(std::span<const float> values) {
  return std::sqrt(kernels::dot(values.data(), values.data(), std::int64_t(values.size())));
}

Coalition with(Coalition set, int player) {
  set.insert(std::ranges::lower_bound(set, player), player);
  return set;
}

/// The coalitions set ∪ {candidate}, in the order of the candidates.
std::vector<Coalition> grown(const Coalition& set, std::span<const int> candidates) {
  std::vector<Coalition> result;
  for (const int player : candidates) result.push_back(with(set, player));
  return result;
}

class Objective {
 public:
  Objective(int players, std::span<const double> distance, const SubmodularOptions& options,
            const ValueFunction& values)
      : all_(full_coalition(players)), distance_(distance), options_(options), values_(values) {}

  /// The terms that evaluate the model: consistency and collaboration.
  std::vector<double> semantic(std::span<const Coalition> sets) const {
    std::vector<Coalition> coalitions(sets.begin(), sets.end());
    for (const Coalition& set : sets) {
      coalitions.emplace_back();
      std::ranges::set_difference(all_, set, std::back_inserter(coalitions.back()));
    }
    const std::vector<double> value = values_(coalitions);
    std::vector<double> result;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      result.push_back(options_.consistency * value[i] +
                       options_.collaboration * (1 - value[sets.size() + i]));
    }
    return result;
  }

  /// The term for dissimilar regions; 0 for a single region.
  double effectiveness(const Coalition& set) const {
    if (set.size() < 2 || options_.effectiveness == 0) return 0;
    double sum = 0;
    for (const int i : set) {
      double nearest = std::numeric_limits<double>::infinity();
      for (const int j : set) {
        if (j != i)
          nearest = std::min(nearest, distance_[std::size_t(i) * all_.size() + std::size_t(j)]);
      }
      sum += nearest;
    }
    return options_.effectiveness * sum;
  }

  std::vector<double> of(std::span<const Coalition> sets) const {
    std::vector<double> result = semantic(sets);
    for (std::size_t i = 0; i < sets.size(); ++i) result[i] += effectiveness(sets[i]);
    return result;
  }

 private:
  Coalition all_;
  std::span<const double> distance_;
  const SubmodularOptions& options_;
  const ValueFunction& values_;
};

class Search {
 public:
  Search(int players, const SubmodularOptions& options, const Objective& objective)
      : options_(options), objective_(objective), remaining_(full_coalition(players)) {}

  std::vector<int> order() {
    const auto players = std::int64_t(remaining_.size());
    while (!remaining_.empty()) {
      report_progress(options_.progress, "ordering regions",
                      players - std::int64_t(remaining_.size()), players);
      step();
    }
    front_.insert(front_.end(), back_.rbegin(), back_.rend());
    return front_;
  }

 private:
  void step() {
    const std::vector<Coalition> sets = grown(front_set_, remaining_);
    const std::vector<double> semantic = objective_.semantic(sets);
    std::vector<double> scores = semantic;
    for (std::size_t i = 0; i < sets.size(); ++i) scores[i] += objective_.effectiveness(sets[i]);
    const auto best = std::size_t(std::ranges::max_element(scores) - scores.begin());
    const int first = remaining_[best];
    std::vector<int> chosen{first};
    if (options_.search == SubmodularSearch::kBidirectional &&
        int(remaining_.size()) > options_.pending) {
      const int last = worst(semantic, first);
      back_.push_back(last);
      back_set_ = with(std::move(back_set_), last);
      chosen.push_back(last);
    }
    front_.push_back(first);
    front_set_ = with(std::move(front_set_), first);
    std::erase_if(remaining_, [&](int player) { return std::ranges::count(chosen, player) > 0; });
  }

  /// The player for the back: among the `pending` players with the lowest scores at the front, the
  /// one with the lowest score added to the back.
  int worst(std::span<const double> semantic, int first) const {
    std::vector<double> scores_at_front(semantic.begin(), semantic.end());
    const std::vector<Coalition> at_back = grown(back_set_, remaining_);
    for (std::size_t i = 0; i < scores_at_front.size(); ++i)
      scores_at_front[i] += objective_.effectiveness(at_back[i]);
    std::vector<int> positions = full_coalition(int(remaining_.size()));
    std::ranges::stable_sort(positions, [&](int a, int b) {
      return scores_at_front[std::size_t(a)] < scores_at_front[std::size_t(b)];
    });
    positions.resize(std::size_t(options_.pending));
    std::vector<int> candidates;
    for (const int position : positions) {
      if (remaining_[std::size_t(position)] != first)
        candidates.push_back(remaining_[std::size_t(position)]);
    }
    const std::vector<double> scores = objective_.of(grown(back_set_, candidates));
    return candidates[std::size_t(std::ranges::min_element(scores) - scores.begin())];
  }

  const SubmodularOptions& options_;
  const Objective& objective_;
  std::vector<int> remaining_, front_, back_;  ///< back_: worst first
  Coalition front_set_, back_set_;
};

SubmodularOptions options_of(const MethodSettings& settings) {
  return {.search = settings.word("search") == "greedy" ? SubmodularSearch::kGreedy
                                                        : SubmodularSearch::kBidirectional,
          .pending = settings.count("pending"),
          .effectiveness = settings.number("effectiveness"),
          .consistency = settings.number("consistency"),
          .collaboration = settings.number("collaboration")};
}

/// Pairwise distances of the embeddings of single regions.
std::vector<double> distances(ExplanationContext& context, const Regions& regions, Fill fill,
                              const Progress& progress) {
  std::vector<PatchSet> alone;
  for (const Region& region : regions.regions) alone.push_back(region.patches);
  return angles(context.embeddings_keeping(alone, fill, progress));
}

Attribution run_submodular(ExplanationContext& context, const MethodSettings& settings,
                           const Progress& progress) {
  const Regions regions = players_of(context, settings);
  const auto players = int(regions.regions.size());
  const Fill fill = fill_of(settings);
  std::int64_t ordered = 0;
  const auto report = [&](std::string_view, std::int64_t, std::int64_t) {
    return !progress || progress("ordering regions", ordered, players);
  };
  const ValueFunction game = game_of(context, regions, fill, report);
  const double scale = 1 / length(context.target().direction);
  const ValueFunction cosines = [&](std::span<const Coalition> sets) {
    std::vector<double> values = game(sets);
    for (double& value : values) value *= scale;
    return values;
  };
  SubmodularOptions options = options_of(settings);
  options.progress = [&](std::string_view stage, std::int64_t done, std::int64_t total) {
    ordered = done;
    return report(stage, done, total);
  };
  const RegionOrder order =
      submodular_order(players, distances(context, regions, fill, report), options, cosines);
  const bool ranks = settings.word("map") == "rank";
  std::vector<double> values(std::size_t(players), 0.0);
  for (std::size_t position = 0; position < order.players.size(); ++position) {
    values[std::size_t(order.players[position])] =
        ranks ? double(players - int(position)) / players : order.gains[position];
  }
  Attribution result{.patches = spread(regions, values, ranks ? Spread::kWhole : Spread::kEvenly)};
  result.is_signed = !ranks;
  result.notes.push_back(
      fmt::format("ranking of {} regions for {} patches", players, regions.patches()));
  return result;
}

}  // namespace

std::vector<double> angles(const Tensor& embeddings) {
  std::vector<double> result;
  for (std::int64_t i = 0; i < embeddings.rows(); ++i) {
    for (std::int64_t j = 0; j < embeddings.rows(); ++j) {
      const auto a = embeddings.row(i), b = embeddings.row(j);
      const double cosine =
          kernels::dot(a.data(), b.data(), embeddings.width()) / (length(a) * length(b));
      result.push_back(std::acos(std::clamp(cosine, -1.0, 1.0)) / std::numbers::pi);
    }
  }
  return result;
}

RegionOrder submodular_order(int players, std::span<const double> distance,
                             const SubmodularOptions& options, const ValueFunction& values) {
  const Objective objective(players, distance, options, values);
  RegionOrder result{Search(players, options, objective).order(), {}};
  std::vector<Coalition> prefixes{{}};
  for (const int player : result.players) prefixes.push_back(with(prefixes.back(), player));
  const std::vector<double> objective_values = objective.of(prefixes);
  for (std::size_t i = 1; i < objective_values.size(); ++i) {
    result.gains.push_back(objective_values[i] - objective_values[i - 1]);
  }
  return result;
}

Method submodular_method() {
  return {
      {.name = "submodular",
       .family = MethodFamily::kPerturbation,
       .summary = "rank of each region in a greedy maximisation of a submodular function of "
                  "consistency, collaboration and diversity; first: 1, last: 1/regions",
       .reference =
           "Chen et al., Less is More: Fewer Interpretable Region via Submodular Subset "
           "Selection, 2024; bidirectional search: the same authors, Less is More: Efficient "
           "Black-box Attribution via Minimal Interpretable Subset Selection, 2025. The weights "
           "0.05, 1, 1 are the defaults of the authors' script for CLIP; their README uses 0.05, "
           "20, 1 (consistency=20). Tokens are removed instead of blackened (fill=black). There is "
           "no confidence term, as in the authors' code for CLIP",
       .cost = "regions² / 2 · F with half of the tokens; greedy: regions² · F",
       .is_signed = true,
       .complete = false,
       .in_logits = false,
       .by_regions = true,
       .options = {MethodOption::choice(
                       "search", "bidirectional search, or greedy search from the best region",
                       {"bidirectional", "greedy"}),
                   MethodOption::count(
                       "pending", "candidates for the back per step of the bidirectional search", 8,
                       2, 1000)
                       .with_quick("4"),
                   MethodOption::number("effectiveness", "weight of the distance between regions",
                                        0.05, 0, 1000),
                   MethodOption::number(
                       "consistency",
                       "weight of the cosine with only these regions (authors' README: 20)", 1, 0,
                       1000),
                   MethodOption::number("collaboration",
                                        "weight of 1 − cosine without these regions", 1, 0, 1000),
                   MethodOption::choice("map", "rank of the region, or gain of the objective",
                                        {"rank", "gain"}),
                   cells_option().with_quick("4"), fill_option()}},
      run_submodular};
}

}  // namespace whyclip
