#include "whyclip/pages/comparison_sheet.h"

#include <fmt/format.h>

#include <span>

#include "whyclip/render/contact_sheet.h"
#include "whyclip/render/overlay.h"
#include "whyclip/render/shrink.h"
#include "whyclip/results/describe_result.h"

namespace whyclip {
namespace {

constexpr int kMapSide = 320;  // of each map: a page has dozens

Image drawn(const Comparison& c, const Image& image, std::span<const float> values) {
  return shrink(overlay(image, c.image.grid, values, {.legend = false}), kMapSide);
}

}  // namespace

std::string removal_text(const Comparison& comparison, const ComparedMethod& method) {
  return comparison.removal_effects.empty() ? "–" : correlation_text(method.removal_correlation);
}

std::string prompts_text(const ComparedWords& words) {
  return words.prompts.size() == 1
             ? fmt::format("“{}”", words.prompts[0])
             : fmt::format("{} prompts, words that are the same together", words.prompts.size());
}

Image comparison_sheet(const Comparison& c, const Image& image) {
  std::vector<SheetEntry> entries{{"the image", "", image}};
  if (!c.removal_effects.empty()) {
    entries.push_back({"true removal", "what the score loses without the patch",
                       drawn(c, image, c.removal_effects)});
  }
  for (const ComparedMethod& method : c.methods) {
    const Attribution& map = method.attribution;
    entries.push_back(
        {map.label(),
         method.zero_note().empty()
             ? fmt::format("{} · {} · removal {}", map.family,
                           seconds_text(map.seconds.value_or(0)), removal_text(c, method))
             : "zero for every patch: no map",
         drawn(c, image, map.patches)});
  }
  constexpr int kColumns = 6;
  return contact_sheet(entries, kColumns);
}

}  // namespace whyclip
