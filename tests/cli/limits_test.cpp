// Limits of the process (ulimit): a line that says which, or success.

#include <gtest/gtest.h>

#include "tests/cli/command.h"

namespace whyclip {
namespace limits_test {

using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class Limits : public CommandTest {
 protected:
  Ran limited(const std::string& limits, const std::vector<std::string>& arguments) const {
    return run(arguments, {.before = limits});
  }
};

TEST_F(Limits, FileThatGrowsTooLargeIsNamedWithTheLimit) {
  const Ran ran = limited("ulimit -f 1", {"explain", "-q", "--no-cache", "-c", "cat,dog", "-t",
                                          "simple", "-o", path("out"), toons_image("cat")});

  EXPECT_TRUE(refused(ran, {"overlay.png", "File too large", "ulimit -f"}));
  EXPECT_EQ(files_in("out"), std::vector<std::string>{});
}

TEST_F(Limits, FewOpenFilesSuffice) {
  const Ran ran = limited("ulimit -n 6", {"explain", "-q", "--no-cache", "-c", "cat,dog", "-t",
                                          "simple", "-o", path("out"), toons_image("cat")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out").size(), 5u);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Limits, LittleMemoryIsSuccessOrOneLine) {
  for (const char* megabytes : {"99", "101", "104", "106", "112", "128", "512"}) {
    const Ran ran = limited(
        std::string("ulimit -v $((1024 * ") + megabytes + "))",
        {"classify", "-q", "--no-cache", "-c", "cat,dog", "-t", "simple", toons_image("cat")});
    if (ran.status == 0 || ran.status == 127) continue;  // done; or could not be loaded
    EXPECT_TRUE(refused(ran, {"memory"})) << megabytes;
  }
}

TEST_F(Limits, ThreadsThatDoNotFitAreDoneWithout) {
  const std::vector<std::string> arguments{"classify",  "-q",   "--no-cache",
                                           "--threads", "4000", toons_image("cat")};
  const Ran ran = limited("ulimit -v 1048576", arguments);  // 1 GiB, and 8 MiB a stack

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.output, run(arguments).output);
}
#endif

}  // namespace limits_test
}  // namespace whyclip
