#include "whyclip/rules/rule.h"

#include <fmt/format.h>

#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {

std::string_view name_of(Quantity quantity) {
  return quantity == Quantity::kGradient ? "gradient" : "relevance";
}

RuleOutput Rule::backward(const Workspace&, const Op& op, const OpContext&, const Tensor&) const {
  throw Error(name(), fmt::format("this rule supports only the forward direction; it cannot "
                                  "propagate backward through the op {}",
                                  name_of(op.kind())));
}

Tensor Rule::propagate_forward(const Workspace&, const Op& op, const OpContext&, Inputs) const {
  throw Error(name(), fmt::format("this rule supports only the backward direction; it cannot "
                                  "propagate forward through the op {}",
                                  name_of(op.kind())));
}

std::span<const float> Rule::additive_term(const Op& op, const OpContext&, std::int64_t row,
                                           std::vector<float>&) const {
  return op.additive_term(row);
}

bool Rule::reads(const Op&, std::size_t) const { return true; }

namespace {

class Derivative final : public Rule {
 public:
  std::string name() const override { return "derivative"; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    return {op.vjp(workspace, context, flow), {}};
  }
};

class FrozenGains final : public Rule {
 public:
  std::string name() const override { return "frozen"; }
  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    return {op.frozen_vjp(workspace, context, flow), {}};
  }
  Tensor propagate_forward(const Workspace& workspace, const Op& op, const OpContext& context,
                           Inputs contributions) const override {
    return op.frozen_jvp(workspace, context, contributions);
  }
  bool reads(const Op& op, std::size_t input) const override {
    return op.kind() != OpKind::kAttentionMix || input == 1;
  }
};

class Constant final : public Rule {
 public:
  std::string name() const override { return "constant"; }
  bool supports(Quantity) const override { return true; }
  RuleOutput backward(const Workspace&, const Op&, const OpContext& context,
                      const Tensor& flow) const override {
    RuleOutput result{std::vector<Tensor>(context.in.size()), {}};
    for (std::int64_t r = 0; r < flow.rows(); ++r) {
      const std::span<const float> row = flow.row(r);
      result.additive_term.push_back(std::accumulate(row.begin(), row.end(), 0.0));
    }
    return result;
  }
  Tensor propagate_forward(const Workspace&, const Op&, const OpContext&, Inputs) const override {
    return {};
  }
  std::span<const float> additive_term(const Op&, const OpContext& context, std::int64_t row,
                                       std::vector<float>&) const override {
    return context.out.row(row);  // the whole output is the additive term
  }
  bool reads(const Op&, std::size_t) const override { return false; }
};

}  // namespace

RulePtr derivative() {
  static const RulePtr rule = std::make_shared<Derivative>();
  return rule;
}

RulePtr frozen_gains() {
  static const RulePtr rule = std::make_shared<FrozenGains>();
  return rule;
}

RulePtr constant() {
  static const RulePtr rule = std::make_shared<Constant>();
  return rule;
}

}  // namespace whyclip
