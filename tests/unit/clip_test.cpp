// One Clip used by several threads at once and in different threading environments.

#include "whyclip/clip.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/toons.h"
#include "whyclip/attribution/contributions.h"
#include "whyclip/image/decode.h"
#include "whyclip/zero_shot.h"

namespace whyclip {
namespace clip_test {

using testing::TemporaryFolder;

const std::vector<std::string> kPrompts{"a photo of a cat.", "a photo of a dog.", "a tree",
                                        "a drawing of a very small bird in front of a building"};

/// Results of the towers for one drawing and some prompts.
struct Results {
  std::vector<float> text, image, contributions;
  bool operator==(const Results&) const = default;
};

Results results_of(const Clip& clip) {
  const Image image = read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  const Preprocessed prepared = clip.prepare(image);
  const Tensor text = clip.encode_text(kPrompts);
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const Target target = prompt_target(clip, zero_shot_prompts(clip, {kPrompts.data(), 1}), 0);
  const Contributions explained = contributions(clip, prepared, {&target, 1})[0];
  const auto copy = [](const Tensor& t) {
    return std::vector<float>(t.values().begin(), t.values().end());
  };
  return {copy(text), copy(embedding), explained.patches};
}

/// Results of a Clip with one thread and a single caller.
const Results& serial() {
  static const Results results = results_of(Clip::embedded({.threads = 1, .cache = {}}));
  return results;
}

class SharedClip : public ::testing::TestWithParam<int> {
 protected:
  TemporaryFolder folder;
  Clip clip = Clip::embedded({.threads = GetParam(), .cache = folder.path() / "text.sqlite"});
};

TEST_P(SharedClip, GivesTheBitsOfOneThreadToEightConcurrentCallers) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 3; ++i) wrong += !(results_of(clip) == serial());
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(wrong, 0);
}

TEST_P(SharedClip, GivesTheBitsOfOneThreadInsideAParallelRegionOfOpenMp) {
  std::atomic<int> wrong = 0;
#pragma omp parallel num_threads(3)
  wrong += !(results_of(clip) == serial());

  EXPECT_EQ(wrong, 0);
}

TEST_P(SharedClip, GivesTheBitsOfOneThreadFromItsCache) {
  EXPECT_TRUE(results_of(clip) == serial());
  EXPECT_TRUE(results_of(clip) == serial());
}

INSTANTIATE_TEST_SUITE_P(Threads, SharedClip, ::testing::Values(1, 2, 5));

// The values of PyTorch (tests/golden/README.md), as an independent check of the one-thread
// results.
TEST(SerialClip, ClassifiesTheDrawingAsPyTorchDoes) {
  const testing::Golden golden("toons/cat");
  const Clip clip = Clip::embedded({.threads = 1, .cache = {}});
  const Preprocessed image = testing::toons_image(golden);
  const Tensor embedding = clip.encode_images({&image, 1});
  const std::vector<float> expected = golden.floats("embedding");

  ASSERT_EQ(embedding.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(embedding.data()[i], expected[i], 1e-4) << i;
  }
}

}  // namespace clip_test
}  // namespace whyclip
