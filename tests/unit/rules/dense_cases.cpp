#include "tests/unit/rules/dense_cases.h"

#include <cmath>

#include "tests/support/random.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/select_rows.h"

namespace whyclip::testing {
namespace {

using Seed = std::string;
using Denses = std::vector<Dense>;

std::vector<float> values(const Seed& name, std::int64_t count) {
  return hash_tensor(name, std::size_t(count), 0, 1);
}

auto inputs(std::int64_t rows, std::int64_t width) {
  return [=](const Seed& seed) {
    std::vector<Tensor> result;
    result.push_back(random_tensor(seed + "input", rows, width));
    return result;
  };
}

/// factor · identity.
Dense diagonal(std::size_t size, double factor) {
  Dense map{std::int64_t(size), std::int64_t(size)};
  for (std::int64_t i = 0; i < map.rows; ++i) map.at(i, i) = factor;
  return map;
}

DenseCase linear(std::int64_t rows, std::int64_t in, std::int64_t out, bool biased) {
  const auto weight = [=](const Seed& seed) { return values(seed + "weight", out * in); };
  const auto bias = [=](const Seed& seed) {
    return biased ? values(seed + "bias", out) : std::vector<float>{};
  };
  return {(biased ? "linear_" : "linear_without_bias_") + std::to_string(rows) + "x" +
              std::to_string(in) + "to" + std::to_string(out),
          [=](const Seed& seed) {
            return std::make_shared<Linear>([w = weight(seed)] { return w; }, out, in, bias(seed));
          },
          inputs(rows, in),
          [=](const Seed& seed, const Denses&) {
            Dense map(rows * out, rows * in);
            const std::vector<float> w = weight(seed), b = bias(seed);
            std::vector<double> additive_term(std::size_t(rows * out), 0.0);
            for (std::int64_t r = 0; r < rows; ++r) {
              for (std::int64_t o = 0; o < out; ++o) {
                if (biased) additive_term[std::size_t(r * out + o)] = double(b[std::size_t(o)]);
                for (std::int64_t i = 0; i < in; ++i) {
                  map.at(r * out + o, r * in + i) = double(w[std::size_t(o * in + i)]);
                }
              }
            }
            return DenseMaps{{map}, additive_term};
          }};
}

DenseCase add() {
  return {"add", [](const Seed&) { return std::make_shared<Add>(); },
          [](const Seed& seed) {
            std::vector<Tensor> result = inputs(4, 5)(seed);
            result.push_back(random_tensor(seed + "other", 4, 5));
            return result;
          },
          [](const Seed&, const Denses&) {
            return DenseMaps{{diagonal(20, 1), diagonal(20, 1)}, std::vector<double>(20, 0.0)};
          }};
}

DenseCase add_rows() {
  const auto table = [](const Seed& seed) { return values(seed + "table", 4 * 3); };
  const std::vector<std::int32_t> index{2, 0, 2};
  return {"add_rows",
          [=](const Seed& seed) {
            return std::make_shared<AddRows>(
                std::make_shared<const Tensor>(Tensor::from(4, 3, table(seed))), index);
          },
          inputs(6, 3),
          [=](const Seed& seed, const Denses&) {
            std::vector<double> additive_term;
            for (std::size_t i = 0; i < 18; ++i) {
              additive_term.push_back(
                  double(table(seed)[std::size_t(index[i / 3 % 3]) * 3 + std::size_t(i % 3)]));
            }
            return DenseMaps{{diagonal(18, 1)}, additive_term};
          }};
}

DenseCase scale() {
  return {"scale", [](const Seed&) { return std::make_shared<Scale>(-2.5f); }, inputs(3, 7),
          [](const Seed&, const Denses&) {
            return DenseMaps{{diagonal(21, -2.5)}, std::vector<double>(21, 0.0)};
          }};
}

DenseCase activation(ActivationKind kind) {
  const char* name = kind == ActivationKind::kQuickGelu ? "quick_gelu"
                     : kind == ActivationKind::kGelu    ? "gelu"
                                                        : "gelu_tanh";
  return {name, [=](const Seed&) { return std::make_shared<Activation>(kind); }, inputs(5, 9),
          [=](const Seed&, const Denses& in) {
            Dense map = diagonal(45, 1);
            for (std::int64_t i = 0; i < 45; ++i) {
              const double u = in[0].values[std::size_t(i)];
              map.at(i, i) = kind == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                             : kind == ActivationKind::kGelu    ? reference::gelu_gate(u)
                                                                : reference::gelu_tanh_gate(u);
            }
            return DenseMaps{{map}, std::vector<double>(45, 0.0)};
          }};
}

DenseCase layer_norm(std::int64_t rows, std::int64_t n) {
  const auto gamma = [=](const Seed& seed) { return values(seed + "gamma", n); };
  const auto beta = [=](const Seed& seed) { return values(seed + "beta", n); };
  return {
      "layer_norm_" + std::to_string(n),
      [=](const Seed& seed) { return std::make_shared<LayerNorm>(gamma(seed), beta(seed), 1e-5f); },
      inputs(rows, n),
      [=](const Seed& seed, const Denses& in) {
        Dense map(rows * n, rows * n);
        std::vector<double> additive_term;
        for (std::int64_t r = 0; r < rows; ++r) {
          double mean = 0, variance = 0;
          for (std::int64_t c = 0; c < n; ++c) mean += in[0].at(r, c) / double(n);
          for (std::int64_t c = 0; c < n; ++c) {
            variance += std::pow(in[0].at(r, c) - mean, 2) / double(n);
          }
          for (std::int64_t c = 0; c < n; ++c) {
            additive_term.push_back(double(beta(seed)[std::size_t(c)]));
            for (std::int64_t i = 0; i < n; ++i) {
              map.at(r * n + c, r * n + i) = double(gamma(seed)[std::size_t(c)]) *
                                             ((c == i ? 1.0 : 0.0) - 1.0 / double(n)) /
                                             std::sqrt(variance + 1e-5);
            }
          }
        }
        return DenseMaps{{map}, additive_term};
      }};
}

DenseCase normalise() {
  return {"normalise", [](const Seed&) { return std::make_shared<Normalise>(); }, inputs(3, 8),
          [](const Seed&, const Denses& in) {
            Dense map(24, 24);
            for (std::int64_t r = 0; r < 3; ++r) {
              double square = 0;
              for (std::int64_t c = 0; c < 8; ++c) square += in[0].at(r, c) * in[0].at(r, c);
              for (std::int64_t c = 0; c < 8; ++c) {
                map.at(r * 8 + c, r * 8 + c) = 1 / std::sqrt(square);
              }
            }
            return DenseMaps{{map}, std::vector<double>(24, 0.0)};
          }};
}

DenseCase mix(const std::string& name, const AttentionMaskPtr& mask,
              const std::vector<reference::Group>& groups, std::int64_t key_rows) {
  constexpr std::int64_t kHeads = 2, kWidth = 6;
  return {"mix_" + name, [=](const Seed&) { return std::make_shared<AttentionMix>(mask, kHeads); },
          [=](const Seed& seed) {
            const Tensor scores =
                random_tensor(seed + "scores", mask->score_rows(kHeads), mask->most_keys());
            const auto pattern =
                reference::attention_softmax(groups, kHeads, reference::matrix_of<double>(scores));
            std::vector<Tensor> result;
            result.push_back(
                Tensor::from(scores.rows(), scores.width(), reference::floats_of(pattern)));
            result.push_back(random_tensor(seed + "v", key_rows, kWidth));
            return result;
          },
          [=](const Seed&, const Denses& in) {
            Dense map(mask->queries() * kWidth, key_rows * kWidth);
            reference::each_score_row(
                groups, kHeads,
                [&](const reference::Group& group, auto head, auto query, auto row) {
                  for (std::size_t j = 0; j < group.keys.size(); ++j) {
                    for (std::int64_t c = head * 3; c < (head + 1) * 3; ++c) {
                      map.at(query * kWidth + c, group.keys[j] * kWidth + c) =
                          in[0].at(row, std::int64_t(j));
                    }
                  }
                });
            return DenseMaps{{Dense(), map}, std::vector<double>(std::size_t(map.rows), 0.0)};
          }};
}

DenseCase prepend() {
  const auto token = [](const Seed& seed) { return values(seed + "token", 3); };
  return {"prepend",
          [=](const Seed& seed) {
            return std::make_shared<Prepend>(
                std::make_shared<const Tensor>(Tensor::from(1, 3, token(seed))), 4);
          },
          inputs(8, 3),
          [=](const Seed& seed, const Denses&) {
            Dense map(30, 24);
            std::vector<double> additive_term(30, 0.0);
            for (std::int64_t r = 0; r < 10; ++r) {
              for (std::int64_t c = 0; c < 3; ++c) {
                if (r % 5 == 0) {
                  additive_term[std::size_t(r * 3 + c)] = double(token(seed)[std::size_t(c)]);
                } else {
                  map.at(r * 3 + c, (r - r / 5 - 1) * 3 + c) = 1;
                }
              }
            }
            return DenseMaps{{map}, additive_term};
          },
          true};
}

DenseCase select_rows() {
  const std::vector<std::int64_t> rows{4, 0, 3};
  return {"select_rows", [=](const Seed&) { return std::make_shared<SelectRows>(rows); },
          inputs(6, 5),
          [=](const Seed&, const Denses&) {
            Dense map(15, 30);
            for (std::int64_t i = 0; i < 15; ++i) {
              map.at(i, rows[std::size_t(i / 5)] * 5 + i % 5) = 1;
            }
            return DenseMaps{{map}, std::vector<double>(15, 0.0)};
          },
          true};
}

DenseCase patchify() {
  return {"patchify", [](const Seed&) { return std::make_shared<Patchify>(3, 2, 2); },
          inputs(1, 72),
          [](const Seed&, const Denses&) {
            Dense positions(1, 72), map(72, 72);
            for (std::int64_t i = 0; i < 72; ++i) positions.at(0, i) = double(i);
            const Dense moved = reference::patchify(positions, 3, 2, 2);
            for (std::int64_t o = 0; o < 72; ++o) {
              map.at(o, std::int64_t(moved.values[std::size_t(o)])) = 1;
            }
            return DenseMaps{{map}, std::vector<double>(72, 0.0)};
          },
          true};
}

std::vector<DenseCase> make_cases() {
  const std::vector<std::int32_t> parent{-1, 0, 1, 1, 0, 4};
  return {
      linear(6, 5, 7, true),
      linear(1, 33, 3, true),
      linear(3, 4, 20, false),
      add(),
      add_rows(),
      scale(),
      activation(ActivationKind::kQuickGelu),
      activation(ActivationKind::kGelu),
      activation(ActivationKind::kGeluTanh),
      layer_norm(5, 9),
      layer_norm(2, 33),
      normalise(),
      mix("full", AttentionMask::full(2, 5), reference::full_groups(2, 5), 10),
      mix("one_query", AttentionMask::full_one_query(2, 5), reference::one_query_groups(2, 5), 10),
      mix("tree", AttentionMask::tree(parent), reference::tree_groups(parent), 6),
      prepend(),
      select_rows(),
      patchify()};
}

}  // namespace

const std::vector<DenseCase>& dense_cases() {
  static const std::vector<DenseCase> cases = make_cases();
  return cases;
}

std::vector<double> output_of(const DenseMaps& maps, const std::vector<Dense>& inputs) {
  std::vector<double> result = maps.additive_term;
  for (std::size_t k = 0; k < maps.of_input.size(); ++k) {
    const Dense& map = maps.of_input[k];
    for (std::int64_t o = 0; o < map.rows; ++o) {
      for (std::int64_t i = 0; i < map.width; ++i) {
        result[std::size_t(o)] += map.at(o, i) * inputs[k].values[std::size_t(i)];
      }
    }
  }
  return result;
}

}  // namespace whyclip::testing
