#include "whyclip/metrics/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/errors.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"
#include "whyclip/core/random.h"
#include "whyclip/methods/method.h"

namespace whyclip {
namespace certificate_test {

using testing::error_of;
using testing::mentions;

/// The decrease of the score when each patch alone is removed.
std::vector<float> removal_map(ExplanationContext& context) {
  std::vector<float> map;
  for (const double value : context.values_keeping(each_removed(context.patches()))) {
    map.push_back(float(context.value() - value));
  }
  return map;
}

/// "cat" in the golden image of a cat (left) and a dog (right).
class CertificateOfCat : public ::testing::Test {
 protected:
  testing::Golden golden{"toons/cat_and_dog"};
  ExplanationContext context{testing::toons(), testing::toons_image(golden),
                             testing::toons_target(testing::kToonsContrasts[1], "contrast")};
  std::vector<float> map = removal_map(context);
};

TEST_F(CertificateOfCat, AMapOfTrueEffectsIsSupported) {
  const Certificate c = certify(context, {.patches = map});
  EXPECT_EQ(c.verdict, Verdict::kSupported) << c.sentence;
  EXPECT_DOUBLE_EQ(c.p_value, 1.0 / 41);
  EXPECT_DOUBLE_EQ(c.gain, c.insertion - c.deletion);
  EXPECT_EQ(c.random_gains.size(), 40U);
  for (std::size_t i = 0; i < c.random_gains.size(); i += 2) {
    EXPECT_EQ(c.random_gains[i + 1], -c.random_gains[i]);
  }
  EXPECT_DOUBLE_EQ(c.random_area, area_under(c.random_curve));
  EXPECT_TRUE(c.sentence.starts_with("removing patches in this map's order")) << c.sentence;
  EXPECT_TRUE(mentions(c.text(), {"Supported: removing", "40 of 40 random orders", "p = 0.024"}));
}

TEST_F(CertificateOfCat, ItsNegativeIsNotBetterThanRandom) {
  for (float& value : map) value = -value;
  const Certificate c = certify(context, {.patches = map});
  EXPECT_EQ(c.verdict, Verdict::kNotBetterThanRandom);
  EXPECT_DOUBLE_EQ(c.p_value, 1);
  EXPECT_TRUE(mentions(c.text(), {"Not better than random: 0 of 40"}));
}

TEST_F(CertificateOfCat, PValuesOfRandomMapsAreUniform) {
  int small = 0;
  for (std::uint64_t seed = 1000; seed < 1020; ++seed) {
    std::vector<float> noise;
    for (const double value : normal_values(seed, 0, map.size())) noise.push_back(float(value));
    small += certify(context, {.patches = noise}, {.noisy = 0}).p_value <= 0.25 ? 1 : 0;
  }
  // Binomial(20, ¼) is above 11 with probability 0.001.
  EXPECT_LE(small, 11);
}

TEST_F(CertificateOfCat, AMapThatIsOnlyBetterThanRandomOrdersIsWeak) {
  // A single cat is in the centre of this image, so the order from the centre outwards is better.
  const testing::Golden centred("toons/cat");
  ExplanationContext cat(testing::toons(), testing::toons_image(centred),
                         testing::toons_target(testing::kToonsContrasts[0], "class"));
  const std::vector<float> effects = removal_map(cat);
  const Certificate c = certify(cat, {.patches = effects}, {.noisy = 0});
  EXPECT_LE(c.p_value, 0.05);
  EXPECT_LT(c.gain, c.gaussian_gain);
  EXPECT_EQ(c.verdict, Verdict::kWeak);
  EXPECT_TRUE(mentions(c.text(), {"Weak: this map", "from the centre outwards"}));
}

TEST_F(CertificateOfCat, StabilityIsTheRankCorrelationWithMapsOfNoisyImages) {
  const Certificate same =
      certify(context, {.patches = map, .again = [&](const Preprocessed&) { return map; }},
              {.pairs = 1, .noisy = 2});
  EXPECT_EQ(same.stability, 1);
  EXPECT_TRUE(mentions(same.sentence, {"the map is stable"}));
  const Certificate negated = certify(context,
                                      {.patches = map,
                                       .again =
                                           [&](const Preprocessed&) {
                                             std::vector<float> negative;
                                             for (const float value : map)
                                               negative.push_back(-value);
                                             return negative;
                                           }},
                                      {.pairs = 1, .noisy = 2});
  EXPECT_EQ(negated.stability, -1);
  EXPECT_TRUE(mentions(negated.sentence, {"changes strongly"}));
}

TEST_F(CertificateOfCat, ResidualIsAFractionOfTheScore) {
  const Certificate c =
      certify(context, {.patches = map, .residual = 0.25 * context.value()}, {.pairs = 1});
  EXPECT_NEAR(c.residual.value(), 0.25, 1e-9);
  EXPECT_TRUE(mentions(c.sentence, {"differs from the score by 25.0 %"}));
}

TEST_F(CertificateOfCat, RefusesNoOrders) {
  EXPECT_TRUE(mentions(error_of([&] { certify(context, {.patches = map}, {.pairs = 0}); }),
                       {"pairs of random orders", "at least 1, got 0"}));
}

TEST_F(CertificateOfCat, RefusesAMapOfAnotherSize) {
  map.pop_back();
  EXPECT_TRUE(
      mentions(error_of([&] { certify(context, {.patches = map}); }), {"144 patches, got 143"}));
}

TEST_F(CertificateOfCat, CanBeCancelled) {
  EXPECT_THROW(certify(context, {.patches = map}, {},
                       [](std::string_view, std::int64_t, std::int64_t) { return false; }),
               Cancelled);
}

}  // namespace certificate_test
}  // namespace whyclip
