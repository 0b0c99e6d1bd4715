#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/attention.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/ops/trace.h"

namespace whyclip::testing {

/// One recorded block over 6 tokens of width 8: x → positions → ln1 → q, k, v → attention of 2
/// heads → attn_out → resid_mid → mlp_pre → mlp_post → mlp_out → resid_post → pooled (a norm) →
/// normalized. Every op that has an additive term adds one.
class SmallNetwork {
 public:
  static constexpr std::int64_t kTokens = 6, kWidth = 8;

  SmallNetwork() {
    Trace trace(workspace, record);
    const auto apply = [&](const char* name, const OpPtr& op, std::initializer_list<Value> in) {
      return trace.apply("net.", name, op, in);
    };
    const Value x = trace.input("x", random_tensor("x", kTokens, kWidth));
    const Value embedded =
        apply("embedded",
              std::make_shared<AddRows>(
                  std::make_shared<const Tensor>(random_tensor("positions", kTokens, kWidth)),
                  std::vector<std::int32_t>{0, 1, 2, 3, 4, 5}),
              {x});
    const Value normed = apply("ln1", norm("ln1"), {embedded});
    const Value q = apply("q", linear("q"), {normed}), k = apply("k", linear("k"), {normed}),
                v = apply("v", linear("v"), {normed});
    const Value z = attention(trace, "net.", q, k, v, AttentionMask::full(1, kTokens), 2);
    const Value attended = apply("attn_out", linear("attn_out"), {z});
    const Value middle = apply("resid_mid", std::make_shared<Add>(), {embedded, attended});
    const Value inner = apply("mlp_pre", linear("mlp_pre"), {middle});
    const Value gated =
        apply("mlp_post", std::make_shared<Activation>(ActivationKind::kQuickGelu), {inner});
    const Value mlp = apply("mlp_out", linear("mlp_out"), {gated});
    const Value stream = apply("resid_post", std::make_shared<Add>(), {middle, mlp});
    const Value pooled = apply("pooled", norm("pooled"), {stream});
    apply("normalized", std::make_shared<Normalise>(), {pooled});
  }

  /// A random seed for a backward pass from a trace point, for `targets` targets.
  Tensor seed(std::string_view trace_point, std::int64_t targets) const {
    const Tensor& value = record.at(trace_point);
    return random_tensor("seed", targets * value.rows(), value.width());
  }
  /// x as one source per row: source s has row s alone.
  Tensor rows_of_x() const {
    const Tensor& x = record.at("x");
    Tensor result = Tensor::zeros(kTokens * kTokens, kWidth);
    for (std::int64_t s = 0; s < kTokens; ++s) {
      std::ranges::copy(x.row(s), result.row(s * kTokens + s).begin());
    }
    return result;
  }

  const Workspace workspace{testing::threads()};
  Record record;

 private:
  static OpPtr linear(const std::string& name) {
    const std::vector<float> weight =
        hash_tensor(name + " weight", std::size_t(kWidth * kWidth), 0, 0.4);
    return std::make_shared<Linear>([weight] { return weight; }, kWidth, kWidth,
                                    hash_tensor(name + " bias", std::size_t(kWidth), 0, 0.4));
  }
  static OpPtr norm(const std::string& name) {
    return std::make_shared<LayerNorm>(hash_tensor(name + " gamma", std::size_t(kWidth), 1, 0.2),
                                       hash_tensor(name + " beta", std::size_t(kWidth), 0, 0.4),
                                       1e-5f);
  }
};

}  // namespace whyclip::testing
