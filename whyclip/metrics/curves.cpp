// What the model loses while patches go, in the order that a map gives them.

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/metrics/exam.h"
#include "whyclip/metrics/families.h"

namespace whyclip {
namespace {

constexpr const char* kSamek =
    "Samek et al. 2017, Evaluating the Visualization of What a Deep Neural Network Has Learned; "
    "Petsiuk et al. 2018, RISE, section 4.3";
constexpr const char* kBluecher =
    "Blücher et al. 2024, Decoupling Pixel Flipping and Occlusion Strategy for Consistent XAI "
    "Benchmarks (symmetric relevance gain)";
constexpr const char* kMehri =
    "Mehri et al. 2025, LibraGrad (most and least influential first, accuracy)";
constexpr const char* kRong =
    "Rong et al. 2022, A Consistent and Efficient Evaluation Strategy for Attribution Methods, "
    "section 4.2, by whole patches";

/// Which number is taken from the two curves.
enum class Reading { kMostFirst, kLeastFirst, kGain, kMostRight, kLeastRight };

double number_of(const RemovalCurves& curves, Reading reading) {
  switch (reading) {
    case Reading::kMostFirst:
      return area_under(curves.most_first.score);
    case Reading::kLeastFirst:
      return area_under(curves.least_first.score);
    case Reading::kGain:
      return area_under(curves.least_first.score) - area_under(curves.most_first.score);
    case Reading::kMostRight:
      return area_under(curves.most_first.right);
    case Reading::kLeastRight:
      return area_under(curves.least_first.right);
  }
  return 0;
}

/// How patches go. A dropped token costs nothing, a filled one a whole forward pass: finer steps
/// for tokens.
struct Going {
  Fill fill;
  int steps;
  const char* how;
};

constexpr Going kGoing[] = {
    {Fill::kDrop, 10, "their tokens are not computed"},
    {Fill::kMean, 5, "the picture's mean colour stands in their place"},
    {Fill::kBlur, 5, "the picture blurred by a patch's side stands in their place"},
    {Fill::kBlack, 5, "black stands in their place"},
    {Fill::kRoad, 4, "they are imputed from what is around them, with noise (ROAD)"}};

struct Kind {
  Reading reading;
  const char* name;
  Better better;
  const char* summary;
  const char* measured;
  const char* source;
};

constexpr Kind kKinds[] = {
    {Reading::kMostFirst, "deletion", Better::kLower, "the score while the most relevant go first",
     "area under the target's value over the part of patches that is gone", kSamek},
    {Reading::kLeastFirst, "insertion", Better::kHigher,
     "the score while the most relevant come first",
     "area under the target's value over the part of patches that is there, the most relevant "
     "inserted first: the same pictures as with the least relevant deleted first (LeRF)",
     kSamek},
    {Reading::kGain, "srg", Better::kHigher, "insertion minus deletion",
     "symmetric relevance gain: area under LeRF minus area under MoRF", kBluecher},
    {Reading::kMostRight, "deletion-accuracy", Better::kLower,
     "how long the class stays the best while the most relevant go first",
     "part of the pictures that are still answered with the class asked about, area over the part "
     "of patches that is gone (MIF)",
     kMehri},
    {Reading::kLeastRight, "insertion-accuracy", Better::kHigher,
     "how much is needed for the class to be the best, the most relevant coming first",
     "part of the pictures that are answered with the class asked about, area over the part of "
     "patches that is there, the most relevant inserted first (LIF read backwards)",
     kMehri}};

bool reads_classes(Reading reading) {
  return reading == Reading::kMostRight || reading == Reading::kLeastRight;
}

Metric curve_metric(const Kind& kind, const Going& going) {
  const Fill fill = going.fill;
  const std::string suffix = fill == Fill::kDrop ? "" : fmt::format("-{}", name_of(fill));
  const Reading reading = kind.reading;
  return {.info = {.name = kind.name + suffix,
                   .better = kind.better,
                   .summary = fmt::format("{}; {}", kind.summary, going.how),
                   .protocol = fmt::format("{}; equal steps; {}", kind.measured, going.how),
                   .source = fill == Fill::kRoad ? kRong : kind.source,
                   .unit = reads_classes(reading) ? "" : "logits",
                   .options = {MethodOption::count("steps", "equal parts of the patches",
                                                   going.steps, 1, 100000)}},
          .measure = [reading, fill](ExaminedMap& map, const MethodSettings& settings,
                                     const Progress& progress) -> Measurement {
            if (reads_classes(reading) && !map.known().class_index) {
              return {.why = "no class is asked about"};
            }
            const int parts = std::min(settings.count("steps"), map.subject().patches());
            return {.statistics = {number_of(map.curves(fill, parts, progress), reading)}};
          }};
}

}  // namespace

std::vector<Metric> curve_metrics() {
  std::vector<Metric> result;
  for (const Going& going : kGoing) {
    for (const Kind& kind : kKinds) result.push_back(curve_metric(kind, going));
  }
  return result;
}

}  // namespace whyclip
