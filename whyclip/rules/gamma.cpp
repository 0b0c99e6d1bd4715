#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/linear.h"
#include "whyclip/rules/relevance.h"

namespace whyclip {
namespace {

const Linear& linear_of(const Rule& rule, const Op& op) {
  if (op.kind() != OpKind::kLinear) {
    throw Error(rule.name(),
                fmt::format("this rule supports only the op linear, got {}", name_of(op.kind())));
  }
  return static_cast<const Linear&>(op);
}

Tensor positive_part(const Workspace& workspace, const Tensor& x) {
  Tensor result = workspace.tensor(x.rows(), x.width());
  std::ranges::transform(x.values(), result.data(), [](float v) { return std::max(v, 0.0f); });
  return result;
}

Tensor negative_part(const Workspace& workspace, const Tensor& x) {
  Tensor result = workspace.tensor(x.rows(), x.width());
  std::ranges::transform(x.values(), result.data(), [](float v) { return std::min(v, 0.0f); });
  return result;
}

Tensor sum_of(const Workspace& workspace, Tensor a, const Tensor& b) {
  kernels::add(a.data(), b.data(), std::int64_t(a.size()), a.data(), workspace.threads());
  return a;
}

/// The positive terms of each output: Σ_i (x_i w_ij)⁺ = x⁺W⁺ᵀ + x⁻W⁻ᵀ, (rows, outputs).
Tensor positive_terms(const Workspace& workspace, const Linear& op, const Tensor& x) {
  return sum_of(workspace,
                op.product(workspace, positive_part(workspace, x), WeightPart::kPositive),
                op.product(workspace, negative_part(workspace, x), WeightPart::kNegative));
}

float additive_term_of(const Linear& op, std::int64_t output) {
  return op.bias().empty() ? 0.0f : op.bias()[std::size_t(output)];
}

float ratio(float relevance, float denominator) {
  return denominator == 0 ? 0.0f : relevance / denominator;
}

/// out_i += factor · (x_i⁺ · with_positive_i + x_i⁻ · with_negative_i), x repeated for each target.
void add_by_sign(const Tensor& x, const Tensor& with_positive, const Tensor& with_negative,
                 float factor, Tensor& out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float in = x.data()[i % x.size()];
    out.data()[i] += factor * in * (in > 0 ? with_positive.data()[i] : with_negative.data()[i]);
  }
}

class Gamma final : public Rule {
 public:
  explicit Gamma(double gamma) : gamma_(float(gamma)) {
    if (!(gamma >= 0) || !std::isfinite(gamma)) {
      throw Error("gamma", fmt::format("expected a number of 0 or more, got {}", gamma));
    }
  }
  std::string name() const override { return fmt::format("gamma {}", gamma_); }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }

  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    const Linear& linear = linear_of(*this, op);
    target_count(flow, context.out);
    const Tensor& x = *context.in[0];
    const Tensor positive_sum = positive_terms(workspace, linear, x);
    Tensor high = workspace.zeros(flow.rows(), flow.width()),
           low = workspace.zeros(flow.rows(), flow.width());
    RuleOutput result;
    if (!linear.bias().empty()) result.additive_term.assign(std::size_t(flow.rows()), 0.0);
    divide(linear, context.out, positive_sum, flow, high, low, result.additive_term);
    const auto adjoint = [&](const Tensor& s, WeightPart part) {
      return linear.adjoint_product(workspace, s, part);
    };
    // x⁺ is multiplied by W⁺ for positive outputs and by W⁻ for negative ones; x⁻ the opposite.
    const Tensor with_positive = sum_of(workspace, adjoint(high, WeightPart::kPositive),
                                        adjoint(low, WeightPart::kNegative));
    const Tensor with_negative = sum_of(workspace, adjoint(high, WeightPart::kNegative),
                                        adjoint(low, WeightPart::kPositive));
    const Tensor plain = adjoint(sum_of(workspace, std::move(high), low), WeightPart::kAll);
    result.in.push_back(workspace.zeros(plain.rows(), plain.width()));
    add_by_sign(x, plain, plain, 1, result.in[0]);
    add_by_sign(x, with_positive, with_negative, gamma_, result.in[0]);
    return result;
  }

 private:
  /// R / modified output, separately for positive and negative outputs, and the bias's relevance.
  void divide(const Linear& linear, const Tensor& y, const Tensor& positive_sum,
              const Tensor& relevance, Tensor& high, Tensor& low,
              std::vector<double>& additive_term) const {
    for (std::int64_t r = 0; r < relevance.rows(); ++r) {
      const std::int64_t row = r % y.rows();
      for (std::int64_t j = 0; j < relevance.width(); ++j) {
        const auto c = std::size_t(j);
        const float value = y.row(row)[c], b = additive_term_of(linear, j),
                    raised = positive_sum.row(row)[c];
        const bool positive = value >= 0;
        const float b_part = positive ? std::max(b, 0.0f) : std::min(b, 0.0f);
        const float favoured = positive ? raised : value - b - raised;
        const float s = ratio(relevance.row(r)[c], value + gamma_ * (favoured + b_part));
        (positive ? high : low).row(r)[c] = s;
        if (!additive_term.empty())
          additive_term[std::size_t(r)] += double(s) * double(b + gamma_ * b_part);
      }
    }
  }

  float gamma_;
};

class ZPlus final : public Rule {
 public:
  explicit ZPlus(bool with_bias) : with_bias_(with_bias) {}
  std::string name() const override { return with_bias_ ? "z_plus" : "z_plus_without_bias"; }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }

  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    const Linear& linear = linear_of(*this, op);
    target_count(flow, context.out);
    const Tensor& x = *context.in[0];
    const Tensor positive_sum = positive_terms(workspace, linear, x);
    Tensor s = workspace.tensor(flow.rows(), flow.width());
    RuleOutput result;
    const bool biased = with_bias_ && !linear.bias().empty();
    if (biased) result.additive_term.assign(std::size_t(flow.rows()), 0.0);
    for (std::int64_t r = 0; r < flow.rows(); ++r) {
      for (std::int64_t j = 0; j < flow.width(); ++j) {
        const auto c = std::size_t(j);
        const float b = biased ? std::max(additive_term_of(linear, j), 0.0f) : 0.0f;
        s.row(r)[c] = ratio(flow.row(r)[c], positive_sum.row(r % positive_sum.rows())[c] + b);
        if (biased) result.additive_term[std::size_t(r)] += double(s.row(r)[c]) * double(b);
      }
    }
    result.in.push_back(workspace.zeros(flow.rows(), linear.inputs()));
    add_by_sign(x, linear.adjoint_product(workspace, s, WeightPart::kPositive),
                linear.adjoint_product(workspace, s, WeightPart::kNegative), 1, result.in[0]);
    return result;
  }

 private:
  bool with_bias_;
};

}  // namespace

RulePtr gamma(double gamma) { return std::make_shared<Gamma>(gamma); }
RulePtr z_plus() {
  static const RulePtr rule = std::make_shared<ZPlus>(true);
  return rule;
}
RulePtr z_plus_without_bias() {
  static const RulePtr rule = std::make_shared<ZPlus>(false);
  return rule;
}

}  // namespace whyclip
