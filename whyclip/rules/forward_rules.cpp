#include "whyclip/rules/forward_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "whyclip/core/parallel.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/activation.h"

namespace whyclip {
namespace {

class SharedAdditiveTerms final : public Rule {
 public:
  std::string name() const override { return "shared_terms"; }
  bool supports_backward() const override { return false; }
  Tensor propagate_forward(const Workspace& workspace, const Op& op, const OpContext& context,
                           Inputs contributions) const override {
    Tensor result = op.frozen_jvp(workspace, context, contributions);
    const std::int64_t rows = context.out.rows();
    if (result.empty() || !redistributes_additive_term(op)) return result;
    for (std::int64_t row = 0; row < rows; ++row) divide(op.additive_term(row), row, rows, result);
    return result;
  }
  bool reads(const Op& op, std::size_t input) const override {
    return frozen_gains()->reads(op, input);
  }
  bool needs_all_sources() const override { return true; }
  /// Class token and positions are separate sources.
  bool redistributes_additive_term(const Op& op) const override {
    return op.kind() != OpKind::kPrepend && op.kind() != OpKind::kAddRows;
  }

 private:
  static void divide(std::span<const float> additive_term, std::int64_t row, std::int64_t rows,
                     Tensor& contributions) {
    if (additive_term.empty()) return;
    const std::int64_t sources = contributions.rows() / rows, width = contributions.width();
    std::vector<double> weights;
    double total = 0;
    for (std::int64_t s = 0; s < sources; ++s) {
      const float* contribution = contributions.row(s * rows + row).data();
      weights.push_back(std::abs(kernels::dot(contribution, additive_term.data(), width)));
      total += weights.back();
    }
    for (std::int64_t s = 0; s < sources; ++s) {
      const double part = total > 0 ? weights[std::size_t(s)] / total : 1.0 / double(sources);
      const std::span<float> contribution = contributions.row(s * rows + row);
      for (std::size_t c = 0; c < contribution.size(); ++c)
        contribution[c] += float(part) * additive_term[c];
    }
  }
};

constexpr float kSmallest = std::numeric_limits<float>::min();

class Contextual final : public Rule {
 public:
  std::string name() const override { return "contextual"; }
  bool supports_backward() const override { return false; }
  Tensor propagate_forward(const Workspace& workspace, const Op& op, const OpContext& context,
                           Inputs contributions) const override {
    source_count(contributions, context.in);
    if (op.kind() == OpKind::kActivation)
      return activation(workspace, op, context, *contributions[0]);
    Tensor result = op.frozen_jvp(workspace, context, contributions);
    // A norm's weights come from its input, a linear op's from its output.
    if (op.kind() == OpKind::kLinear) weigh(op, context, nullptr, result);
    if (op.kind() == OpKind::kLayerNorm) weigh(op, context, contributions[0], result);
    return result;
  }
  bool reads(const Op& op, std::size_t input) const override {
    return frozen_gains()->reads(op, input);
  }
  bool redistributes_additive_term(const Op& op) const override {
    return op.kind() == OpKind::kLinear || op.kind() == OpKind::kLayerNorm;
  }

 private:
  static Tensor activation(const Workspace& workspace, const Op& op, const OpContext& context,
                           const Tensor& contribution) {
    const auto function = static_cast<const Activation&>(op).function();
    const Tensor &x = *context.in[0], &y = context.out;
    Tensor rest = workspace.tensor(contribution.rows(), contribution.width());
    subtract_from_whole(x, contribution, rest);
    Tensor result = workspace.tensor(contribution.rows(), contribution.width());
    kernels::activation(function, rest.data(), std::int64_t(rest.size()), result.data(),
                        workspace.threads());
    subtract_from_whole(y, result, result);
    return result;
  }

  /// whole − part for every source's rows.
  static void subtract_from_whole(const Tensor& whole, const Tensor& parts, Tensor& out) {
    for (std::size_t begin = 0; begin < out.size(); begin += whole.size()) {
      for (std::size_t i = 0; i < whole.size(); ++i) {
        out.data()[begin + i] = whole.data()[i] - parts.data()[begin + i];
      }
    }
  }

  /// Adds to each contribution its part of the row's additive term.
  static void weigh(const Op& op, const OpContext& context, const Tensor* before,
                    Tensor& contributions) {
    const std::int64_t rows = context.out.rows();
    std::vector<float> own, all;
    for (std::int64_t r = 0; r < contributions.rows(); ++r) {
      const std::int64_t row = r % rows;
      const std::span<const float> additive_term = op.additive_term(row);
      if (additive_term.empty()) continue;
      const std::span<float> contribution = contributions.row(r);
      const std::span<const float> out = context.out.row(row);
      if (before != nullptr) {
        const std::span<const float> in = context.in[0]->row(row), came = before->row(r);
        own.assign(came.begin(), came.end());
        all.assign(in.begin(), in.end());
      } else {
        own.assign(contribution.begin(), contribution.end());
        all.resize(contribution.size());
        for (std::size_t c = 0; c < contribution.size(); ++c) all[c] = out[c] - additive_term[c];
      }
      for (std::size_t c = 0; c < contribution.size(); ++c) {
        // kSmallest makes 0 / 0 zero.
        const float size = std::abs(own[c]) + std::abs(all[c] - own[c]) + kSmallest;
        contribution[c] += std::abs(own[c]) / size * additive_term[c];
      }
    }
  }
};

}  // namespace

RulePtr shared_additive_terms() {
  static const RulePtr rule = std::make_shared<SharedAdditiveTerms>();
  return rule;
}
RulePtr contextual() {
  static const RulePtr rule = std::make_shared<Contextual>();
  return rule;
}

}  // namespace whyclip
