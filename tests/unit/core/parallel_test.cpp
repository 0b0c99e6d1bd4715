#include "whyclip/core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace whyclip {
namespace {

/// How often each index was in a range.
std::vector<int> visits(std::int64_t count, int threads) {
  std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
  parallel_for(count, threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) ++seen[std::size_t(i)];
  });
  return {seen.begin(), seen.end()};
}

class ParallelFor : public ::testing::TestWithParam<int> {};

TEST_P(ParallelFor, CoversEveryIndexOnce) {
  EXPECT_EQ(visits(1, GetParam()), std::vector<int>(1, 1));
  EXPECT_EQ(visits(7, GetParam()), std::vector<int>(7, 1));
  EXPECT_EQ(visits(1000, GetParam()), std::vector<int>(1000, 1));
}

TEST_P(ParallelFor, RethrowsWhatABodyThrew) {
  const auto call = [&] {
    parallel_for(100, GetParam(), [](std::int64_t begin, std::int64_t end) {
      if (begin <= 99 && 99 < end) throw std::out_of_range("index 99");
    });
  };

  try {
    call();
    FAIL() << "nothing was thrown";
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "index 99");
  }
}

TEST_P(ParallelFor, WorksAgainAfterAnException) {
  const auto fail = [](std::int64_t, std::int64_t) { throw std::runtime_error("each time"); };
  EXPECT_THROW(parallel_for(100, GetParam(), fail), std::runtime_error);

  EXPECT_EQ(visits(50, GetParam()), std::vector<int>(50, 1));
}

TEST_P(ParallelFor, WorksInsideItself) {
  std::atomic<int> sum = 0;

  parallel_for(4, GetParam(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      parallel_for(3, GetParam(), [&](std::int64_t b, std::int64_t e) { sum += int(e - b); });
    }
  });

  EXPECT_EQ(sum, 12);
}

TEST_P(ParallelFor, DoesNothingForNothing) {
  bool called = false;

  parallel_for(0, GetParam(), [&](auto...) { called = true; });

  EXPECT_FALSE(called);
}

// 0 stands for "at least one", 64 is more threads than most of the work above.
INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor, ::testing::Values(0, 1, 2, 3, 64));

TEST(DefaultThreads, IsAtLeastOne) { EXPECT_GE(default_threads(), 1); }

}  // namespace
}  // namespace whyclip
