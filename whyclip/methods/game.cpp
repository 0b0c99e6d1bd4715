#include "whyclip/methods/game.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {
namespace {

constexpr int kMaxEnumerated = 20;

/// 7 cells per side: single patches of ViT-B/32, 2 × 2 patches of ViT-B/16.
constexpr int kDefaultCells = 7;

}  // namespace

Coalition full_coalition(int players) {
  Coalition all(std::size_t(players), 0);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<Coalition> all_coalitions(int players) {
  if (players > kMaxEnumerated) {
    throw Error("coalitions",
                fmt::format("expected at most {} players, got {}", kMaxEnumerated, players));
  }
  std::vector<Coalition> sets(std::size_t{1} << players);
  for (std::size_t m = 0; m < sets.size(); ++m) {
    for (int i = 0; i < players; ++i) {
      if ((m >> i & 1) != 0) sets[m].push_back(i);
    }
  }
  return sets;
}

std::vector<Coalition> random_coalitions(int players, int count, double probability,
                                         std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Coalition> sets(std::size_t(count), Coalition{});
  for (Coalition& set : sets) {
    for (int i = 0; i < players; ++i) {
      if (draw_uniform(random) < probability) set.push_back(i);
    }
  }
  return sets;
}

Regions cell_regions(const PatchGrid& grid, int cells) {
  if (cells == 0) return patch_regions(grid);
  const auto parts = [](int length, int of) { return (length + of - 1) / of; };
  const int side = parts(std::max(grid.rows, grid.columns), cells);
  return block_regions(grid, parts(grid.rows, side), parts(grid.columns, side));
}

Regions players_of(const ExplanationContext& context, const MethodSettings& settings) {
  return context.regions() ? *context.regions()
                           : cell_regions(context.grid(), settings.count("cells"));
}

PatchSet patches_of(const Regions& regions, const Coalition& set) {
  PatchSet result;
  for (const int player : set) {
    const std::vector<int>& patches = regions.regions[std::size_t(player)].patches;
    result.insert(result.end(), patches.begin(), patches.end());
  }
  return result;
}

ValueFunction game_of(ExplanationContext& context, const Regions& regions, Fill fill,
                      const Progress& progress) {
  return [&context, &regions, fill, progress](std::span<const Coalition> sets) {
    std::vector<PatchSet> kept;
    for (const Coalition& set : sets) kept.push_back(patches_of(regions, set));
    return context.values_keeping(kept, fill, progress);
  };
}

Attribution attribution_of(const Regions& regions, const GameContributions& contributions) {
  Attribution result{.patches = spread(regions, contributions.players, Spread::kEvenly)};
  const auto count = int(regions.regions.size());
  if (count < regions.patches()) {
    result.notes.push_back(fmt::format(
        "{} regions for {} patches; a region's value is divided equally among its patches", count,
        regions.patches()));
  }
  if (!contributions.errors.empty()) {
    result.notes.push_back(fmt::format("largest standard error of a region: {:.2g} logits",
                                       std::ranges::max(contributions.errors)));
  }
  return result;
}

Attribution complete_attribution_of(const Regions& regions,
                                    const GameContributions& contributions) {
  Attribution result = attribution_of(regions, contributions);
  result.elsewhere = contributions.empty_value;
  result.total = contributions.full_value;
  return result;
}

Method game_method(MethodInfo info, GameSolver solve, bool complete) {
  info.by_regions = true;
  info.has_total = complete;
  Method method{std::move(info), {}};
  method.run = [solve, complete](ExplanationContext& context, const MethodSettings& settings,
                                 const Progress& progress) {
    const Regions regions = players_of(context, settings);
    const GameContributions contributions =
        solve(int(regions.regions.size()), settings,
              game_of(context, regions, fill_of(settings), progress));
    return complete ? complete_attribution_of(regions, contributions)
                    : attribution_of(regions, contributions);
  };
  method.run_words = [solve, complete](PromptContext& prompt, const MethodSettings& settings,
                                       const Progress& progress) {
    const GameContributions contributions =
        solve(int(prompt.words().size()), settings,
              [&prompt, &progress](std::span<const Coalition> sets) {
                return prompt.values_keeping(sets, progress);
              });
    WordAttribution result{.words = contributions.players};
    if (complete) {
      result.elsewhere = contributions.empty_value;
      result.total = contributions.full_value;
    }
    return result;
  };
  return method;
}

MethodOption cells_option() {
  return MethodOption::count("cells",
                             "maximum number of square regions per side; 0: one region per patch",
                             kDefaultCells, 0, 64);
}

MethodOption seed_option() { return MethodOption::count("seed", "random seed", 0, 0, 1000000000); }

MethodOption fill_option() {
  std::vector<std::string> names;
  for (const Fill fill : kFills) names.emplace_back(name_of(fill));
  return MethodOption::choice(
      "fill",
      "replacement of removed patches: drop: remove their tokens; otherwise: fill their pixels",
      std::move(names));
}

Fill fill_of(const MethodSettings& settings) { return fill_named(settings.word("fill")); }

std::uint64_t seed_of(const MethodSettings& settings) {
  return std::uint64_t(settings.count("seed"));
}

}  // namespace whyclip
