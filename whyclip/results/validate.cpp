#include "whyclip/results/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "whyclip/compare.h"
#include "whyclip/core/error.h"
#include "whyclip/explain.h"
#include "whyclip/regions.h"

namespace whyclip {
namespace {

/// "cat.json: attribution.patches".
std::string below(const std::string& where, const std::string& name) { return where + ": " + name; }

/// `where` is the path of the struct that has the field.
void check_positive(double value, const std::string& where, const char* name) {
  if (value > 0) return;
  throw Error(where + "." + name, fmt::format("expected a number above 0, got {}", value));
}

void check_count(std::size_t count, std::size_t expected, const std::string& where,
                 std::string_view each) {
  if (count == expected) return;
  throw Error(where,
              fmt::format("expected {} values, one for each {}, got {}", expected, each, count));
}

std::size_t patches_of(const ImageInfo& image) {
  return std::size_t(image.grid.rows) * std::size_t(image.grid.columns);
}

/// `list`: the field of the regions.
template <class Region>
void check_regions(const std::vector<Region>& regions, std::size_t patches,
                   const std::string& list) {
  for (std::size_t r = 0; r < regions.size(); ++r) {
    for (const int patch : regions[r].patches) {
      if (patch >= 0 && std::size_t(patch) < patches) continue;
      throw Error(fmt::format("{}[{}].patches", list, r),
                  fmt::format("expected patches from 0 to {}, got {}", patches - 1, patch));
    }
  }
}

void check_methods(const Comparison& comparison, const std::string& where) {
  const std::size_t patches = patches_of(comparison.image);
  const std::size_t regions = comparison.regions ? comparison.regions->size() : 0;
  for (std::size_t m = 0; m < comparison.methods.size(); ++m) {
    const ComparedMethod& method = comparison.methods[m];
    const std::string name = below(where, fmt::format("methods[{}]", m));
    check_count(method.attribution.patches.size(), patches, name + ".attribution.patches",
                "patch of the grid");
    check_count(method.regions.size(), regions, name + ".regions", "region");
  }
}

void check_agreement(const Comparison& comparison, const std::string& where) {
  const std::size_t methods = comparison.methods.size();
  check_count(comparison.agreement.size(), methods, below(where, "agreement"), "method");
  for (std::size_t m = 0; m < methods; ++m) {
    check_count(comparison.agreement[m].size(), methods,
                below(where, fmt::format("agreement[{}]", m)), "method");
  }
}

}  // namespace

void validate(const ImageInfo& image, const std::string& where) {
  check_positive(image.width, where, "width");
  check_positive(image.height, where, "height");
  check_positive(image.input_width, where, "input_width");
  check_positive(image.input_height, where, "input_height");
  check_positive(image.patch_size, where, "patch_size");
}

void validate(const PatchGrid& grid, const std::string& where) {
  check_positive(grid.rows, where, "rows");
  check_positive(grid.columns, where, "columns");
  check_positive(grid.area.width, where, "area.width");
  check_positive(grid.area.height, where, "area.height");
}

void validate(const TargetInfo& target, const std::string& where) {
  constexpr std::array<std::string_view, 4> kKinds{"prompt", "class", "contrast", "feature"};
  if (std::ranges::find(kKinds, target.kind) != kKinds.end()) return;
  throw Error(where + ".kind",
              fmt::format("expected prompt, class, contrast or feature, got \"{}\"", target.kind));
}

void validate(const Explanation& explanation, const std::string& where) {
  const std::size_t patches = patches_of(explanation.image);
  check_count(explanation.attribution.patches.size(), patches, below(where, "attribution.patches"),
              "patch of the grid");
  if (explanation.regions) check_regions(*explanation.regions, patches, below(where, "regions"));
}

void validate(const Comparison& comparison, const std::string& where) {
  const std::size_t patches = patches_of(comparison.image);
  check_methods(comparison, where);
  check_agreement(comparison, where);
  if (!comparison.removal_effects.empty()) {
    check_count(comparison.removal_effects.size(), patches, below(where, "removal_effects"),
                "patch of the grid");
  }
  if (comparison.regions) check_regions(*comparison.regions, patches, below(where, "regions"));
}

void validate(const RegionTable& table, const std::string& where) {
  check_regions(table.sources, patches_of(table.image), below(where, "sources"));
  for (std::size_t t = 0; t < table.targets.size(); ++t) {
    check_count(table.targets[t].contributions.size(), table.sources.size(),
                below(where, fmt::format("targets[{}].contributions", t)), "source");
  }
}

}  // namespace whyclip
