// The published forward tracing as a method.

#include "whyclip/article/published_method.h"

#include <cmath>

#include "whyclip/article/published_tracing.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

constexpr const char* kName = "published";

Attribution run_published(ExplanationContext& context, const MethodSettings&,
                          const Progress& progress) {
  const Contributions c =
      published_contributions(context.recorded(), {&context.target(), 1}, progress)[0];
  Attribution result{.patches = c.patches, .elsewhere = c.sum - c.patch_sum, .total = c.logit};
  if (context.detail() != LedgerDetail::kNone) {
    result.ledger = SourceLedger{.class_token = c.class_token, .cancellation = c.cancellation()};
  }
  return result;
}

}  // namespace

std::vector<Contributions> published_contributions(const RecordedImage& recorded,
                                                   std::span<const Target> targets,
                                                   const Progress& progress) {
  if (targets.empty()) throw Error("targets", "expected at least one");
  const TracedContributions<double> trace =
      published_tracing<double>(recorded.workspace(), recorded.record(), "vision.embedded",
                                "vision.embedding", {.progress = progress});
  double square = 0;
  for (const double value : trace.value) square += value * value;
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    Contributions result = empty_contributions(recorded, target, kName);
    for (std::int64_t r = 0; r < trace.regions; ++r) {
      double contribution = 0;
      for (std::int64_t c = 0; c < trace.width; ++c) {
        contribution += double(target.direction[std::size_t(c)]) *
                        trace.contributions[std::size_t(r * trace.width + c)];
      }
      contribution /= std::sqrt(square);
      if (r == 0) {
        result.class_token = contribution;  // with its position
      } else {
        result.patches.push_back(float(contribution));
      }
    }
    result.add_up();
    results.push_back(std::move(result));
  }
  return results;
}

Method published_method() {
  return {{.name = kName,
           .family = MethodFamily::kContribution,
           .summary = "forward tracing as first published, with ratio and product rules; not "
                      "conservative",
           .reference = "blog article “What parts of an image contribute to the CLIP "
                        "classification?”, 2022",
           .cost = "patches · F, in float64",
           .in_logits = true,
           .has_total = true,
           .in_all = false},
          run_published};
}

}  // namespace whyclip
