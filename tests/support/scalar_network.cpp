#include "tests/support/scalar_network.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;

constexpr std::int64_t kWidth = 24, kHeads = 3, kHeadWidth = 8, kTokens = 17, kGrid = 4, kPatch = 4;
const double kScoreFactor = 1 / std::sqrt(double(kHeadWidth));

Rows scaled_by(Rows x, double factor) {
  for (double& v : x.values) v *= factor;
  return x;
}

double dot(const Rows& a, const Rows& b) {
  double result = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) result += a.values[i] * b.values[i];
  return result;
}

/// a · b of each row.
std::vector<double> row_products(const Rows& a, const Rows& b) {
  std::vector<double> result(std::size_t(a.rows), 0.0);
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.width; ++c) result[std::size_t(r)] += a.at(r, c) * b.at(r, c);
  }
  return result;
}

void add_to(Rows& sum, const Rows& x) {
  if (sum.rows == 0) sum = Rows(x.rows, x.width);
  for (std::size_t i = 0; i < x.values.size(); ++i) sum.values[i] += x.values[i];
}

// Scores and patterns: row head · tokens + query, one value per key.

/// Σ_c a_ic b_jc of each head.
Rows products(const Rows& a, const Rows& b) {
  Rows out(kHeads * kTokens, kTokens);
  for (std::int64_t r = 0; r < out.rows; ++r) {
    const std::int64_t head = r / kTokens, i = r % kTokens;
    for (std::int64_t j = 0; j < kTokens; ++j) {
      for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
        out.at(r, j) += a.at(i, c) * b.at(j, c);
      }
    }
  }
  return out;
}

/// Σ_j p_ij b_jc of each head; Σ_i p_ij b_ic if `columns` is set.
Rows mixed(const Rows& pattern, const Rows& b, bool columns) {
  Rows out(kTokens, kWidth);
  for (std::int64_t r = 0; r < pattern.rows; ++r) {
    const std::int64_t head = r / kTokens, i = r % kTokens;
    for (std::int64_t j = 0; j < kTokens; ++j) {
      for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
        out.at(columns ? j : i, c) += pattern.at(r, j) * b.at(columns ? i : j, c);
      }
    }
  }
  return out;
}

/// softmax(factor · s) of each row.
Rows softmax_of(const Rows& s, double factor) {
  Rows p(s.rows, s.width);
  for (std::int64_t r = 0; r < s.rows; ++r) {
    double sum = 0;
    for (std::int64_t j = 0; j < s.width; ++j) sum += p.at(r, j) = std::exp(factor * s.at(r, j));
    for (std::int64_t j = 0; j < s.width; ++j) p.at(r, j) /= sum;
  }
  return p;
}

}  // namespace

ScalarNetwork::ScalarNetwork(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                             std::optional<Quadrature> path)
    : activation_(activation), path_(std::move(path)) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
}

int ScalarNetwork::apply(Map map) {
  std::vector<Rows> in;
  for (const int id : map.inputs) in.push_back(values_[std::size_t(id)]);
  Rows value = map.propagate_forward(in);
  if (map.additive_term.rows != 0) add_to(value, map.additive_term);
  values_.push_back(std::move(value));
  maps_.push_back(std::move(map));
  return int(values_.size()) - 1;
}

int ScalarNetwork::linear(int x, const std::string& name, const std::string& trace_point,
                          bool biased) {
  const TensorToWrite& w = weight(name + ".weight");
  const std::int64_t outputs = w.shape[0], inputs = w.shape[1];
  Rows additive_term;
  if (biased) {
    const auto& bias = weight(name + ".bias").values;
    additive_term = Rows(values_[std::size_t(x)].rows, outputs);
    for (std::int64_t r = 0; r < additive_term.rows; ++r) {
      for (std::int64_t o = 0; o < outputs; ++o)
        additive_term.at(r, o) = double(bias[std::size_t(o)]);
    }
  }
  const auto product = [&w, outputs, inputs](const Rows& from, bool adjoint) {
    Rows to(from.rows, adjoint ? inputs : outputs);
    for (std::int64_t r = 0; r < from.rows; ++r) {
      for (std::int64_t o = 0; o < outputs; ++o) {
        for (std::int64_t i = 0; i < inputs; ++i) {
          const double entry = double(w.values[std::size_t(o * inputs + i)]);
          to.at(r, adjoint ? i : o) += entry * from.at(r, adjoint ? o : i);
        }
      }
    }
    return to;
  };
  return apply({trace_point,
                {x},
                [=](const std::vector<Rows>& in) { return product(in[0], false); },
                [=](const Rows& g) { return std::vector<Rows>{product(g, true)}; },
                std::move(additive_term)});
}

int ScalarNetwork::norm(int x, const std::string& name, const std::string& trace_point) {
  const auto &gamma = weight(name + ".weight").values, &beta = weight(name + ".bias").values;
  const Rows& at = values_[std::size_t(x)];
  const auto n = double(at.width);
  Rows gain(at.rows, at.width), additive_term(at.rows, at.width);  // γ/σ of each value, and β
  for (std::int64_t r = 0; r < at.rows; ++r) {
    double mean = 0, square = 0;
    for (std::int64_t c = 0; c < at.width; ++c) mean += at.at(r, c) / n;
    for (std::int64_t c = 0; c < at.width; ++c) square += std::pow(at.at(r, c) - mean, 2) / n;
    for (std::int64_t c = 0; c < at.width; ++c) {
      gain.at(r, c) = double(gamma[std::size_t(c)]) / std::sqrt(square + 1e-5);
      additive_term.at(r, c) = double(beta[std::size_t(c)]);
    }
  }
  const auto centred = [n](Rows y) {
    for (std::int64_t r = 0; r < y.rows; ++r) {
      double mean = 0;
      for (std::int64_t c = 0; c < y.width; ++c) mean += y.at(r, c) / n;
      for (std::int64_t c = 0; c < y.width; ++c) y.at(r, c) -= mean;
    }
    return y;
  };
  const auto times_gain = [gain](Rows y) {
    for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] *= gain.values[i];
    return y;
  };
  return apply({trace_point,
                {x},
                [=](const std::vector<Rows>& in) { return times_gain(centred(in[0])); },
                [=](const Rows& g) { return std::vector<Rows>{centred(times_gain(g))}; },
                std::move(additive_term)});
}

int ScalarNetwork::scaled(int x, Rows factor, const std::string& trace_point) {
  const auto times = [factor = std::move(factor)](Rows y) {
    for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] *= factor.values[i];
    return y;
  };
  return apply({trace_point,
                {x},
                [=](const std::vector<Rows>& in) { return times(in[0]); },
                [=](const Rows& g) { return std::vector<Rows>{times(g)}; },
                {}});
}

int ScalarNetwork::sum(int a, int b, const std::string& trace_point) {
  return apply({trace_point,
                {a, b},
                [](const std::vector<Rows>& in) {
                  Rows out = in[0];
                  add_to(out, in[1]);
                  return out;
                },
                [](const Rows& g) {
                  return std::vector<Rows>{g, g};
                },
                {}});
}

int ScalarNetwork::scores(int q, int k, const std::string& trace_point) {
  const Rows &all_q = values_[std::size_t(q)], &all_k = values_[std::size_t(k)];
  return apply({trace_point,
                {q, k},
                [all_q, all_k](const std::vector<Rows>& in) {
                  Rows out = products(in[0], all_k);
                  add_to(out, products(all_q, in[1]));
                  return scaled_by(out, 0.5 * kScoreFactor);
                },
                [all_q, all_k](const Rows& g) {
                  return std::vector<Rows>{scaled_by(mixed(g, all_k, false), 0.5 * kScoreFactor),
                                           scaled_by(mixed(g, all_q, true), 0.5 * kScoreFactor)};
                },
                {}});
}

int ScalarNetwork::softmax(int scores, const std::string& trace_point) {
  std::vector<Rows> patterns;
  for (const double node : path_->nodes) {
    patterns.push_back(softmax_of(values_[std::size_t(scores)], node));
  }
  const auto jacobian = [patterns, weights = path_->weights](const Rows& x) {
    Rows out(x.rows, x.width);
    for (std::size_t k = 0; k < patterns.size(); ++k) {
      for (std::int64_t r = 0; r < x.rows; ++r) {
        double along = 0;
        for (std::int64_t j = 0; j < x.width; ++j) along += patterns[k].at(r, j) * x.at(r, j);
        for (std::int64_t j = 0; j < x.width; ++j) {
          out.at(r, j) += weights[k] * patterns[k].at(r, j) * (x.at(r, j) - along);
        }
      }
    }
    return out;
  };
  Rows uniform(kHeads * kTokens, kTokens);
  for (double& p : uniform.values) p = 1.0 / kTokens;
  const int pattern = apply({trace_point,
                             {scores},
                             [=](const std::vector<Rows>& in) { return jacobian(in[0]); },
                             [=](const Rows& g) { return std::vector<Rows>{jacobian(g)}; },
                             std::move(uniform)});
  // Later ops use the true pattern, so the error of the quadrature belongs to this op.
  values_[std::size_t(pattern)] = softmax_of(values_[std::size_t(scores)], 1);
  return pattern;
}

int ScalarNetwork::mix(int pattern, int v, const std::string& trace_point) {
  const Rows &all_p = values_[std::size_t(pattern)], &all_v = values_[std::size_t(v)];
  return apply({trace_point,
                {pattern, v},
                [all_p, all_v](const std::vector<Rows>& in) {
                  Rows out = mixed(in[0], all_v, false);
                  add_to(out, mixed(all_p, in[1], false));
                  return scaled_by(out, 0.5);
                },
                [all_p, all_v](const Rows& g) {
                  return std::vector<Rows>{scaled_by(products(g, all_v), 0.5),
                                           scaled_by(mixed(all_p, g, true), 0.5)};
                },
                {}});
}

int ScalarNetwork::attention(int q, int k, int v, const std::string& scope) {
  if (path_) return mix(softmax(scores(q, k, scope + "scores"), scope + "pattern"), v, scope + "z");
  const Rows pattern =
      softmax_of(products(values_[std::size_t(q)], values_[std::size_t(k)]), kScoreFactor);
  return apply({scope + "z",
                {v},
                [=](const std::vector<Rows>& in) { return mixed(pattern, in[0], false); },
                [=](const Rows& g) { return std::vector<Rows>{mixed(pattern, g, true)}; },
                {}});
}

int ScalarNetwork::block(int x, int index) {
  const std::string stored = "vision_model.encoder.layers." + std::to_string(index) + ".",
                    scope = "vision.blocks." + std::to_string(index) + ".";
  const int normed = norm(x, stored + "layer_norm1", scope + "ln1"),
            q = linear(normed, stored + "self_attn.q_proj", scope + "q"),
            k = linear(normed, stored + "self_attn.k_proj", scope + "k"),
            v = linear(normed, stored + "self_attn.v_proj", scope + "v");
  const int attended =
      linear(attention(q, k, v, scope), stored + "self_attn.out_proj", scope + "attn_out");
  const int middle = sum(x, attended, scope + "resid_mid");
  const int inner = linear(norm(middle, stored + "layer_norm2", scope + "ln2"), stored + "mlp.fc1",
                           scope + "mlp_pre");
  Rows gate = values_[std::size_t(inner)];
  for (double& u : gate.values) {
    u = activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                  : reference::gelu_gate(u);
  }
  const int gated = scaled(inner, std::move(gate), scope + "mlp_post");
  return sum(middle, linear(gated, stored + "mlp.fc2", scope + "mlp_out"), scope + "resid_post");
}

int ScalarNetwork::embedded(int patches) {
  const auto& token = weight("vision_model.embeddings.class_embedding").values;
  const auto& table = weight("vision_model.embeddings.position_embedding.weight").values;
  Rows class_row(kTokens, kWidth), positions(kTokens, kWidth);
  for (std::int64_t c = 0; c < kWidth; ++c) class_row.at(0, c) = double(token[std::size_t(c)]);
  positions.values.assign(table.begin(), table.end());
  const int with_class =
      apply({"vision.class_token",
             {patches},
             [](const std::vector<Rows>& in) {
               Rows out(kTokens, kWidth);
               std::copy(in[0].values.begin(), in[0].values.end(), out.values.begin() + kWidth);
               return out;
             },
             [](const Rows& g) {
               Rows out(kTokens - 1, kWidth);
               std::copy(g.values.begin() + kWidth, g.values.end(), out.values.begin());
               return std::vector<Rows>{out};
             },
             class_row});
  return apply({"vision.embedded",
                {with_class},
                [](const std::vector<Rows>& in) { return in[0]; },
                [](const Rows& g) { return std::vector<Rows>{g}; },
                positions});
}

void ScalarNetwork::run(const Rows& pixels) {
  maps_.clear();
  values_ = {reference::linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                               weight("vision_model.embeddings.patch_embedding.weight").values,
                               kWidth, {})};
  int x = norm(embedded(0), "vision_model.pre_layrnorm", "vision.ln_pre");
  for (int index = 0; index < 2; ++index) x = block(x, index);
  // Only the class token's row is used.
  x = apply({"vision.class_rows",
             {x},
             [](const std::vector<Rows>& in) {
               Rows out(1, kWidth);
               for (std::int64_t c = 0; c < kWidth; ++c) out.at(0, c) = in[0].at(0, c);
               return out;
             },
             [](const Rows& g) {
               Rows out(kTokens, kWidth);
               for (std::int64_t c = 0; c < kWidth; ++c) out.at(0, c) = g.at(0, c);
               return std::vector<Rows>{out};
             },
             {}});
  x = norm(x, "vision_model.post_layernorm", "vision.pooled");
  x = linear(x, "visual_projection", "vision.embedding", false);
  const Rows& embedding = values_[std::size_t(x)];
  Rows inverse(1, embedding.width);
  for (double& v : inverse.values) v = 1 / std::sqrt(dot(embedding, embedding));
  scaled(x, std::move(inverse), "vision.normalized");
}

double ScalarNetwork::logit(const std::vector<float>& direction) const {
  double sum = 0;
  for (std::size_t i = 0; i < direction.size(); ++i) {
    sum += values_.back().values[i] * double(direction[i]);
  }
  return sum;
}

bool ScalarNetwork::is_source(std::size_t map) const {
  const bool used = std::ranges::any_of(maps_, [&](const Map& later) {
    return std::ranges::find(later.inputs, int(map) + 1) != later.inputs.end();
  });
  return used && maps_[map].additive_term.rows != 0;
}

/// The contribution of some patches and of one map's additive term (−1 for none) to the output.
Rows ScalarNetwork::propagated(Rows patches, int additive_term_of) const {
  std::vector<Rows> contributions{std::move(patches)};
  for (std::size_t m = 0; m < maps_.size(); ++m) {
    std::vector<Rows> in;
    for (const int id : maps_[m].inputs) in.push_back(contributions[std::size_t(id)]);
    contributions.push_back(maps_[m].propagate_forward(in));
    if (int(m) == additive_term_of) add_to(contributions.back(), maps_[m].additive_term);
  }
  return contributions.back();
}

std::map<std::string, double> ScalarNetwork::contributions_forward(
    const std::vector<float>& direction) const {
  const Rows& patches = values_[0];
  Rows d(1, std::int64_t(direction.size()));
  d.values.assign(direction.begin(), direction.end());
  std::map<std::string, double> result;
  for (std::int64_t p = 0; p < patches.rows; ++p) {
    Rows one(patches.rows, patches.width);
    for (std::int64_t c = 0; c < patches.width; ++c) one.at(p, c) = patches.at(p, c);
    result["patch " + std::to_string(p)] = dot(propagated(std::move(one), -1), d);
  }
  for (std::size_t m = 0; m < maps_.size(); ++m) {
    if (!is_source(m)) continue;
    result[maps_[m].trace_point] = dot(propagated(Rows(patches.rows, patches.width), int(m)), d);
  }
  return result;
}

std::vector<Rows> ScalarNetwork::gradients(const std::vector<float>& direction) const {
  std::vector<Rows> result(values_.size());
  result.back() = Rows(1, std::int64_t(direction.size()));
  result.back().values.assign(direction.begin(), direction.end());
  for (std::size_t m = maps_.size(); m-- > 0;) {
    if (result[m + 1].rows == 0) continue;
    const std::vector<Rows> to = maps_[m].propagate_backward(result[m + 1]);
    for (std::size_t k = 0; k < to.size(); ++k) {
      add_to(result[std::size_t(maps_[m].inputs[k])], to[k]);
    }
  }
  return result;
}

std::map<std::string, std::vector<double>> ScalarNetwork::additive_rows(
    const std::vector<float>& direction) const {
  const std::vector<Rows> g = gradients(direction);
  std::map<std::string, std::vector<double>> result;
  for (std::size_t m = 0; m < maps_.size(); ++m) {
    if (is_source(m)) result[maps_[m].trace_point] = row_products(g[m + 1], maps_[m].additive_term);
  }
  return result;
}

std::vector<double> ScalarNetwork::value_rows(const std::string& trace_point,
                                              const std::vector<float>& direction) const {
  std::size_t id = 0;  // vision.patches, the input of the maps
  for (std::size_t m = 0; m < maps_.size(); ++m) {
    if (maps_[m].trace_point == trace_point) id = m + 1;
  }
  return row_products(gradients(direction)[id], values_[id]);
}

std::map<std::string, double> ScalarNetwork::contributions_backward(
    const std::vector<float>& direction) const {
  std::map<std::string, double> result;
  for (const auto& [trace_point, rows] : additive_rows(direction)) {
    result[trace_point] = std::accumulate(rows.begin(), rows.end(), 0.0);
  }
  const std::vector<double> patches = value_rows("vision.patches", direction);
  for (std::size_t p = 0; p < patches.size(); ++p)
    result["patch " + std::to_string(p)] = patches[p];
  return result;
}

}  // namespace whyclip::testing
