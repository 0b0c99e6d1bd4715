// TokenTM against plain float64 loops.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace tokentm_test {

using testing::real_parts;
using testing::Tower;
using testing::without_class;
using Rows = Tower::Rows;

using TokenTransformation = testing::MethodsOfTiny;

constexpr std::int64_t kTokens = Tower::kTokens, kHeads = Tower::kHeads, kHeadWidth = 8;

double dot(const Rows& a, const Rows& b, std::int64_t row) {
  double sum = 0;
  for (std::int64_t c = 0; c < a.width; ++c) sum += a.at(row, c).real() * b.at(row, c).real();
  return sum;
}

/// L(after) / L(before) · exp(cos) / Σ exp(cos), for each token.
std::vector<double> weights(const Rows& before, const Rows& after) {
  std::vector<double> result;
  double sum = 0;
  for (std::int64_t t = 0; t < kTokens; ++t) {
    const double lengths = std::sqrt(dot(before, before, t) * dot(after, after, t));
    sum += std::exp(dot(before, after, t) / lengths);
  }
  for (std::int64_t t = 0; t < kTokens; ++t) {
    const double of_before = std::sqrt(dot(before, before, t)),
                 of_after = std::sqrt(dot(after, after, t));
    result.push_back(of_after / of_before *
                     std::exp(dot(before, after, t) / (of_before * of_after)) / sum);
  }
  return result;
}

using Square = std::vector<std::vector<double>>;

Square product(const Square& a, const Square& b) {
  Square result(a.size(), std::vector<double>(a.size(), 0.0));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < a.size(); ++k) {
      for (std::size_t j = 0; j < a.size(); ++j) result[i][j] += a[i][k] * b[k][j];
    }
  }
  return result;
}

Square diagonal(const std::vector<double>& values) {
  Square result(values.size(), std::vector<double>(values.size(), 0.0));
  for (std::size_t i = 0; i < values.size(); ++i) result[i][i] = values[i];
  return result;
}

/// The residual stream at three points of a block, and the block's attention.
struct BlockValues {
  BlockValues(const Tower& tower, int block)
      : scope("blocks." + std::to_string(block) + "."),
        out(Tower::layer(block) + "self_attn.out_proj"),
        before(tower.value(block == 0 ? "ln_pre" : "blocks.0.resid_post")),
        middle(tower.linear(tower.value(scope + "z"), out)),
        mlp_out(0, 0),
        after(0, 0),
        a(real_parts(tower.value(scope + "pattern"))),
        g(tower.gradient(scope + "pattern")) {
    for (std::size_t i = 0; i < before.values.size(); ++i) middle.values[i] += before.values[i];
    mlp_out = tower.mlp(middle, block);
    after = mlp_out;
    for (std::size_t i = 0; i < after.values.size(); ++i) after.values[i] += middle.values[i];
  }

  std::string scope, out;
  Rows before, middle, mlp_out, after;
  std::vector<double> a, g;
};

Square identity() { return diagonal(std::vector<double>(std::size_t(kTokens), 1.0)); }

Square one_plus(std::vector<double> weights) {
  for (double& weight : weights) weight += 1;
  return diagonal(weights);
}

/// (I + W_mlp) (I + mean_h (∇A_h)⁺ ⊙ A_h W_h) of one block.
Square update(const Tower& tower, int block) {
  const BlockValues b(tower, block);
  const Rows v = tower.value(b.scope + "v");
  Square attention = identity();
  for (std::int64_t h = 0; h < kHeads; ++h) {
    Rows alone(v.rows, v.width);
    for (std::int64_t t = 0; t < v.rows; ++t) {
      for (std::int64_t c = h * kHeadWidth; c < (h + 1) * kHeadWidth; ++c) {
        alone.at(t, c) = v.at(t, c);
      }
    }
    const std::vector<double> w = weights(b.before, tower.linear(alone, b.out, false));
    for (std::int64_t i = 0; i < kTokens; ++i) {
      for (std::int64_t j = 0; j < kTokens; ++j) {
        const auto position = std::size_t((h * kTokens + i) * kTokens + j);
        attention[std::size_t(i)][std::size_t(j)] +=
            std::max(0.0, b.g[position]) * b.a[position] * w[std::size_t(j)] / double(kHeads);
      }
    }
  }
  return product(one_plus(weights(b.middle, b.mlp_out)), attention);
}

/// (I + W_mlp) (I + mean_h (∇A_h)⁺ ⊙ (mean_h A_h) W) of one block, with weights from the residual
/// stream.
Square update_of_stream(const Tower& tower, int block) {
  const BlockValues b(tower, block);
  const std::vector<double> w = weights(b.before, b.middle);
  Square attention = identity();
  for (std::int64_t i = 0; i < kTokens; ++i) {
    for (std::int64_t j = 0; j < kTokens; ++j) {
      double mean_a = 0, mean_g = 0;
      for (std::int64_t h = 0; h < kHeads; ++h) {
        const auto position = std::size_t((h * kTokens + i) * kTokens + j);
        mean_a += b.a[position] / double(kHeads);
        mean_g += std::max(0.0, b.g[position]) / double(kHeads);
      }
      attention[std::size_t(i)][std::size_t(j)] += mean_g * mean_a * w[std::size_t(j)];
    }
  }
  return product(one_plus(weights(b.middle, b.after)), attention);
}

std::vector<double> lengths(const Rows& tokens) {
  std::vector<double> result;
  for (std::int64_t t = 0; t < kTokens; ++t) result.push_back(std::sqrt(dot(tokens, tokens, t)));
  return result;
}

TEST_F(TokenTransformation, MultipliesTransformedAttentionStartingWithTokenNorms) {
  const Square map = product(update(tower, 1),
                             product(update(tower, 0), diagonal(lengths(tower.value("ln_pre")))));
  EXPECT_TRUE(same_map(patches("tokentm"), without_class(map[0])));
}

TEST_F(TokenTransformation, AsInLibragradUsesMeanHeadsAndTheResidualStream) {
  const Square map =
      product(update_of_stream(tower, 1),
              product(update_of_stream(tower, 0), diagonal(lengths(tower.value("ln_pre")))));
  const std::vector<float> found = patches("tokentm", {{"variant", "libragrad"}});
  EXPECT_TRUE(same_map(found, without_class(map[0])));
  EXPECT_FALSE(same_map(found, patches("tokentm")));
}

}  // namespace tokentm_test
}  // namespace whyclip
