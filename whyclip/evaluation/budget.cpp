#include "whyclip/evaluation/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/metrics/metric.h"
#include "whyclip/perturbation/pixel_filling.h"

namespace whyclip {

namespace {

using Options = std::map<std::string, std::string>;

/// The number of steps of a metric's curves; 0 if it uses no curves.
int quick_steps(const std::string& metric) {
  constexpr int kTokens = 4, kPixels = 2;
  const bool curve = std::ranges::any_of(metrics(), [&](const Metric& one) {
    return one.info.name == metric &&
           std::ranges::find(one.info.options, "steps", &MethodOption::name) !=
               one.info.options.end();
  });
  if (!curve) return 0;
  for (const Fill fill : kFills) {
    if (metric.ends_with(fmt::format("-{}", name_of(fill)))) return kPixels;
  }
  return kTokens;
}

}  // namespace

std::string_view name_of(Budget budget) { return budget == Budget::kQuick ? "quick" : "full"; }

std::map<std::string, std::string> quick_budget(const std::string& name) {
  static const std::map<std::string, Options> budgets{
      {"banzhaf", {{"samples", "120"}}},
      {"beyond-intuition", {{"steps", "5"}}},
      {"expected-gradients", {{"samples", "6"}}},
      {"extremal-perturbation", {{"steps", "20"}, {"rate", "0.5"}}},
      {"infidelity", {{"samples", "32"}}},
      {"integrated-gradients", {{"nodes", "12"}, {"tolerance", "0"}}},
      {"kernel-shap", {{"samples", "120"}}},
      {"lime", {{"samples", "80"}}},
      {"m2ib", {{"copies", "2"}}},
      {"meaningful-perturbation", {{"steps", "8"}}},
      {"rise", {{"masks", "80"}}},
      {"score-cam", {{"channels", "16"}}},
      {"sensitivity-n", {{"samples", "10"}}},
      {"shapley", {{"pairs", "1"}}},
      {"shapley-exact", {{"columns", "2"}}},
      {"smoothgrad", {{"samples", "6"}}},
      {"submodular", {{"cells", "4"}, {"pending", "4"}}},
      {"tis", {{"masks", "64"}}},
      {"vargrad", {{"samples", "6"}}}};
  if (const auto found = budgets.find(name); found != budgets.end()) return found->second;
  if (const int steps = quick_steps(name); steps > 0) return {{"steps", fmt::format("{}", steps)}};
  return {};
}

}  // namespace whyclip
