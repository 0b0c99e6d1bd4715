#include "whyclip/rules/relevance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/parallel.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {
namespace {

void require(const Rule& rule, const Op& op, std::initializer_list<OpKind> kinds) {
  if (std::find(kinds.begin(), kinds.end(), op.kind()) != kinds.end()) return;
  throw Error(rule.name(), fmt::format("this rule does not support the op {}", name_of(op.kind())));
}

/// R / ŷ, with the layout of R.
Tensor per_output(const Workspace& workspace, const Tensor& relevance, const Tensor& y,
                  float epsilon) {
  Tensor result = workspace.tensor(relevance.rows(), relevance.width());
  const std::size_t count = y.size();
  parallel_for(relevance.rows(), workspace.threads(), [&](std::int64_t begin, std::int64_t end) {
    const std::size_t width = std::size_t(relevance.width());
    for (std::size_t i = std::size_t(begin) * width; i < std::size_t(end) * width; ++i) {
      const float value = y.data()[i % count];
      result.data()[i] = relevance.data()[i] / (value + (value < 0 ? -epsilon : epsilon));
    }
  });
  return result;
}

/// signal ⊙ factor · x, where x repeats for each target; in place.
void times_input(const Workspace& workspace, Tensor& signal, const Tensor& x, float factor) {
  parallel_for(signal.rows(), workspace.threads(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const std::span<const float> in = x.row(r % x.rows());
      const std::span<float> row = signal.row(r);
      for (std::size_t c = 0; c < row.size(); ++c) row[c] *= factor * in[c];
    }
  });
}

/// Σ over the width of s ⊙ additive term for each row of s; empty if the op has no additive term.
std::vector<double> additive_relevance(const Op& op, const Tensor& s, std::int64_t rows) {
  std::vector<double> result;
  for (std::int64_t r = 0; r < s.rows(); ++r) {
    const std::span<const float> additive_term = op.additive_term(r % rows);
    if (additive_term.empty()) continue;
    result.resize(std::size_t(s.rows()), 0.0);
    result[std::size_t(r)] = kernels::dot(s.row(r).data(), additive_term.data(), s.width());
  }
  return result;
}

bool is_routing(OpKind kind) {
  return kind == OpKind::kPatchify || kind == OpKind::kEmbedTokens || kind == OpKind::kPrepend ||
         kind == OpKind::kSelectRows;
}

/// Relevance follows the rows; a row that the op itself inserts keeps its relevance as additive
/// term.
RuleOutput route(const Workspace& workspace, const Op& op, const OpContext& context,
                 const Tensor& relevance) {
  RuleOutput result{op.vjp(workspace, context, relevance), {}};
  const std::int64_t rows = context.out.rows();
  for (std::int64_t r = 0; r < relevance.rows(); ++r) {
    if (op.additive_term(r % rows).empty()) continue;
    result.additive_term.resize(std::size_t(relevance.rows()), 0.0);
    for (const float value : relevance.row(r))
      result.additive_term[std::size_t(r)] += double(value);
  }
  return result;
}

class Epsilon final : public Rule {
 public:
  explicit Epsilon(double epsilon) : epsilon_(epsilon) {
    if (!(epsilon > 0) || !std::isfinite(epsilon)) {
      throw Error("epsilon", fmt::format("expected a number above 0, got {}", epsilon));
    }
  }
  std::string name() const override { return fmt::format("epsilon {}", epsilon_); }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    if (is_routing(op.kind())) return route(workspace, op, context, flow);
    require(*this, op,
            {OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kScale, OpKind::kAttentionMix,
             OpKind::kActivation, OpKind::kLayerNorm, OpKind::kNormalise});
    target_count(flow, context.out);
    const Tensor s = per_output(workspace, flow, context.out, float(epsilon_));
    RuleOutput result{op.frozen_vjp(workspace, context, s),
                      additive_relevance(op, s, context.out.rows())};
    for (std::size_t i = 0; i < result.in.size(); ++i) {
      if (!result.in[i].empty()) times_input(workspace, result.in[i], *context.in[i], 1);
    }
    return result;
  }

 private:
  double epsilon_;
};

class Identity final : public Rule {
 public:
  std::string name() const override { return "identity"; }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    require(*this, op,
            {OpKind::kActivation, OpKind::kLayerNorm, OpKind::kNormalise, OpKind::kScale,
             OpKind::kAddRows, OpKind::kSoftmax});
    target_count(flow, context.out);
    RuleOutput result;
    result.in.push_back(workspace.tensor(flow.rows(), flow.width()));
    std::ranges::copy(flow.values(), result.in[0].data());
    return result;
  }
};

class Uniform final : public Rule {
 public:
  explicit Uniform(double epsilon) : epsilon_(epsilon) {
    if (!(epsilon > 0) || !std::isfinite(epsilon)) {
      throw Error("uniform", fmt::format("expected epsilon above 0, got {}", epsilon));
    }
  }
  std::string name() const override { return fmt::format("uniform {}", epsilon_); }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    require(*this, op, {OpKind::kAttentionScores, OpKind::kAttentionMix});
    target_count(flow, context.out);
    const Tensor s = per_output(workspace, flow, context.out, float(epsilon_));
    RuleOutput result{op.vjp(workspace, context, s), {}};
    for (std::size_t i = 0; i < result.in.size(); ++i) {
      times_input(workspace, result.in[i], *context.in[i], 0.5f);
    }
    return result;
  }

 private:
  double epsilon_;
};

/// Σ of the relevance of each target, stacked in `flow`.
std::vector<double> target_sums(const Tensor& flow, std::int64_t targets) {
  std::vector<double> sums(std::size_t(targets), 0.0);
  const std::size_t each = flow.size() / sums.size();
  for (std::size_t i = 0; i < flow.size(); ++i) sums[i / each] += double(flow.data()[i]);
  return sums;
}

class Balanced final : public Rule {
 public:
  explicit Balanced(double epsilon) : epsilon_(epsilon) {
    if (!(epsilon > 0) || !std::isfinite(epsilon)) {
      throw Error("balanced", fmt::format("expected epsilon above 0, got {}", epsilon));
    }
  }
  std::string name() const override { return fmt::format("balanced {}", epsilon_); }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    require(*this, op, {OpKind::kAdd, OpKind::kAttentionScores, OpKind::kAttentionMix});
    const std::int64_t targets = target_count(flow, context.out);
    const Tensor s = per_output(workspace, flow, context.out, float(epsilon_));
    RuleOutput result{op.vjp(workspace, context, s), {}};
    for (std::size_t i = 0; i < result.in.size(); ++i) {
      times_input(workspace, result.in[i], *context.in[i], 1);
    }
    const std::vector<double> whole = target_sums(flow, targets),
                              u = target_sums(result.in[0], targets),
                              v = target_sums(result.in[1], targets);
    for (std::size_t t = 0; t < whole.size(); ++t) {
      const double size = std::abs(u[t]) + std::abs(v[t]);
      scale_target(result.in[0], t, whole.size(), factor(whole[t], u[t], size));
      scale_target(result.in[1], t, whole.size(), factor(whole[t], v[t], size));
    }
    return result;
  }

 private:
  static double factor(double whole, double part, double size) {
    return part == 0 ? 0 : whole * std::abs(part) / size / part;
  }
  static void scale_target(Tensor& flow, std::size_t target, std::size_t targets, double factor) {
    const std::size_t each = flow.size() / targets;
    for (float& value : flow.values().subspan(target * each, each)) {
      value = float(factor * double(value));
    }
  }

  double epsilon_;
};

class SoftmaxTaylor final : public Rule {
 public:
  std::string name() const override { return "softmax_taylor"; }
  bool supports(Quantity quantity) const override { return quantity == Quantity::kRelevance; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    require(*this, op, {OpKind::kSoftmax});
    target_count(flow, context.out);
    const Tensor &x = *context.in[0], &p = context.out;
    RuleOutput result;
    result.in.push_back(workspace.tensor(flow.rows(), flow.width()));
    for (std::int64_t r = 0; r < flow.rows(); ++r) {
      const std::span<const float> in = x.row(r % x.rows()), pattern = p.row(r % p.rows()),
                                   relevance = flow.row(r);
      double sum = 0;
      for (const float value : relevance) sum += double(value);
      const std::span<float> out = result.in[0].row(r);
      for (std::size_t j = 0; j < out.size(); ++j) {
        out[j] = float(double(in[j]) * (double(relevance[j]) - double(pattern[j]) * sum));
      }
    }
    return result;
  }
};

}  // namespace

RulePtr epsilon(double epsilon) { return std::make_shared<Epsilon>(epsilon); }
RulePtr identity() {
  static const RulePtr rule = std::make_shared<Identity>();
  return rule;
}
RulePtr uniform(double epsilon) { return std::make_shared<Uniform>(epsilon); }
RulePtr balanced(double epsilon) { return std::make_shared<Balanced>(epsilon); }
RulePtr softmax_taylor() {
  static const RulePtr rule = std::make_shared<SoftmaxTaylor>();
  return rule;
}

}  // namespace whyclip
