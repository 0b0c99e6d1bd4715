#include "tests/unit/ops/op_cases.h"

#include "tests/support/random.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/select_rows.h"
#include "whyclip/ops/softmax.h"

namespace whyclip::testing {
namespace {

using Matrices = std::vector<ComplexMatrix>;
using reference::Complex;

/// One or two inputs with values from a hash.
std::vector<Tensor> inputs(std::int64_t rows, std::int64_t width) {
  std::vector<Tensor> result;
  result.push_back(random_tensor("input", rows, width));
  return result;
}

std::vector<Tensor> inputs(std::int64_t rows, std::int64_t width, std::int64_t other_rows,
                           std::int64_t other_width) {
  std::vector<Tensor> result = inputs(rows, width);
  result.push_back(random_tensor("other input", other_rows, other_width));
  return result;
}

std::shared_ptr<const Tensor> shared(const char* name, std::int64_t rows, std::int64_t width) {
  return std::make_shared<const Tensor>(random_tensor(name, rows, width));
}

std::vector<float> values(const char* name, std::size_t count) {
  return hash_tensor(name, count, 0, 1);
}

OpCase linear_case(const char* name, std::vector<float> bias) {
  const std::vector<float> weight = values("weight", 7 * 5);
  const auto op = std::make_shared<Linear>([weight] { return weight; }, 7, 5, bias);
  return {name, op, inputs(6, 5),
          [weight, bias](const Matrices& in) { return reference::linear(in[0], weight, 7, bias); }};
}

OpCase activation_case(ActivationKind kind) {
  const char* name = kind == ActivationKind::kQuickGelu ? "quick_gelu"
                     : kind == ActivationKind::kGelu    ? "gelu"
                                                        : "gelu_tanh";
  return {name, std::make_shared<Activation>(kind), inputs(5, 19), [kind](const Matrices& in) {
            return reference::gated(in[0], [&](const Complex& u) {
              return kind == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                     : kind == ActivationKind::kGelu    ? reference::gelu_gate(u)
                                                        : reference::gelu_tanh_gate(u);
            });
          }};
}

OpCase prepend_case() {
  const auto token = shared("token", 1, 3);
  return {
      "prepend", std::make_shared<Prepend>(token, 4), inputs(8, 3), [token](const Matrices& in) {
        ComplexMatrix y(10, 3);
        for (std::int64_t r = 0; r < 10; ++r) {
          for (std::int64_t c = 0; c < 3; ++c) {
            y.at(r, c) =
                r % 5 == 0 ? Complex(token->row(0)[std::size_t(c)]) : in[0].at(r - r / 5 - 1, c);
          }
        }
        return y;
      }};
}

OpCase add_rows_case() {
  const auto table = shared("table", 4, 3);
  const std::vector<std::int32_t> index{2, 0, 2};
  return {"add_rows", std::make_shared<AddRows>(table, index), inputs(6, 3),
          [table, index](const Matrices& in) {
            ComplexMatrix y = in[0];
            for (std::int64_t r = 0; r < 6; ++r) {
              for (std::int64_t c = 0; c < 3; ++c) {
                y.at(r, c) += double(table->row(index[std::size_t(r % 3)])[std::size_t(c)]);
              }
            }
            return y;
          }};
}

OpCase layer_norm_case() {
  const std::vector<float> gamma = values("gamma", 9), beta = values("beta", 9);
  return {"layer_norm", std::make_shared<LayerNorm>(gamma, beta, 1e-5f), inputs(5, 9),
          [gamma, beta](const Matrices& in) {
            return reference::layer_norm(in[0], gamma, beta, 1e-5f);
          }};
}

OpCase select_rows_case() {
  return {"select_rows", std::make_shared<SelectRows>(std::vector<std::int64_t>{4, 0, 3}),
          inputs(6, 5), [](const Matrices& in) {
            ComplexMatrix y(3, 5);
            for (std::int64_t c = 0; c < 5; ++c) {
              y.at(0, c) = in[0].at(4, c);
              y.at(1, c) = in[0].at(0, c);
              y.at(2, c) = in[0].at(3, c);
            }
            return y;
          }};
}

void add_plain_cases(std::vector<OpCase>& cases) {
  cases.push_back({"patchify", std::make_shared<Patchify>(3, 2, 2), inputs(2, 3 * 6 * 4),
                   [](const Matrices& in) { return reference::patchify(in[0], 3, 2, 2); }});
  cases.push_back(prepend_case());
  cases.push_back(select_rows_case());
  cases.push_back(linear_case("linear", values("bias", 7)));
  cases.push_back(linear_case("linear_without_bias", {}));
  cases.push_back({"add", std::make_shared<Add>(), inputs(4, 5, 4, 5), [](const Matrices& in) {
                     ComplexMatrix y = in[0];
                     for (std::size_t i = 0; i < y.values.size(); ++i) {
                       y.values[i] += in[1].values[i];
                     }
                     return y;
                   }});
  cases.push_back(add_rows_case());
  cases.push_back({"scale", std::make_shared<Scale>(-2.5f), inputs(3, 5), [](const Matrices& in) {
                     ComplexMatrix y = in[0];
                     for (Complex& v : y.values) v *= -2.5;
                     return y;
                   }});
  cases.push_back(activation_case(ActivationKind::kQuickGelu));
  cases.push_back(activation_case(ActivationKind::kGelu));
  cases.push_back(activation_case(ActivationKind::kGeluTanh));
  cases.push_back(layer_norm_case());
  cases.push_back({"normalise", std::make_shared<Normalise>(), inputs(4, 7),
                   [](const Matrices& in) { return reference::normalise(in[0]); }});
}

/// The three ops of an attention of 2 heads of width 3.
void add_attention_cases(std::vector<OpCase>& cases, const std::string& name,
                         const AttentionMaskPtr& mask, const std::vector<reference::Group>& groups,
                         std::int64_t key_rows) {
  constexpr std::int64_t kHeads = 2, kWidth = 6;
  const std::int64_t queries = mask->queries(), rows = mask->score_rows(kHeads),
                     keys = mask->most_keys();
  cases.push_back({"scores_" + name, std::make_shared<AttentionScores>(mask, kHeads),
                   inputs(queries, kWidth, key_rows, kWidth),
                   [groups](const Matrices& in) {
                     return reference::attention_scores(groups, kHeads, in[0], in[1]);
                   },
                   false});
  cases.push_back(
      {"softmax_" + name, std::make_shared<Softmax>(mask, kHeads), inputs(rows, keys),
       [groups](const Matrices& in) { return reference::attention_softmax(groups, kHeads, in[0]); },
       false});
  OpCase mix{"mix_" + name, std::make_shared<AttentionMix>(mask, kHeads),
             inputs(rows, keys, key_rows, kWidth), [groups](const Matrices& in) {
               return reference::attention_mix(groups, kHeads, in[0], in[1]);
             }};
  // Values without a key are zero, as in the output of the softmax.
  const auto pattern =
      reference::attention_softmax(groups, kHeads, reference::matrix_of<double>(mix.inputs[0]));
  mix.inputs[0] = Tensor::from(rows, keys, reference::floats_of(pattern));
  cases.push_back(std::move(mix));
}

std::vector<OpCase> make_cases() {
  const std::vector<std::int32_t> parent{-1, 0, 1, 1, 0, 4};
  std::vector<OpCase> cases;
  add_plain_cases(cases);
  add_attention_cases(cases, "full", AttentionMask::full(2, 5), reference::full_groups(2, 5), 10);
  add_attention_cases(cases, "one_query", AttentionMask::full_one_query(2, 5),
                      reference::one_query_groups(2, 5), 10);
  add_attention_cases(cases, "tree", AttentionMask::tree(parent), reference::tree_groups(parent),
                      6);
  return cases;
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> cases = make_cases();
  return cases;
}

}  // namespace whyclip::testing
