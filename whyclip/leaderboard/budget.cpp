#include "whyclip/leaderboard/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "whyclip/metrics/families.h"

namespace whyclip {

namespace {

using Options = std::map<std::string, std::string>;

/// How many steps a metric's curves have; 0 if it reads none.
int quick_steps(const std::string& metric) {
  constexpr int kTokens = 4, kPixels = 2;
  const std::vector<Metric> curves = curve_metrics();
  const auto found = std::ranges::find(
      curves, metric, [](const Metric& one) -> const std::string& { return one.info.name; });
  if (found == curves.end()) return 0;
  for (const std::string_view filled : {"-mean", "-blur", "-black", "-road"}) {
    if (metric.ends_with(filled)) return kPixels;
  }
  return kTokens;
}

}  // namespace

std::map<std::string, std::string> quick_budget(const std::string& name) {
  static const std::map<std::string, Options> budgets{
      {"banzhaf", {{"samples", "120"}}},
      {"beyond-intuition", {{"steps", "5"}}},
      {"expected-gradients", {{"samples", "6"}}},
      {"extremal-perturbation", {{"steps", "16"}, {"rate", "0.5"}}},
      {"infidelity", {{"samples", "32"}}},
      {"integrated-gradients", {{"nodes", "12"}, {"tolerance", "0"}}},
      {"kernel-shap", {{"samples", "100"}}},
      {"lime", {{"samples", "100"}}},
      {"m2ib", {{"copies", "2"}}},
      {"meaningful-perturbation", {{"steps", "8"}}},
      {"rise", {{"masks", "100"}}},
      {"score-cam", {{"channels", "16"}}},
      {"sensitivity-n", {{"samples", "10"}}},
      {"shapley", {{"pairs", "1"}}},
      {"shapley-exact", {{"columns", "2"}}},
      {"smoothgrad", {{"samples", "6"}}},
      {"submodular", {{"cells", "4"}}},
      {"tis", {{"masks", "64"}}},
      {"vargrad", {{"samples", "6"}}}};
  if (const auto found = budgets.find(name); found != budgets.end()) return found->second;
  if (const int steps = quick_steps(name); steps > 0) return {{"steps", fmt::format("{}", steps)}};
  return {};
}

}  // namespace whyclip
