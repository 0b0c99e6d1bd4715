// Properties of every op: value and derivative equal the scalar reference, stacked targets give the
// same results as single ones, and frozen gains conserve the target.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/unit/ops/op_cases.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace ops_test {

using testing::all_close;
using testing::ComplexMatrix;
using testing::op_cases;
using testing::OpCase;
using testing::random_tensor;

/// A few dozen float32 operations on values of the order of 1.
constexpr double kTolerance = 2e-6;

class Ops : public ::testing::TestWithParam<std::size_t> {
 protected:
  Ops() {
    for (const Tensor& tensor : test_case.inputs) in.push_back(&tensor);
    out = test_case.op->forward(workspace, in, &saved);
  }

  OpContext context() const { return {in, out, saved}; }

  std::vector<ComplexMatrix> complex_inputs() const {
    std::vector<ComplexMatrix> result;
    for (const Tensor* tensor : in) {
      result.push_back(reference::matrix_of<reference::Complex>(*tensor));
    }
    return result;
  }

  /// A gradient for `targets` targets.
  Tensor gradient(std::int64_t targets) const {
    return random_tensor("gradient", targets * out.rows(), out.width());
  }

  /// Expects the results of stacked targets to equal those of single targets.
  void expect_stacked(const std::vector<Tensor>& together,
                      const std::vector<std::vector<Tensor>>& alone) const {
    for (std::size_t i = 0; i < together.size(); ++i) {
      std::vector<float> expected;
      for (const auto& results : alone) {
        expected.insert(expected.end(), results[i].values().begin(), results[i].values().end());
      }
      EXPECT_TRUE(all_close(together[i].values(), expected, 0)) << "input " << i;
    }
  }

  Tensor target(const Tensor& g, std::int64_t t) const {
    const std::size_t size = out.size();
    return Tensor::from(out.rows(), out.width(), g.values().subspan(std::size_t(t) * size, size));
  }

  const OpCase& test_case = op_cases()[GetParam()];
  const Workspace workspace{testing::threads()};
  std::vector<const Tensor*> in;
  std::vector<Tensor> saved;
  Tensor out;
};

TEST_P(Ops, ForwardEqualsTheReference) {
  const ComplexMatrix expected = test_case.reference(complex_inputs());

  EXPECT_EQ(out.rows(), expected.rows);
  EXPECT_EQ(out.width(), expected.width);
  EXPECT_TRUE(all_close(out.values(), reference::floats_of(expected), kTolerance));
}

TEST_P(Ops, ForwardIsTheSameWithoutSavedTensors) {
  const Tensor unsaved = test_case.op->forward(workspace, in, nullptr);

  EXPECT_TRUE(all_close(unsaved.values(), out.values(), 0));
}

TEST_P(Ops, VjpEqualsTheComplexStepOfTheReference) {
  const Tensor g = gradient(1);
  const std::vector<Tensor> results = test_case.op->vjp(workspace, context(), g);

  ASSERT_EQ(results.size(), in.size());
  const std::vector<ComplexMatrix> at = complex_inputs();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto of_input = [&](const ComplexMatrix& moved) {
      std::vector<ComplexMatrix> all = at;
      all[i] = moved;
      return test_case.reference(all);
    };
    const std::vector<float> expected = reference::gradient(of_input, at[i], g);
    EXPECT_EQ(results[i].rows(), in[i]->rows());
    // Steep points (a nearly constant row of a layer norm) amplify rounding.
    EXPECT_TRUE(
        all_close(results[i].values(), expected, kTolerance * (1 + testing::largest(expected))))
        << "input " << i;
  }
}

TEST_P(Ops, VjpOfStackedTargetsEqualsThatOfEachTarget) {
  const Tensor g = gradient(3);
  std::vector<std::vector<Tensor>> alone;
  for (std::int64_t t = 0; t < 3; ++t) {
    alone.push_back(test_case.op->vjp(workspace, context(), target(g, t)));
  }

  expect_stacked(test_case.op->vjp(workspace, context(), g), alone);
}

TEST_P(Ops, FrozenVjpOfStackedTargetsEqualsThatOfEachTarget) {
  const Tensor g = gradient(3);
  std::vector<std::vector<Tensor>> alone;
  for (std::int64_t t = 0; t < 3; ++t) {
    alone.push_back(test_case.op->frozen_vjp(workspace, context(), target(g, t)));
  }

  expect_stacked(test_case.op->frozen_vjp(workspace, context(), g), alone);
}

/// The ops of the backward pass with frozen gains.
class FrozenOps : public Ops {};

// input · adjoint + additive term · gradient = output · gradient, so that contributions add up.
TEST_P(FrozenOps, ConserveTheTarget) {
  const Tensor g = gradient(2);
  const std::vector<Tensor> results = test_case.op->frozen_vjp(workspace, context(), g);
  for (std::int64_t t = 0; t < 2; ++t) {
    double sum = 0, size = 0;
    for (std::int64_t r = 0; r < out.rows(); ++r) {
      const std::span<const float> additive_term = test_case.op->additive_term(r);
      if (additive_term.empty()) continue;
      const double contribution =
          kernels::dot(additive_term.data(), g.row(t * out.rows() + r).data(), out.width());
      sum += contribution;
      size += std::abs(contribution);
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].empty()) continue;
      const double contribution =
          kernels::dot(in[i]->data(), results[i].data() + std::size_t(t) * in[i]->size(),
                       std::int64_t(in[i]->size()));
      sum += contribution;
      size += std::abs(contribution);
    }
    const double expected = kernels::dot(out.data(), target(g, t).data(), std::int64_t(out.size()));
    EXPECT_NEAR(sum, expected, 1e-5 * (1 + size)) << "target " << t;
  }
}

// For each source, frozen_jvp is the transpose of frozen_vjp.
TEST_P(Ops, FrozenJvpIsTheTransposeOfFrozenVjp) {
  const Tensor g = gradient(1);
  const std::vector<Tensor> adjoint = test_case.op->frozen_vjp(workspace, context(), g);
  constexpr std::int64_t kSources = 3;
  std::vector<Tensor> contributions;
  for (const Tensor* x : in)
    contributions.push_back(random_tensor("contributions", kSources * x->rows(), x->width()));
  std::vector<const Tensor*> pointers;
  for (const Tensor& contribution : contributions) pointers.push_back(&contribution);
  const Tensor propagated = test_case.op->frozen_jvp(workspace, context(), pointers);
  ASSERT_EQ(propagated.rows(), kSources * out.rows());
  for (std::int64_t s = 0; s < kSources; ++s) {
    double expected = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (adjoint[i].empty()) continue;
      expected += kernels::dot(adjoint[i].data(), contributions[i].row(s * in[i]->rows()).data(),
                               std::int64_t(in[i]->size()));
    }
    const double ours =
        kernels::dot(g.data(), propagated.row(s * out.rows()).data(), std::int64_t(out.size()));
    EXPECT_NEAR(ours, expected, 1e-4 * (1 + std::abs(expected))) << "source " << s;
  }
}

TEST_P(Ops, RejectContributionsOfAnotherShape) {
  const Tensor narrow = random_tensor("contributions", in[0]->rows(), in[0]->width() + 7), none;
  std::vector<const Tensor*> contributions(in.size(), &none);
  contributions.back() = &narrow;
  EXPECT_TRUE(testing::mentions(
      testing::error_of([&] { test_case.op->frozen_jvp(workspace, context(), contributions); }),
      {"contributions", "of " + std::to_string(narrow.width())}));
}

TEST_P(Ops, RejectAGradientOfAnotherWidth) {
  const Tensor g = random_tensor("gradient", out.rows(), out.width() + 1);
  for (const auto vjp : {&Op::vjp, &Op::frozen_vjp}) {
    EXPECT_TRUE(testing::mentions(
        testing::error_of([&] { (test_case.op.get()->*vjp)(workspace, context(), g); }),
        {"gradient", "of " + std::to_string(out.width()),
         "of " + std::to_string(out.width() + 1)}));
  }
}

TEST_P(Ops, RejectAGradientOfAPartialTarget) {
  const Tensor g = random_tensor("gradient", 2 * out.rows() - 1, out.width());

  EXPECT_TRUE(
      testing::mentions(testing::error_of([&] { test_case.op->vjp(workspace, context(), g); }),
                        {"gradient", "multiple of " + std::to_string(out.rows()) + " rows",
                         "got " + std::to_string(2 * out.rows() - 1)}));
}

std::vector<std::size_t> linear_when_frozen() {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < op_cases().size(); ++i) {
    if (op_cases()[i].linear_when_frozen) positions.push_back(i);
  }
  return positions;
}

std::string case_name(const ::testing::TestParamInfo<std::size_t>& case_info) {
  return op_cases()[case_info.param].name;
}

INSTANTIATE_TEST_SUITE_P(All, Ops, ::testing::Range(std::size_t{0}, op_cases().size()), case_name);
INSTANTIATE_TEST_SUITE_P(All, FrozenOps, ::testing::ValuesIn(linear_when_frozen()), case_name);

TEST(AttentionMixFrozen, GivesThePatternNoGradient) {
  for (const OpCase& test_case : op_cases()) {
    if (test_case.op->kind() != OpKind::kAttentionMix) continue;
    const Workspace workspace(1);
    const std::vector<const Tensor*> in{&test_case.inputs[0], &test_case.inputs[1]};
    const Tensor out = test_case.op->forward(workspace, in, nullptr);

    const std::vector<Tensor> results =
        test_case.op->frozen_vjp(workspace, {in, out, {}}, random_tensor("g", out.rows(), 6));

    EXPECT_TRUE(results[0].empty());
    EXPECT_FALSE(results[1].empty());
  }
}

TEST(Normalise, RejectsARowWithoutADirection) {
  const Workspace workspace(1);
  const Tensor zero = Tensor::from(2, 2, std::vector<float>{1, 0, 0, 0}),
               nan = Tensor::from(1, 2, std::vector<float>{NAN, 1});
  const std::vector<const Tensor*> of_zero{&zero}, of_nan{&nan};

  EXPECT_TRUE(testing::mentions(
      testing::error_of([&] { Normalise().forward(workspace, of_zero, nullptr); }),
      {"norm", "zero"}));
  EXPECT_TRUE(
      testing::mentions(testing::error_of([&] { Normalise().forward(workspace, of_nan, nullptr); }),
                        {"norm", "not finite"}));
}

TEST(Normalise, PreservesTheDirectionOfLargeAndSmallRows) {
  const Workspace workspace(1);
  const Tensor x = Tensor::from(2, 2, std::vector<float>{3e30f, 4e30f, 3e-30f, 4e-30f});
  const std::vector<const Tensor*> in{&x};

  const Tensor y = Normalise().forward(workspace, in, nullptr);

  EXPECT_TRUE(all_close(y.values(), std::vector<float>{0.6f, 0.8f, 0.6f, 0.8f}, 1e-6));
}

}  // namespace ops_test
}  // namespace whyclip
