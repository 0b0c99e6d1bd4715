#include "whyclip/core/error.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/errors.h"
#include "whyclip/core/progress.h"

namespace whyclip {
namespace {

TEST(Error, MessageHasTheLocationAndThenTheProblem) {
  EXPECT_STREQ(Error("config.json: heads", "expected 3, got 4").what(),
               "[config.json: heads] expected 3, got 4");
}

TEST(Progress, CallbackReceivesStageDoneAndTotal) {
  std::vector<std::int64_t> seen;
  const Progress progress = [&](std::string_view stage, std::int64_t done, std::int64_t total) {
    seen = {std::int64_t(stage.size()), done, total};
    return true;
  };

  report_progress(progress, "text", 3, 7);

  EXPECT_EQ(seen, (std::vector<std::int64_t>{4, 3, 7}));
}

TEST(Progress, ThrowsCancelledWithTheStageIfTheCallbackReturnsFalse) {
  const Progress stop = [](auto...) { return false; };

  EXPECT_THROW(report_progress(stop, "text", 3, 7), Cancelled);
  EXPECT_EQ(testing::error_of([&] { report_progress(stop, "text", 3, 7); }), "[text] cancelled");
}

TEST(Progress, AcceptsAnEmptyCallback) { EXPECT_NO_THROW(report_progress({}, "text", 3, 7)); }

}  // namespace
}  // namespace whyclip
