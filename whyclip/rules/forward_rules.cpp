#include "whyclip/rules/forward_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "whyclip/core/parallel.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/activation.h"

namespace whyclip {
namespace {

class SharedOffsets final : public Rule {
 public:
  std::string name() const override { return "shared_offsets"; }
  bool goes_back() const override { return false; }
  Tensor carry(const Workspace& workspace, const Op& op, const Application& application,
               Inputs shares) const override {
    Tensor result = op.frozen_jvp(workspace, application, shares);
    const std::int64_t rows = application.out.rows();
    if (result.empty() || !gives_offset_away(op)) return result;
    for (std::int64_t row = 0; row < rows; ++row) divide(op.offset(row), row, rows, result);
    return result;
  }
  bool reads(const Op& op, std::size_t input) const override {
    return frozen_gains()->reads(op, input);
  }
  bool needs_all_sources() const override { return true; }
  /// Class token and positions are sources of their own.
  bool gives_offset_away(const Op& op) const override {
    return op.kind() != OpKind::kPrepend && op.kind() != OpKind::kAddRows;
  }

 private:
  static void divide(std::span<const float> offset, std::int64_t row, std::int64_t rows,
                     Tensor& shares) {
    if (offset.empty()) return;
    const std::int64_t sources = shares.rows() / rows, width = shares.width();
    std::vector<double> weights;
    double total = 0;
    for (std::int64_t s = 0; s < sources; ++s) {
      const float* share = shares.row(s * rows + row).data();
      weights.push_back(std::abs(kernels::dot(share, offset.data(), width)));
      total += weights.back();
    }
    for (std::int64_t s = 0; s < sources; ++s) {
      const double part = total > 0 ? weights[std::size_t(s)] / total : 1.0 / double(sources);
      const std::span<float> share = shares.row(s * rows + row);
      for (std::size_t c = 0; c < share.size(); ++c) share[c] += float(part) * offset[c];
    }
  }
};

constexpr float kLeast = std::numeric_limits<float>::min();

class Contextual final : public Rule {
 public:
  std::string name() const override { return "contextual"; }
  bool goes_back() const override { return false; }
  Tensor carry(const Workspace& workspace, const Op& op, const Application& application,
               Inputs shares) const override {
    source_count(shares, application.in);
    if (op.kind() == OpKind::kActivation) return activation(workspace, op, application, *shares[0]);
    Tensor result = op.frozen_jvp(workspace, application, shares);
    // A norm weighs by what comes in, a product by what comes out.
    if (op.kind() == OpKind::kLinear) weigh(op, application, nullptr, result);
    if (op.kind() == OpKind::kLayerNorm) weigh(op, application, shares[0], result);
    return result;
  }
  bool reads(const Op& op, std::size_t input) const override {
    return frozen_gains()->reads(op, input);
  }
  bool gives_offset_away(const Op& op) const override {
    return op.kind() == OpKind::kLinear || op.kind() == OpKind::kLayerNorm;
  }

 private:
  static Tensor activation(const Workspace& workspace, const Op& op, const Application& application,
                           const Tensor& share) {
    const auto function = static_cast<const Activation&>(op).function();
    const Tensor &x = *application.in[0], &y = application.out;
    Tensor rest = workspace.tensor(share.rows(), share.width());
    take_from_each(x, share, rest);
    Tensor result = workspace.tensor(share.rows(), share.width());
    kernels::activation(function, rest.data(), std::int64_t(rest.size()), result.data(),
                        workspace.threads());
    take_from_each(y, result, result);
    return result;
  }

  /// whole − part for every source's rows.
  static void take_from_each(const Tensor& whole, const Tensor& parts, Tensor& out) {
    for (std::size_t begin = 0; begin < out.size(); begin += whole.size()) {
      for (std::size_t i = 0; i < whole.size(); ++i) {
        out.data()[begin + i] = whole.data()[i] - parts.data()[begin + i];
      }
    }
  }

  /// Adds to each share its part of the row's offset.
  static void weigh(const Op& op, const Application& application, const Tensor* before,
                    Tensor& shares) {
    const std::int64_t rows = application.out.rows();
    std::vector<float> own, all;
    for (std::int64_t r = 0; r < shares.rows(); ++r) {
      const std::int64_t row = r % rows;
      const std::span<const float> offset = op.offset(row);
      if (offset.empty()) continue;
      const std::span<float> share = shares.row(r);
      const std::span<const float> out = application.out.row(row);
      if (before != nullptr) {
        const std::span<const float> in = application.in[0]->row(row), came = before->row(r);
        own.assign(came.begin(), came.end());
        all.assign(in.begin(), in.end());
      } else {
        own.assign(share.begin(), share.end());
        all.resize(share.size());
        for (std::size_t c = 0; c < share.size(); ++c) all[c] = out[c] - offset[c];
      }
      for (std::size_t c = 0; c < share.size(); ++c) {
        // Nothing's part of nothing is 0.
        const float size = std::abs(own[c]) + std::abs(all[c] - own[c]) + kLeast;
        share[c] += std::abs(own[c]) / size * offset[c];
      }
    }
  }
};

}  // namespace

RulePtr shared_offsets() {
  static const RulePtr rule = std::make_shared<SharedOffsets>();
  return rule;
}
RulePtr contextual() {
  static const RulePtr rule = std::make_shared<Contextual>();
  return rule;
}

}  // namespace whyclip
