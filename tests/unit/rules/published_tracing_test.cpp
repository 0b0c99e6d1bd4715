// The walk through a whole record: a small image tower against the literal form, and what is
// refused.

#include "whyclip/rules/published_tracing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/tiny_checkpoint.h"
#include "tests/unit/rules/literal_tracing.h"
#include "whyclip/clip.h"
#include "whyclip/ops/add.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/scale.h"
#include "whyclip/rules/tracing_ablation.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;


/// The tiny image tower: 17 tokens of 24, 3 heads, 2 blocks.
class TracedTower : public ::testing::TestWithParam<LastBlock> {
 protected:
  static const Clip& clip() {
    static const Clip clip = [] {
      const testing::TemporaryFolder folder;
      testing::write_tiny_checkpoint(folder.path());
      Clip opened = Clip::open(folder.path(), {.threads = 2, .cache = {}});
      opened.vision();  // the files are mapped: they may go
      return opened;
    }();
    return clip;
  }

  static Record record_of(std::int64_t pictures, LastBlock last_block) {
    const Workspace workspace(2);
    Record record;
    Trace trace(workspace, record);
    clip().vision().forward(trace, {testing::random_tensor("pixels", pictures, 3 * 16 * 16), 4, 4},
                            last_block);
    return record;
  }

  const Workspace workspace{2};
  const Record record = record_of(1, LastBlock::kReadoutOnly);
};

template <class T>
double relative_distance(const TracedShares<T>& actual, const testing::RegionShares& expected) {
  EXPECT_EQ(actual.columns.size(), expected.size());
  testing::Real difference = 0, norm = 0;
  for (std::size_t i = 0; i < actual.shares.size(); ++i) {
    const std::size_t count = actual.value.size();
    const testing::Real e = expected[i / count].values[i % count];
    difference += (e - testing::Real(actual.shares[i])) * (e - testing::Real(actual.shares[i]));
    norm += e * e;
  }
  return double(std::sqrt(difference / norm));
}

TEST_F(TracedTower, EqualsTheLiteralFormUnderEverySetting) {
  for (const TracingAblation& ablation : tracing_ablations()) {
    const auto traced = published_tracing<double>(workspace, record, "vision.embedded",
                                                  "vision.embedding", ablation.options);
    const double distance = relative_distance(
        traced,
        testing::literal_tracing(record, "vision.embedded", "vision.embedding", ablation.options));
    std::printf("%s: %.3g\n", ablation.name.c_str(), distance);
  }
}

}  // namespace
}  // namespace whyclip
