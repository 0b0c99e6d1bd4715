#include "whyclip/dataset/run_length.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip::detail {
namespace run_length_test {

using testing::drawn;
using testing::error_of;
using testing::mentions;
using Counts = std::vector<std::uint32_t>;

std::string refusal(const std::string& text) {
  return error_of([&] { decode_counts(text, "x.json"); });
}

TEST(DecodeCounts, ReadsSmallNumbersAsOneCharacterEach) {
  // 6 = '0' + 6; 1 = '1'; 15 has bit 4 clear and fits: '0' + 15 = '?'.
  EXPECT_EQ(decode_counts("61?", "x"), (Counts{6, 1, 15}));
}

TEST(DecodeCounts, ReadsALongNumberLowGroupFirst) {
  // 16 would read as −16 in one group: 16 | 32 = 48, '0' + 48 = '`', then '0'.
  // 1000 = 31·32 + 8: 8 | 32 = 40, 'X'; 31 | 32 = 63, 'o', as bit 4 is set; then '0'.
  EXPECT_EQ(decode_counts("`0Xo0", "x"), (Counts{16, 1000}));
}

TEST(DecodeCounts, AddsTheNumberTwoBeforeFromTheFourthNumberOn) {
  // 5, 7, 9, 7 + 2, 9 − 3 (−3 is 29 in five bits, '0' + 29 = 'M').
  EXPECT_EQ(decode_counts("5792M", "x"), (Counts{5, 7, 9, 9, 6}));
}

/// The inverse of decode_counts.
std::string encode_counts(const Counts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::int64_t rest = std::int64_t(counts[i]) - (i > 2 ? std::int64_t(counts[i - 2]) : 0);
    while (rest < -16 || rest > 15) {
      text += char(48 + 32 + (rest & 31));
      rest >>= 5;
    }
    text += char(48 + (rest & 31));
  }
  return text;
}

TEST(DecodeCounts, InvertsEncoding) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 100; ++trial) {
    Counts counts;
    for (int i = 0; i < 40; ++i) counts.push_back(std::uint32_t(random() >> (1 + random() % 30)));
    ASSERT_EQ(decode_counts(encode_counts(counts), "x"), counts) << trial;
  }
}

TEST(DecodeCounts, RefusesATextThatEndsWithinANumber) {
  EXPECT_TRUE(mentions(refusal("5X"), {"[x.json]", "ends within a number"}));
}

TEST(DecodeCounts, RefusesOtherCharacters) {
  EXPECT_TRUE(mentions(refusal("5 7"), {"byte 32"}));
  EXPECT_TRUE(mentions(refusal("5p"), {"byte 112"}));
  EXPECT_TRUE(mentions(refusal("\xff"), {"byte 255"}));
}

TEST(DecodeCounts, RefusesImpossibleCounts) {
  EXPECT_TRUE(mentions(refusal("5M"), {"run length 1", "-3"}));
  EXPECT_TRUE(mentions(refusal("oooooooo0"), {"too long"}));
  EXPECT_TRUE(mentions(refusal("ooooooo0"), {"too long"}));
  EXPECT_TRUE(mentions(refusal("PPPPPP2"), {"run length 0", "2147483648"}));
}

TEST(MarkRuns, GoesDownTheColumns) {
  std::vector<std::uint8_t> mask(12, 0);

  mark_runs(Counts{2, 3, 6, 1}, 4, 3, mask, "x");

  // Pixels 2, 3, 4 and 11, counted down the columns of three.
  EXPECT_EQ(drawn(mask, 4), (std::vector<std::string>{".#..", ".#..", "#..#"}));
}

TEST(MarkRuns, MayStartInsideOfTheMask) {
  std::vector<std::uint8_t> mask(4, 0);

  mark_runs(Counts{0, 1, 3}, 2, 2, mask, "x");

  EXPECT_EQ(drawn(mask, 2), (std::vector<std::string>{"#.", ".."}));
}

TEST(MarkRuns, RefusesCountsThatDoNotAddUp) {
  std::vector<std::uint8_t> mask(6, 0);

  for (const Counts& counts :
       {Counts{2, 3}, Counts{2, 5}, Counts{}, Counts{3000000000, 3000000000}}) {
    EXPECT_TRUE(mentions(error_of([&] { mark_runs(counts, 3, 2, mask, "x.json"); }),
                         {"[x.json]", "3 × 2 = 6"}));
  }
}

}  // namespace run_length_test
}  // namespace whyclip::detail
