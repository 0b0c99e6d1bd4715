#include "whyclip/rules/query_key.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/core/softmax_path.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {
namespace {

constexpr float kHalf = 0.5f;
constexpr int kMaxNodes = 64;

class QueryKey final : public Rule {
 public:
  explicit QueryKey(int nodes) {
    quadratures_.push_back(gauss_legendre(nodes));
    for (int more = nodes + 1; more <= kMaxNodes; ++more) {
      quadratures_.push_back(gauss_legendre(more));
    }
  }

  std::string name() const override {
    return fmt::format("query_key {} nodes", quadratures_[0].nodes.size());
  }

  RuleOutput backward(const Workspace& workspace, const Op& op, const OpContext& context,
                      const Tensor& flow) const override {
    if (op.kind() == OpKind::kSoftmax) {
      const std::int64_t targets = target_count(flow, context.out);
      RuleOutput result;
      result.in.push_back(path(workspace, op, context, flow, targets));
      return result;
    }
    check(op);
    RuleOutput result{op.vjp(workspace, context, flow), {}};
    for (Tensor& g : result.in) halve(workspace, g);
    return result;
  }

  Tensor propagate_forward(const Workspace& workspace, const Op& op, const OpContext& context,
                           Inputs contributions) const override {
    const std::int64_t sources = source_count(contributions, context.in);
    if (op.kind() == OpKind::kSoftmax) {
      return path(workspace, op, context, *contributions[0], sources);
    }
    check(op);
    Tensor result =
        op.kind() == OpKind::kAttentionMix
            ? static_cast<const AttentionMix&>(op).jvp(workspace, context, contributions)
            : op.frozen_jvp(workspace, context, contributions);
    halve(workspace, result);
    return result;
  }

  /// The uniform pattern, the start of the integration path of the softmax.
  std::span<const float> additive_term(const Op& op, const OpContext& context, std::int64_t row,
                                       std::vector<float>& scratch) const override {
    if (op.kind() != OpKind::kSoftmax) return op.additive_term(row);
    const std::span<const float> pattern = context.out.row(row);
    const std::int64_t keys = static_cast<const Softmax&>(op).keys_of_row(row);
    scratch.assign(pattern.size(), 0.0f);
    for (std::int64_t j = 0; j < keys; ++j) scratch[std::size_t(j)] = 1.0f / float(keys);
    return scratch;
  }

 private:
  static void check(const Op& op) {
    if (op.kind() == OpKind::kAttentionScores || op.kind() == OpKind::kAttentionMix) return;
    throw Error(
        "query_key",
        fmt::format("this rule supports only attention_scores, softmax and attention_mix, got {}",
                    name_of(op.kind())));
  }

  static void halve(const Workspace& workspace, Tensor& x) {
    kernels::scale(x.data(), kHalf, std::int64_t(x.size()), x.data(), workspace.threads());
  }

  Tensor path(const Workspace& workspace, const Op& op, const OpContext& context, const Tensor& x,
              std::int64_t stacks) const {
    const auto& softmax = static_cast<const Softmax&>(op);
    Tensor result = workspace.tensor(x.rows(), x.width());
    kernels::attention_softmax_path(softmax.mask().layout(softmax.heads(), 1),
                                    context.in[0]->data(), quadratures_, x.data(), stacks,
                                    result.data(), workspace.threads());
    return result;
  }

  std::vector<Quadrature> quadratures_;
};

}  // namespace

RulePtr query_key(int nodes) { return std::make_shared<QueryKey>(nodes); }

}  // namespace whyclip
