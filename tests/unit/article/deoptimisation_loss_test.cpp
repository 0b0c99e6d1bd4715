#include "whyclip/article/deoptimisation_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/errors.h"

namespace whyclip {
namespace deoptimisation_loss_test {

using testing::error_of;
using testing::mentions;

const std::vector<float> kEmbedding{1, -2, 2}, kOpposite{-1, 2, -2}, kVector{2, 1, 3};  // dot 6

DeoptimisationLoss loss(LossForm form) { return {"test", form, kVector}; }

TEST(DeoptimisationLoss, DotSquaredIsTheSquareForBothSigns) {
  EXPECT_EQ(loss(LossForm::kDotSquared).value(kEmbedding), 36);
  EXPECT_EQ(loss(LossForm::kDotSquared).value(kOpposite), 36);
  EXPECT_EQ(loss(LossForm::kDotSquared).along(kOpposite), -6);
}

TEST(DeoptimisationLoss, DotSquaredOfAUnitVectorIsTheSquareOfAFeature) {
  EXPECT_EQ((DeoptimisationLoss{"feature 1", LossForm::kDotSquared, {0, 1, 0}}.value(kEmbedding)),
            4);
}

TEST(DeoptimisationLoss, PositiveSquaredIsZeroForNegativeProducts) {
  EXPECT_EQ(loss(LossForm::kPositiveSquared).value(kEmbedding), 36);
  EXPECT_EQ(loss(LossForm::kPositiveSquared).value(kOpposite), 0);
  std::vector<float> gradient(3, 7.0f);
  loss(LossForm::kPositiveSquared).gradient(kOpposite, gradient);
  EXPECT_EQ(gradient, (std::vector<float>{0, 0, 0}));
}

TEST(DeoptimisationLoss, DotAndCosineHaveTheirValues) {
  EXPECT_EQ(loss(LossForm::kDot).value(kOpposite), -6);
  EXPECT_EQ(loss(LossForm::kCosine).value(kEmbedding), 2);  // ‖z‖ = 3; v keeps its length
}

TEST(DeoptimisationLoss, GradientsAgreeWithFiniteDifferences) {
  for (const LossForm form :
       {LossForm::kDotSquared, LossForm::kPositiveSquared, LossForm::kDot, LossForm::kCosine}) {
    for (const std::vector<float>& at : {kEmbedding, kOpposite}) {
      std::vector<float> gradient(3, 0.0f);
      loss(form).gradient(at, gradient);
      for (std::size_t k = 0; k < 3; ++k) {
        constexpr float kStep = 1.0f / 1024;
        std::vector<float> above = at, below = at;
        above[k] += kStep;
        below[k] -= kStep;
        const double slope =
            (loss(form).value(above) - loss(form).value(below)) / (2 * double(kStep));
        EXPECT_NEAR(gradient[k], slope, 1e-5 * (1 + std::abs(slope))) << name_of(form) << k;
      }
    }
  }
}

TEST(DeoptimisationLoss, IsFoundByItsName) {
  EXPECT_EQ(loss_named("dot-squared"), LossForm::kDotSquared);
  EXPECT_EQ(loss_named("positive"), LossForm::kPositiveSquared);
  EXPECT_EQ(loss_named("dot"), LossForm::kDot);
  EXPECT_EQ(loss_named("cosine"), LossForm::kCosine);
  EXPECT_EQ(loss_named("logit"), LossForm::kCosine);
  for (const std::string& name : loss_names()) EXPECT_NO_THROW(loss_named(name)) << name;
  EXPECT_TRUE(mentions(error_of([] { loss_named("square"); }),
                       {"loss", "\"square\"", "dot-squared, positive, dot, cosine, logit"}));
}

TEST(DeoptimisationLoss, ValuesOfNanAreNan) {
  const std::vector<float> broken{std::numeric_limits<float>::quiet_NaN(), 0, 0};
  for (const LossForm form :
       {LossForm::kDotSquared, LossForm::kPositiveSquared, LossForm::kDot, LossForm::kCosine}) {
    EXPECT_TRUE(std::isnan(loss(form).value(broken))) << name_of(form);
  }
}

TEST(DeoptimisationLoss, RefusesInvalidVectorsByName) {
  EXPECT_TRUE(mentions(error_of([] { loss(LossForm::kDot).check(4); }),
                       {"loss test", "expected a vector of 4 values, got 3"}));
  EXPECT_TRUE(mentions(error_of([] {
                         DeoptimisationLoss{"nothing", LossForm::kDot, {0, 0}}.check(2);
                       }),
                       {"loss nothing", "zero"}));
  EXPECT_TRUE(mentions(error_of([] {
                         DeoptimisationLoss{
                             "hole", LossForm::kDot, {1, std::numeric_limits<float>::infinity()}}
                             .check(2);
                       }),
                       {"loss hole", "not finite"}));
}

}  // namespace deoptimisation_loss_test
}  // namespace whyclip
