#include "whyclip/core/error.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/errors.h"
#include "whyclip/core/progress.h"

namespace whyclip {
namespace error_test {

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

TEST(Error, HasItsPartsAndItsCode) {
  const Error error("a]b.json", "is missing", ErrorCode::kNotFound);

  EXPECT_STREQ(error.what(), "[a]b.json] is missing");
  EXPECT_EQ(error.where(), "a]b.json");
  EXPECT_EQ(error.message(), "is missing");
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_EQ(Error("x", "y").code(), ErrorCode::kInvalid);
  EXPECT_EQ(name_of(error.code()), "not found");
}

TEST(Progress, ThrowsCancelledWithTheStageIfTheCallbackReturnsFalse) {
  const Progress stop = [](auto...) { return false; };

  try {
    report_progress(stop, "text", 3, 7);
    FAIL() << "nothing was thrown";
  } catch (const Error&) {
    FAIL() << "Cancelled is an Error";
  } catch (const Cancelled& cancelled) {
    EXPECT_STREQ(cancelled.what(), "[text] cancelled");
  }
}

TEST(Progress, AcceptsAnEmptyCallback) { EXPECT_NO_THROW(report_progress({}, "text", 3, 7)); }

}  // namespace error_test
}  // namespace whyclip
