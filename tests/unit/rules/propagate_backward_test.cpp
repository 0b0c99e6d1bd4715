#include "whyclip/rules/propagate_backward.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/add_rows.h"
#include "whyclip/ops/attention.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/scale.h"

namespace whyclip {
namespace propagate_backward_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;

Tensor row(std::vector<float> values) {
  return Tensor::from(1, std::int64_t(values.size()), values);
}

class PropagateBackward : public ::testing::Test {
 protected:
  Value scale(const char* name, float factor, const Value& x) {
    return trace.apply("net.", name, std::make_shared<Scale>(factor), {x});
  }
  BackwardResult backward(const RuleTable& rules, std::string_view from,
                          std::string_view to) const {
    return propagate_backward(workspace, record, rules, from, row({1, 100}), {to});
  }

  const Workspace workspace{1};
  Record record;
  Trace trace{workspace, record};
};

TEST_F(PropagateBackward, AddsTheGradientsOfAValueThatIsReadTwice) {
  const Value x = trace.input("x", row({1, 2}));
  trace.apply("net.", "sum", std::make_shared<Add>(), {scale("a", 2, x), scale("b", 5, x)});

  const BackwardResult result = backward(gradient_rules(), "net.sum", "x");

  EXPECT_TRUE(all_close(result.gradients.at("x").values(), std::vector<float>{7, 700}, 0));
}

TEST_F(PropagateBackward, StopsAtTheRequestedTracePoint) {
  const Value a = scale("a", 2, trace.input("x", row({1, 2})));
  scale("b", 5, a);

  const BackwardResult result = backward(gradient_rules(), "net.b", "net.a");

  EXPECT_TRUE(all_close(result.gradients.at("net.a").values(), std::vector<float>{5, 500}, 0));
  EXPECT_EQ(result.gradients.size(), 1u);
}

TEST_F(PropagateBackward, PropagatesStackedTargetsAtOnce) {
  const Value x = trace.input("x", row({1, 2}));
  scale("a", 2, x);
  Tensor seed = Tensor::from(2, 2, std::vector<float>{1, 0, 0, 1});

  const BackwardResult result =
      propagate_backward(workspace, record, gradient_rules(), "net.a", std::move(seed), {"x"});

  EXPECT_TRUE(all_close(result.gradients.at("x").values(), std::vector<float>{2, 0, 0, 2}, 0));
}

TEST_F(PropagateBackward, ReportsAdditiveTermsInTheOrderOfTheNetwork) {
  const auto table = std::make_shared<const Tensor>(row({10, 1}));
  const Value x = trace.input("x", row({1, 2}));
  const Value first =
      trace.apply("net.", "first", std::make_shared<AddRows>(table, std::vector{0}), {x});
  const Value second = scale("second", 2, first);
  trace.apply("net.", "third", std::make_shared<AddRows>(table, std::vector{0}), {second});

  const BackwardResult result = backward(contribution_rules(), "net.third", "x");

  ASSERT_EQ(result.additive_terms.size(), 2u);
  EXPECT_EQ(result.additive_terms[0].trace_point, "net.first");
  EXPECT_EQ(result.additive_terms[0].contributions, std::vector<double>{220});
  EXPECT_EQ(result.additive_terms[1].trace_point, "net.third");
  EXPECT_EQ(result.additive_terms[1].contributions, std::vector<double>{110});
}

TEST_F(PropagateBackward, RefusesAnOpWithoutARuleNamingOpTracePointAndTable) {
  const Value x = trace.input("x", row({1, 2}));
  scale("last", 3,
        trace.apply("net.", "bent", std::make_shared<Activation>(ActivationKind::kGelu), {x}));
  const RuleTable scales_only{
      "scales only", Quantity::kGradient, {{{OpKind::kScale}, "", derivative()}}};

  EXPECT_TRUE(mentions(error_of([&] { backward(scales_only, "net.last", "x"); }),
                       {"net.bent", "scales only", "activation"}));
}

TEST_F(PropagateBackward, NeedsNoRulesForOpsThatItDoesNotVisit) {
  const Value x = trace.input("x", row({1, 2}));
  trace.apply("net.", "aside", std::make_shared<Activation>(ActivationKind::kGelu), {x});
  scale("last", 3, x);
  const RuleTable scales_only{
      "scales only", Quantity::kGradient, {{{OpKind::kScale}, "", derivative()}}};

  EXPECT_TRUE(all_close(backward(scales_only, "net.last", "x").gradients.at("x").values(),
                        std::vector<float>{3, 300}, 0));
}

TEST_F(PropagateBackward, RefusesATracePointThatIsNotReached) {
  const Value x = trace.input("x", row({1, 2}));
  trace.input("other", row({3, 4}));
  scale("last", 3, x);

  EXPECT_TRUE(mentions(error_of([&] { backward(gradient_rules(), "net.last", "other"); }),
                       {"other", "net.last", "gradient"}));
}

TEST_F(PropagateBackward, ReachesNoScoresWithFrozenGains) {
  const Value q = trace.input("q", row({1, 2})), k = trace.input("k", row({3, 4})),
              v = trace.input("v", row({5, 6}));
  attention(trace, "net.", q, k, v, AttentionMask::full(1, 1), 1);

  EXPECT_TRUE(mentions(error_of([&] { backward(contribution_rules(), "net.z", "q"); }),
                       {"q", "net.z", "contributions"}));
  EXPECT_TRUE(all_close(backward(contribution_rules(), "net.z", "v").gradients.at("v").values(),
                        std::vector<float>{1, 100}, 1e-6));
}

TEST_F(PropagateBackward, RefusesATracePointThatWasNotRecorded) {
  scale("last", 3, trace.input("x", row({1, 2})));

  EXPECT_TRUE(
      mentions(error_of([&] { backward(gradient_rules(), "net.first", "x"); }), {"net.first"}));
  EXPECT_TRUE(mentions(error_of([&] { backward(gradient_rules(), "net.last", "y"); }), {"y"}));
}

}  // namespace propagate_backward_test
}  // namespace whyclip
