#include "whyclip/rules/rule.h"

#include <fmt/format.h>

#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {

std::string_view name_of(Moves moves) {
  return moves == Moves::kGradient ? "gradient" : "relevance";
}

Back Rule::back(const Workspace&, const Op& op, const Application&, const Tensor&) const {
  throw Error(name(), fmt::format("this rule goes forward from the sources only; it cannot walk "
                                  "back through the op {}",
                                  name_of(op.kind())));
}

Tensor Rule::carry(const Workspace&, const Op& op, const Application&, Inputs) const {
  throw Error(name(), fmt::format("this rule goes back from a target only; it cannot carry shares "
                                  "forward through the op {}",
                                  name_of(op.kind())));
}

std::span<const float> Rule::offset(const Op& op, const Application&, std::int64_t row,
                                    std::vector<float>&) const {
  return op.offset(row);
}

bool Rule::reads(const Op&, std::size_t) const { return true; }

namespace {

class Derivative final : public Rule {
 public:
  std::string name() const override { return "derivative"; }
  Back back(const Workspace& workspace, const Op& op, const Application& application,
            const Tensor& flow) const override {
    return {op.vjp(workspace, application, flow), {}};
  }
};

class FrozenGains final : public Rule {
 public:
  std::string name() const override { return "frozen"; }
  Back back(const Workspace& workspace, const Op& op, const Application& application,
            const Tensor& flow) const override {
    return {op.frozen_vjp(workspace, application, flow), {}};
  }
  Tensor carry(const Workspace& workspace, const Op& op, const Application& application,
               Inputs shares) const override {
    return op.frozen_jvp(workspace, application, shares);
  }
  bool reads(const Op& op, std::size_t input) const override {
    return op.kind() != OpKind::kAttentionMix || input == 1;
  }
};

class Constant final : public Rule {
 public:
  std::string name() const override { return "constant"; }
  bool moves(Moves) const override { return true; }
  Back back(const Workspace&, const Op&, const Application& application,
            const Tensor& flow) const override {
    Back result{std::vector<Tensor>(application.in.size()), {}};
    for (std::int64_t r = 0; r < flow.rows(); ++r) {
      const std::span<const float> row = flow.row(r);
      result.offset.push_back(std::accumulate(row.begin(), row.end(), 0.0));
    }
    return result;
  }
  Tensor carry(const Workspace&, const Op&, const Application&, Inputs) const override {
    return {};
  }
  std::span<const float> offset(const Op&, const Application& application, std::int64_t row,
                                std::vector<float>&) const override {
    return application.out.row(row);  // all of it is the op's own
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
