#include "whyclip/dataset/label_names.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip::detail {
namespace label_names_test {

using testing::error_of;
using testing::mentions;
using Names = std::map<int, std::string>;

LabelNames parsed(const std::string& text) { return parse_label_names(text, "labels.txt"); }

TEST(LabelNames, ReadsANumberAndANameOnEveryLine) {
  EXPECT_EQ(parsed("0 sky\n7 hot dog\r\n\n 3\tcat \n").names, (Names{{3, "cat"}, {7, "hot dog"}}));
}

TEST(LabelNames, CountsPlainNamesFromOne) {
  EXPECT_EQ(parsed("cat\nhot dog\n").names, (Names{{1, "cat"}, {2, "hot dog"}}));
}

TEST(LabelNames, CountsPlainNamesFromZeroIfTheFirstIsTheBackground) {
  EXPECT_EQ(parsed("background\ncat\ndog").names, (Names{{1, "cat"}, {2, "dog"}}));
}

TEST(LabelNames, ReadsANumberOnSomeLinesOnlyAsPartOfTheName) {
  EXPECT_EQ(parsed("cat\n747 plane\n").names, (Names{{1, "cat"}, {2, "747 plane"}}));
}

TEST(LabelNames, ReadsColours) {
  const LabelNames names = parsed("#000000 ground\n#ff8000 cat\n#00FF00 dog\n");

  EXPECT_TRUE(names.colours);
  EXPECT_EQ(names.names, (Names{{0xff8000, "cat"}, {0x00ff00, "dog"}}));
}

TEST(LabelNames, RefusesALabelNamedTwice) {
  EXPECT_TRUE(mentions(error_of([] { parsed("1 cat\n\n1 dog\n"); }),
                       {"labels.txt: line 3", "label 1", "\"cat\""}));
}

TEST(LabelNames, RefusesNumbersAmongColours) {
  EXPECT_TRUE(mentions(error_of([] { parsed("#ff0000 cat\n1 dog\n"); }), {"line 2", "got both"}));
}

TEST(LabelNames, RefusesAFileWithoutNames) {
  EXPECT_TRUE(mentions(error_of([] { parsed(" \n\n"); }), {"[labels.txt]", "got none"}));
  EXPECT_TRUE(
      mentions(error_of([] { parsed("background\n"); }), {"only a name for the background"}));
}

}  // namespace label_names_test
}  // namespace whyclip::detail
