#include "tests/unit/article/literal_tracing.h"

#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>

#include "whyclip/ops/activation.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/select_rows.h"
#include "whyclip/ops/softmax.h"

namespace whyclip::testing {
namespace {

using Groups = std::vector<reference::Group>;

Groups groups_of(const AttentionMask& mask) {
  const kernels::AttentionLayout layout = mask.layout(1, 1);
  Groups groups;
  for (const kernels::AttentionGroup& group : layout.groups) {
    reference::Group rows;
    for (std::int64_t i = 0; i < group.query_count; ++i) {
      rows.queries.push_back(group.query_begin + i);
    }
    for (std::int64_t j = group.key_begin; j < group.key_begin + group.key_count; ++j) {
      rows.keys.push_back(layout.gathered.empty() ? j : layout.gathered[std::size_t(j)]);
    }
    groups.push_back(rows);
  }
  return groups;
}

RealMatrix map_matrix(const RealMatrix& x, const std::function<Real(Real)>& f) {
  RealMatrix y = x;
  for (Real& v : y.values) v = f(v);
  return y;
}

RealMatrix scores_of(const AttentionScores& op, const RealMatrix& q, const RealMatrix& k) {
  RealMatrix scores(op.heads() * q.rows, op.mask().most_keys());
  const std::int64_t width = q.width / op.heads();
  reference::each_score_row(
      groups_of(op.mask()), op.heads(), [&](const auto& group, auto head, auto query, auto row) {
        for (std::size_t j = 0; j < group.keys.size(); ++j) {
          for (std::int64_t c = head * width; c < (head + 1) * width; ++c) {
            scores.at(row, std::int64_t(j)) +=
                q.at(query, c) / std::sqrt(Real(width)) * k.at(group.keys[j], c);
          }
        }
      });
  return scores;
}

RealMatrix mix_of(const AttentionMix& op, const RealMatrix& pattern, const RealMatrix& v) {
  RealMatrix out(op.mask().queries(), v.width);
  const std::int64_t width = v.width / op.heads();
  reference::each_score_row(
      groups_of(op.mask()), op.heads(), [&](const auto& group, auto head, auto query, auto row) {
        for (std::size_t j = 0; j < group.keys.size(); ++j) {
          for (std::int64_t c = head * width; c < (head + 1) * width; ++c) {
            out.at(query, c) += pattern.at(row, std::int64_t(j)) * v.at(group.keys[j], c);
          }
        }
      });
  return out;
}

/// Calls f(row, keys) for every row of scores.
void each_row(const Softmax& op, const std::function<void(std::int64_t, std::int64_t)>& f) {
  reference::each_score_row(
      groups_of(op.mask()), op.heads(),
      [&](const auto& group, auto, auto, auto row) { f(row, std::int64_t(group.keys.size())); });
}

RealMatrix softmax_of(const Softmax& op, const RealMatrix& x) {
  RealMatrix pattern(x.rows, x.width);
  each_row(op, [&](std::int64_t row, std::int64_t keys) {
    Real sum = 0;
    for (std::int64_t j = 0; j < keys; ++j) sum += std::exp(x.at(row, j));
    for (std::int64_t j = 0; j < keys; ++j) pattern.at(row, j) = std::exp(x.at(row, j)) / sum;
  });
  return pattern;
}

Real gate(ActivationKind kind, Real u) {
  return kind == ActivationKind::kQuickGelu ? 1 / (1 + std::exp(-1.702L * u))
                                            : std::erfc(-u / std::sqrt(2.0L)) / 2;
}

struct Moments {
  Real mean = 0, sigma = 0;
};

Moments moments_of(const LayerNorm& op, const RealMatrix& x, std::int64_t row) {
  Moments m;
  for (std::int64_t c = 0; c < x.width; ++c) m.mean += x.at(row, c) / Real(x.width);
  Real variance = 0;
  for (std::int64_t c = 0; c < x.width; ++c) {
    variance += (x.at(row, c) - m.mean) * (x.at(row, c) - m.mean) / Real(x.width);
  }
  m.sigma = std::sqrt(variance + Real(op.epsilon()));
  return m;
}

RealMatrix layer_norm_of(const LayerNorm& op, const RealMatrix& x) {
  RealMatrix y(x.rows, x.width);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const Moments m = moments_of(op, x, r);
    for (std::int64_t c = 0; c < x.width; ++c) {
      y.at(r, c) = (x.at(r, c) - m.mean) / m.sigma * Real(op.gamma()[std::size_t(c)]) +
                   Real(op.beta()[std::size_t(c)]);
    }
  }
  return y;
}

RealMatrix normalise_by(const RealMatrix& x, const RealMatrix& total) {
  RealMatrix y = x;
  for (std::int64_t r = 0; r < x.rows; ++r) {
    Real square = 0;
    for (std::int64_t c = 0; c < x.width; ++c) square += total.at(r, c) * total.at(r, c);
    for (std::int64_t c = 0; c < x.width; ++c) y.at(r, c) /= std::sqrt(square);
  }
  return y;
}

RealMatrix prepend_zero(const RealMatrix& x, std::int64_t patches) {
  RealMatrix y(x.rows / patches * (patches + 1), x.width);
  for (std::int64_t r = 0; r < y.rows; ++r) {
    for (std::int64_t c = 0; c < x.width && r % (patches + 1) != 0; ++c) {
      y.at(r, c) = x.at(r - r / (patches + 1) - 1, c);
    }
  }
  return y;
}

/// The linear part of linear and routing ops, without the additive term.
RealMatrix linear_part_of(const Op& op, const std::vector<RealMatrix>& in) {
  const RealMatrix& x = in[0];
  switch (op.kind()) {
    case OpKind::kLinear: {
      const auto& linear = dynamic_cast<const Linear&>(op);
      return reference::linear<Real>(x, linear.weight(), linear.outputs(), {});
    }
    case OpKind::kAdd: {
      RealMatrix y = x;
      for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += in[1].values[i];
      return y;
    }
    case OpKind::kAddRows:
      return x;
    case OpKind::kScale:
      return map_matrix(x, [&](Real v) { return v * dynamic_cast<const Scale&>(op).factor(); });
    case OpKind::kSelectRows: {
      const std::vector<std::int64_t>& rows = dynamic_cast<const SelectRows&>(op).rows();
      RealMatrix y(std::int64_t(rows.size()), x.width);
      for (std::int64_t r = 0; r < y.rows; ++r) {
        for (std::int64_t c = 0; c < x.width; ++c) y.at(r, c) = x.at(rows[std::size_t(r)], c);
      }
      return y;
    }
    case OpKind::kPrepend:
      return prepend_zero(x, dynamic_cast<const Prepend&>(op).patches());
    case OpKind::kPatchify: {
      const auto& patchify = dynamic_cast<const Patchify&>(op);
      return reference::patchify(x, patchify.rows(), patchify.columns(), patchify.patch_size());
    }
    default:
      throw std::logic_error("no literal form");
  }
}

void add_additive_part(const Op& op, Real part, RealMatrix& y) {
  for (std::int64_t r = 0; r < y.rows; ++r) {
    const std::span<const float> additive_term = op.additive_term(r);
    for (std::size_t c = 0; c < additive_term.size(); ++c) {
      y.at(r, std::int64_t(c)) += part * Real(additive_term[c]);
    }
  }
}

/// Adds the op's additive term in equal parts to all regions, or to the biases.
void divide_additive_term(const Op& op, int regions, LiteralContributions& contributions) {
  if (int(contributions.size()) > regions) {
    add_additive_part(op, 1, contributions.back());
  } else {
    for (RealMatrix& contribution : contributions)
      add_additive_part(op, 1 / Real(regions), contribution);
  }
}

RealMatrix product_of(const Op& op, const RealMatrix& x, const RealMatrix& y) {
  if (op.kind() == OpKind::kAttentionScores) {
    return scores_of(dynamic_cast<const AttentionScores&>(op), x, y);
  }
  return mix_of(dynamic_cast<const AttentionMix&>(op), x, y);
}

LiteralContributions full_product(const Op& op, const LiteralContributions& x,
                                  const LiteralContributions& y) {
  LiteralContributions out;
  for (std::size_t r = 0; r < x.size(); ++r) out.push_back(product_of(op, x[r], y[r]));
  const RealMatrix value = product_of(op, sum_of(x), sum_of(y));
  for (std::size_t i = 0; i < value.values.size(); ++i) {
    Real magnitude = 0;
    for (const RealMatrix& contribution : out) magnitude += std::abs(contribution.values[i]);
    for (RealMatrix& contribution : out) {
      if (magnitude != 0) contribution.values[i] *= std::abs(value.values[i]) / magnitude;
    }
  }
  return out;
}

LiteralContributions half_split(const Op& op, const LiteralContributions& x,
                                const LiteralContributions& y) {
  LiteralContributions out;
  for (std::size_t r = 0; r < x.size(); ++r) {
    RealMatrix contribution = product_of(op, x[r], sum_of(y));
    const RealMatrix other = product_of(op, sum_of(x), y[r]);
    for (std::size_t i = 0; i < contribution.values.size(); ++i) {
      contribution.values[i] = (contribution.values[i] + other.values[i]) / 2;
    }
    out.push_back(contribution);
  }
  return out;
}

LiteralContributions ratio_rule(const Op& op, const LiteralContributions& x, int regions,
                                const std::optional<double>& small_ratio) {
  const RealMatrix total = sum_of(x), value = literal_value(op, {total});
  LiteralContributions out = x;
  for (std::size_t i = 0; i < total.values.size(); ++i) {
    const Real ratio = total.values[i] == 0 ? 0 : value.values[i] / total.values[i];
    const bool small = small_ratio && std::abs(ratio) < Real(*small_ratio);
    for (int r = 0; r < int(out.size()); ++r) {
      Real& contribution = out[std::size_t(r)].values[i];
      contribution = !small ? contribution * ratio : r < regions ? ratio / Real(regions) : 0;
    }
  }
  return out;
}

LiteralContributions mended_layer_norm(const LayerNorm& op, const LiteralContributions& x,
                                       int regions) {
  const RealMatrix total = sum_of(x);
  LiteralContributions out = x;
  for (RealMatrix& contribution : out) {
    for (std::int64_t r = 0; r < contribution.rows; ++r) {
      Real mean = 0;
      for (std::int64_t c = 0; c < contribution.width; ++c)
        mean += contribution.at(r, c) / Real(contribution.width);
      for (std::int64_t c = 0; c < contribution.width; ++c) {
        contribution.at(r, c) = Real(op.gamma()[std::size_t(c)]) * (contribution.at(r, c) - mean) /
                                moments_of(op, total, r).sigma;
      }
    }
  }
  divide_additive_term(op, regions, out);
  return out;
}

/// Eight-point Gauss–Legendre on [−1, 1], Abramowitz and Stegun, table 25.4.
constexpr Real kNodes[] = {0.183434642495650L, 0.525532409916329L, 0.796666477413627L,
                           0.960289856497536L};
constexpr Real kWeights[] = {0.362683783378362L, 0.313706645877887L, 0.222381034453374L,
                             0.101228536290376L};

/// ∫ J_softmax(α X) x_r dα, plus the uniform pattern 1/N.
LiteralContributions mended_softmax(const Softmax& op, const LiteralContributions& x, int regions) {
  const RealMatrix total = sum_of(x);
  LiteralContributions out(x.size(), RealMatrix(total.rows, total.width));
  for (int node = 0; node < 8; ++node) {
    const Real alpha = (1 + (node < 4 ? kNodes[node] : -kNodes[node - 4])) / 2;
    const Real weight = kWeights[node % 4] / 2;
    const RealMatrix p = softmax_of(op, map_matrix(total, [&](Real v) { return alpha * v; }));
    each_row(op, [&](std::int64_t row, std::int64_t keys) {
      for (std::size_t r = 0; r < x.size(); ++r) {
        for (std::int64_t j = 0; j < keys; ++j) {
          for (std::int64_t m = 0; m < keys; ++m) {
            const Real jacobian = p.at(row, j) * ((j == m ? 1 : 0) - p.at(row, m));
            out[r].at(row, j) += weight * jacobian * x[r].at(row, m);
          }
        }
      }
    });
  }
  const bool own_biases = int(x.size()) > regions;
  each_row(op, [&](std::int64_t row, std::int64_t keys) {
    for (std::int64_t j = 0; j < keys; ++j) {
      for (std::size_t r = own_biases ? x.size() - 1 : 0; r < x.size(); ++r) {
        out[r].at(row, j) += 1 / Real(keys) / Real(own_biases ? 1 : regions);
      }
    }
  });
  return out;
}

LiteralContributions linear_rule(const Op& op, const std::vector<LiteralContributions>& in,
                                 int regions) {
  LiteralContributions out;
  for (std::size_t r = 0; r < in[0].size(); ++r) {
    std::vector<RealMatrix> operands;
    for (const LiteralContributions& operand : in) operands.push_back(operand[r]);
    out.push_back(linear_part_of(op, operands));
  }
  divide_additive_term(op, regions, out);
  return out;
}

LiteralContributions each_gated(const Activation& op, const LiteralContributions& x) {
  const RealMatrix total = sum_of(x);
  LiteralContributions out = x;
  for (RealMatrix& contribution : out) {
    for (std::size_t i = 0; i < contribution.values.size(); ++i) {
      contribution.values[i] *= gate(op.function(), total.values[i]);
    }
  }
  return out;
}

LiteralContributions each_normalised(const LiteralContributions& x) {
  LiteralContributions out;
  for (const RealMatrix& contribution : x) out.push_back(normalise_by(contribution, sum_of(x)));
  return out;
}

}  // namespace

RealMatrix sum_of(const LiteralContributions& contributions) {
  RealMatrix sum = contributions[0];
  for (std::size_t r = 1; r < contributions.size(); ++r) {
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += contributions[r].values[i];
  }
  return sum;
}

RealMatrix literal_value(const Op& op, const std::vector<RealMatrix>& in) {
  switch (op.kind()) {
    case OpKind::kAttentionScores:
    case OpKind::kAttentionMix:
      return product_of(op, in[0], in[1]);
    case OpKind::kActivation:
      return map_matrix(in[0], [&](Real u) {
        return u * gate(dynamic_cast<const Activation&>(op).function(), u);
      });
    case OpKind::kLayerNorm:
      return layer_norm_of(dynamic_cast<const LayerNorm&>(op), in[0]);
    case OpKind::kSoftmax:
      return softmax_of(dynamic_cast<const Softmax&>(op), in[0]);
    case OpKind::kNormalise:
      return normalise_by(in[0], in[0]);
    default: {
      RealMatrix y = linear_part_of(op, in);
      add_additive_part(op, 1, y);
      return y;
    }
  }
}

LiteralContributions literal_rule(const Op& op, const std::vector<LiteralContributions>& in,
                                  int regions, const PublishedTracingOptions& options) {
  switch (op.kind()) {
    case OpKind::kAttentionScores:
    case OpKind::kAttentionMix:
      return options.product == TracedProduct::kFull ? full_product(op, in[0], in[1])
                                                     : half_split(op, in[0], in[1]);
    case OpKind::kActivation:
      return options.activation == TracedGain::kRatio
                 ? ratio_rule(op, in[0], regions, options.small_ratio)
                 : each_gated(dynamic_cast<const Activation&>(op), in[0]);
    case OpKind::kLayerNorm:
      return options.layer_norm == TracedGain::kRatio
                 ? ratio_rule(op, in[0], regions, options.small_ratio)
                 : mended_layer_norm(dynamic_cast<const LayerNorm&>(op), in[0], regions);
    case OpKind::kSoftmax:
      return options.softmax == TracedGain::kRatio
                 ? ratio_rule(op, in[0], regions, options.small_ratio)
                 : mended_softmax(dynamic_cast<const Softmax&>(op), in[0], regions);
    case OpKind::kNormalise:
      return each_normalised(in[0]);
    default:
      return linear_rule(op, in, regions);
  }
}

LiteralContributions literal_tracing(const Record& record, std::string_view from,
                                     std::string_view to, const PublishedTracingOptions& options) {
  std::map<int, RealMatrix> values;
  std::map<int, LiteralContributions> contributions;
  for (const Step& step : record.steps()) {
    std::vector<RealMatrix> in;
    std::vector<LiteralContributions> traced;
    for (const int id : step.inputs) {
      if (!values.contains(id)) values[id] = reference::matrix_of<Real>(record.value(id));
      in.push_back(values[id]);
      if (contributions.contains(id)) traced.push_back(contributions[id]);
    }
    values[step.output] = literal_value(*step.op, in);
    const RealMatrix& value = values[step.output];
    if (step.name == from) {
      LiteralContributions start(
          std::size_t(value.rows) + (options.bias == TracedBias::kOwn ? 1 : 0),
          RealMatrix(value.rows, value.width));
      for (std::int64_t r = 0; r < value.rows; ++r) {
        for (std::int64_t c = 0; c < value.width; ++c) {
          start[std::size_t(r)].at(r, c) = value.at(r, c);
        }
      }
      contributions[step.output] = start;
    } else if (!traced.empty()) {
      const int regions = int(record.at(from).rows());
      contributions[step.output] = literal_rule(*step.op, traced, regions, options);
    }
  }
  return contributions.at(record.id(to));
}

}  // namespace whyclip::testing
