#include "whyclip/methods/banzhaf.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

/// Running mean and variance (Welford 1962).
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double step = value - mean_;
    mean_ += step / double(count_);
    squares_ += step * (value - mean_);
  }
  std::int64_t count() const { return count_; }
  double mean() const { return mean_; }
  double squared_error_of_mean() const {
    return count_ < 2 ? 0 : squares_ / (double(count_) * double(count_ - 1));
  }

 private:
  std::int64_t count_ = 0;
  double mean_ = 0, squares_ = 0;
};

bool can_enumerate(int players, int samples) {
  return players < 31 && (std::int64_t{1} << players) <= samples;
}

GameContributions solve_banzhaf(int players, const MethodSettings& settings,
                                const ValueFunction& values) {
  return banzhaf(players, {.samples = settings.count("samples"), .seed = seed_of(settings)},
                 values);
}

}  // namespace

GameContributions banzhaf(int players, const BanzhafOptions& options, const ValueFunction& values) {
  const bool exact = can_enumerate(players, options.samples);
  const std::vector<Coalition> sets =
      exact ? all_coalitions(players)
            : random_coalitions(players, options.samples, 0.5, options.seed);
  const std::vector<double> value = values(sets);
  std::vector<std::array<Moments, 2>> moments(std::size_t(players), std::array<Moments, 2>{});
  for (std::size_t s = 0; s < sets.size(); ++s) {
    std::vector<bool> with(std::size_t(players), false);
    for (const int i : sets[s]) with[std::size_t(i)] = true;
    for (std::size_t i = 0; i < with.size(); ++i) moments[i][with[i] ? 1 : 0].add(value[s]);
  }
  GameContributions contributions;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto& [without, with] = moments[i];
    if (without.count() == 0 || with.count() == 0) {
      throw Error("banzhaf: samples",
                  fmt::format("too few: region {1} is in {2} of {0} coalitions", sets.size(), i,
                              with.count() == 0 ? "none" : "all"));
    }
    contributions.players.push_back(with.mean() - without.mean());
    if (!exact) {
      contributions.errors.push_back(
          std::sqrt(with.squared_error_of_mean() + without.squared_error_of_mean()));
    }
  }
  return contributions;
}

Method banzhaf_method() {
  return game_method(
      {.name = "banzhaf",
       .family = MethodFamily::kPerturbation,
       .summary = "Banzhaf values: mean value of random coalitions with a region minus mean value "
                  "of those without it",
       .reference = "Banzhaf 1965; maximum sample reuse: Wang and Jia 2023",
       .cost = "samples · F with half of the tokens",
       .is_signed = true,
       .complete = false,
       .in_logits = true,
       .options = {MethodOption::count("samples", "number of random coalitions", 1000, 8, 1000000),
                   cells_option(), seed_option(), fill_option()}},
      solve_banzhaf, false);
}

}  // namespace whyclip
