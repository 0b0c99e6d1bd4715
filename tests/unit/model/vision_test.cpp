#include "whyclip/model/vision.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/threads.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace vision_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;

class EncodeFrom : public ::testing::Test {
 protected:
  Value from(int block, const Tensor& stream, std::int64_t count, LastBlock last) const {
    Trace trace(workspace);
    return clip.vision().encode_from(trace, trace.input("stream", stream.clone()), block, count,
                                     last);
  }

  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  const Workspace workspace{testing::threads()};
  const std::vector<Preprocessed> images{testing::tiny_image(),
                                         testing::tiny_image(16, 16, "other")};
};

TEST_F(EncodeFrom, ContinuesFromTheInputOfABlock) {
  Record record;
  Trace trace(workspace, record);
  const Value whole = clip.vision().forward(trace, clip.pixel_batch(images), LastBlock::kAllRows);
  // Recorded attention is three ops; unrecorded attention is one fused kernel.
  constexpr double kRounding = 2e-6;
  for (const LastBlock last : {LastBlock::kAllRows, LastBlock::kPooledOnly}) {
    for (const auto& [block, point] :
         {std::pair{0, "vision.ln_pre"}, {1, "vision.blocks.0.resid_post"}}) {
      EXPECT_TRUE(
          all_close(from(block, record.at(point), 2, last)->values(), whole->values(), kRounding))
          << point;
    }
  }
}

TEST_F(EncodeFrom, RejectsABlockOutOfRange) {
  const Tensor stream = testing::random_tensor("stream", 34, 24);
  for (const int block : {-1, 2}) {
    EXPECT_TRUE(mentions(error_of([&] { from(block, stream, 2, LastBlock::kAllRows); }),
                         {"vision.blocks", "0 to 1", std::to_string(block)}));
  }
}

}  // namespace vision_test
}  // namespace whyclip
