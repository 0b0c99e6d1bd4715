#include "whyclip/attribution/image_mean.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace image_mean_test {

using testing::error_of;
using testing::mentions;

TEST(ImageMean, AveragesNormalisedEmbeddings) {
  ImageMean mean;
  mean.add(std::vector<float>{3, 4});
  mean.add(std::vector<float>{0, 10});
  EXPECT_EQ(mean.images(), 2);
  EXPECT_NEAR(mean.value()[0], 0.3, 1e-7);  // float32
  EXPECT_NEAR(mean.value()[1], 0.9, 1e-7);
}

TEST(ImageMean, RefusesInvalidInputs) {
  ImageMean mean;
  EXPECT_TRUE(mentions(error_of([&] { mean.value(); }), {"at least one image"}));
  mean.add(std::vector<float>{3, 4});
  EXPECT_TRUE(mentions(error_of([&] { mean.add(std::vector<float>{1}); }), {"2 values", "got 1"}));
  EXPECT_TRUE(mentions(error_of([&] { mean.add(std::vector<float>{0, 0}); }), {"no direction"}));
}

TEST(KnownImageMean, OfTheEmbeddedModelIsTheMeanOfTheDrawingsInBench) {
  ImageMean mean;
  const Clip& clip = testing::toons();
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::repository_file("bench/drawings"))) {
    if (entry.path().extension() != ".png") continue;
    const Preprocessed image = clip.prepare(read_image(entry.path()));
    mean.add(clip.encode_images({&image, 1}).row(0));
  }
  EXPECT_EQ(mean.images(), 64);
  const std::vector<double> expected = mean.value(), known = *known_image_mean(clip);
  ASSERT_EQ(known.size(), expected.size());
  // Stored with 9 digits, computed in float32.
  for (std::size_t i = 0; i < known.size(); ++i) EXPECT_NEAR(known[i], expected[i], 1e-6) << i;
}

TEST(KnownImageMean, DoesNotExistForOtherModels) {
  EXPECT_FALSE(known_image_mean(testing::tiny_clip(ActivationKind::kQuickGelu)));
}

}  // namespace image_mean_test
}  // namespace whyclip
