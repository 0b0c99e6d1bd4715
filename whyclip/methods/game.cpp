#include "whyclip/methods/game.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/methods/prompt_subject.h"
#include "whyclip/methods/subject.h"

namespace whyclip {
namespace {

constexpr int kMostEnumerated = 20;

/// At most 7 cells a side: every patch of ViT-B/32, 2 × 2 patches of ViT-B/16.
constexpr int kStandardCells = 7;

}  // namespace

PlayerSet everybody(int players) {
  PlayerSet all(std::size_t(players), 0);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<PlayerSet> all_sets(int players) {
  if (players > kMostEnumerated) {
    throw Error("sets of players",
                fmt::format("expected at most {} players, got {}", kMostEnumerated, players));
  }
  std::vector<PlayerSet> sets(std::size_t{1} << players);
  for (std::size_t m = 0; m < sets.size(); ++m) {
    for (int i = 0; i < players; ++i) {
      if ((m >> i & 1) != 0) sets[m].push_back(i);
    }
  }
  return sets;
}

std::vector<PlayerSet> random_sets(int players, int count, double probability, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<PlayerSet> sets(std::size_t(count), PlayerSet{});
  for (PlayerSet& set : sets) {
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

Regions players_of(const Subject& subject, const MethodSettings& settings) {
  return subject.regions() ? *subject.regions()
                           : cell_regions(subject.grid(), settings.count("cells"));
}

PatchSet patches_of(const Regions& regions, const PlayerSet& set) {
  PatchSet result;
  for (const int player : set) {
    const std::vector<int>& patches = regions.regions[std::size_t(player)].patches;
    result.insert(result.end(), patches.begin(), patches.end());
  }
  return result;
}

GameValues game_of(Subject& subject, const Regions& regions, Fill fill, const Progress& progress) {
  return [&subject, &regions, fill, progress](std::span<const PlayerSet> sets) {
    std::vector<PatchSet> kept;
    for (const PlayerSet& set : sets) kept.push_back(patches_of(regions, set));
    return subject.values_keeping(kept, fill, progress);
  };
}

Attribution attribution_of(const Regions& regions, const GameShares& shares) {
  Attribution result{.patches = spread(regions, shares.players, Spread::kEvenly)};
  const auto count = int(regions.regions.size());
  if (count < regions.patches()) {
    result.notes.push_back(
        fmt::format("{} regions of {} patches; a patch has an equal part of its region's value",
                    count, regions.patches()));
  }
  if (!shares.errors.empty()) {
    result.notes.push_back(fmt::format("standard error of a region: at most {:.2g} logits",
                                       std::ranges::max(shares.errors)));
  }
  return result;
}

Attribution complete_attribution_of(const Regions& regions, const GameShares& shares) {
  Attribution result = attribution_of(regions, shares);
  result.elsewhere = shares.nobody;
  result.total = shares.everybody;
  return result;
}

Method game_method(MethodInfo info, GameSolver solve, bool complete) {
  info.by_regions = true;
  Method method{std::move(info), {}};
  method.run = [solve, complete](Subject& subject, const MethodSettings& settings,
                                 const Progress& progress) {
    const Regions regions = players_of(subject, settings);
    const GameShares shares = solve(int(regions.regions.size()), settings,
                                    game_of(subject, regions, fill_of(settings), progress));
    return complete ? complete_attribution_of(regions, shares) : attribution_of(regions, shares);
  };
  method.run_words = [solve, complete](PromptSubject& prompt, const MethodSettings& settings,
                                       const Progress& progress) {
    const GameShares shares = solve(int(prompt.words().size()), settings,
                                    [&prompt, &progress](std::span<const PlayerSet> sets) {
                                      return prompt.values_keeping(sets, progress);
                                    });
    WordAttribution result{.words = shares.players};
    if (complete) {
      result.elsewhere = shares.nobody;
      result.total = shares.everybody;
    }
    return result;
  };
  return method;
}

MethodOption cells_option() {
  return MethodOption::count("cells",
                             "regions a side at most, squares of patches; 0: every patch alone",
                             kStandardCells, 0, 64);
}

MethodOption seed_option() {
  return MethodOption::count("seed", "of what is drawn", 0, 0, 1000000000);
}

MethodOption fill_option() {
  std::vector<std::string> names;
  for (const Fill fill : kFills) names.emplace_back(name_of(fill));
  return MethodOption::choice("fill",
                              "where patches are left out: no token at all, or pixels of this kind",
                              std::move(names));
}

Fill fill_of(const MethodSettings& settings) { return fill_named(settings.word("fill")); }

std::uint64_t seed_of(const MethodSettings& settings) {
  return std::uint64_t(settings.count("seed"));
}

}  // namespace whyclip
