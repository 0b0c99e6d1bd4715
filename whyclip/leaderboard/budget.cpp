#include "whyclip/leaderboard/budget.h"

namespace whyclip {

const std::map<std::string, std::string>& quick_budget(const std::string& method) {
  using Options = std::map<std::string, std::string>;
  static const std::map<std::string, Options> budgets{
      {"banzhaf", {{"samples", "200"}}},
      {"beyond-intuition", {{"steps", "8"}}},
      {"expected-gradients", {{"samples", "10"}}},
      {"extremal-perturbation", {{"steps", "20"}}},
      {"integrated-gradients", {{"nodes", "16"}}},
      {"kernel-shap", {{"samples", "200"}}},
      {"lime", {{"samples", "200"}}},
      {"m2ib", {{"copies", "4"}}},
      {"meaningful-perturbation", {{"steps", "20"}}},
      {"rise", {{"masks", "200"}}},
      {"score-cam", {{"channels", "32"}}},
      {"shapley", {{"pairs", "2"}}},
      {"shapley-exact", {{"columns", "2"}}},
      {"smoothgrad", {{"samples", "10"}}},
      {"submodular", {{"cells", "4"}}},
      {"tis", {{"masks", "128"}}},
      {"vargrad", {{"samples", "10"}}}};
  static const Options none;
  const auto found = budgets.find(method);
  return found == budgets.end() ? none : found->second;
}

}  // namespace whyclip
