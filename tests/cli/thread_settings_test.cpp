// Settings of OpenMP and oneDNN in the environment change no number.

#include <gtest/gtest.h>

#include "tests/cli/command.h"

namespace whyclip {
namespace thread_settings_test {

using testing::CommandTest;
using testing::Ran;
using testing::toons_image;

class ThreadSettings : public CommandTest, public ::testing::WithParamInterface<const char*> {
 protected:
  std::vector<std::string> classify(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"classify", "-q", "--json", "-c",
                                       "cat,dog",  "-t", "simple", toons_image("cat")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_P(ThreadSettings, ChangeNoLogit) {
  const Ran plain = run(classify({"--no-cache", "--threads", "1"}));
  const Ran ran = run(classify({"--no-cache", "--threads", "8"}),
                      {.before = std::string("export ") + GetParam()});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.output, plain.output);
}

TEST_P(ThreadSettings, LeaveNothingWrongInTheCache) {
  const Ran plain = run(classify({"--no-cache"}));
  ASSERT_EQ(
      run(classify({"--threads", "8"}), {.before = std::string("export ") + GetParam()}).status, 0);

  EXPECT_EQ(run(classify({})).output, plain.output);
}

// With the first two and the fourth, version 0.1 left part of each product out; the fifth ended it.
INSTANTIATE_TEST_SUITE_P(Settings, ThreadSettings,
                         ::testing::Values("OMP_THREAD_LIMIT=1", "OMP_THREAD_LIMIT=3",
                                           "OMP_DYNAMIC=true", "OMP_MAX_ACTIVE_LEVELS=0",
                                           "OMP_NUM_THREADS=100000", "OMP_NUM_THREADS=1",
                                           "ONEDNN_DEFAULT_FPMATH_MODE=BF16"));

class Version : public CommandTest {};

TEST_F(Version, VerboseNamesWhatComputes) {
  const Ran ran = run({"--version", "--verbose"}, {.before = "export ONEDNN_MAX_CPU_ISA=AVX2"});

  EXPECT_EQ(ran.status, 0);
  for (const char* part : {"whyclip 0.", "processor", "threads", "Highway", "oneDNN", "AVX2"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part << " in " << ran.output;
  }
}

TEST_F(Version, AloneIsOneLine) {
  EXPECT_EQ(run({"--version"}).output.find('\n'), run({"--version"}).output.size() - 1);
}

}  // namespace thread_settings_test
}  // namespace whyclip
