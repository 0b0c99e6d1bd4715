#include "whyclip/core/parallel.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace whyclip {
namespace parallel_test {

/// Number of ranges that contained each index.
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

TEST_P(ParallelFor, RethrowsAnExceptionOfTheBody) {
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

TEST_P(ParallelFor, CanBeNested) {
  std::atomic<int> sum = 0;

  parallel_for(4, GetParam(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      parallel_for(3, GetParam(), [&](std::int64_t b, std::int64_t e) { sum += int(e - b); });
    }
  });

  EXPECT_EQ(sum, 12);
}

TEST_P(ParallelFor, DoesNothingForAnEmptyRange) {
  bool called = false;

  parallel_for(0, GetParam(), [&](auto...) { called = true; });

  EXPECT_FALSE(called);
}

// 0 means at least one thread; 64 threads are more than the indices of most cases above.
INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor, ::testing::Values(0, 1, 2, 3, 64));

/// The first indices of the ranges, sorted.
std::vector<std::int64_t> range_starts(std::int64_t count, int threads) {
  std::mutex mutex;
  std::vector<std::int64_t> starts;
  parallel_for(count, threads, [&](std::int64_t begin, std::int64_t) {
    const std::scoped_lock lock(mutex);
    starts.push_back(begin);
  });
  std::sort(starts.begin(), starts.end());
  return starts;
}

TEST(ParallelForRanges, AreTheSameInsideAnotherCallAndInsideAParallelRegionOfOpenMp) {
  const std::vector<std::int64_t> expected{0, 2, 4, 6, 8};
  EXPECT_EQ(range_starts(10, 5), expected);

  parallel_for(2, 2, [&](auto...) { EXPECT_EQ(range_starts(10, 5), expected); });

#pragma omp parallel num_threads(2)
  EXPECT_EQ(range_starts(10, 5), expected);
}

TEST(ParallelForFromSeveralThreads, CoversEveryIndexOnceInEachCall) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) wrong += visits(97, 4) != std::vector<int>(97, 1);
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(wrong, 0);
}

/// Exit status of a child process that calls f; −1 if a signal ended it.
template <class F>
int status_of_child(F f) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // a child that hangs is ended by a signal
    _exit(f());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ParallelForInAChildProcess, WorksAfterItsParentUsedThreads) {
  EXPECT_EQ(visits(1000, 4), std::vector<int>(1000, 1));

  EXPECT_EQ(status_of_child([] { return visits(1000, 4) == std::vector<int>(1000, 1) ? 0 : 1; }),
            0);
}

// A thread needs address space for its stack. The parent's pool has workers already; the child's
// has none and cannot start any.
TEST(ParallelForWithoutMemoryForThreads, CoversEveryIndexOnce) {
  EXPECT_EQ(status_of_child([] {
              const rlimit none{0, 0};
              if (setrlimit(RLIMIT_AS, &none) != 0) return 2;
              // `visits` would allocate.
              static std::atomic<int> seen[100];
              parallel_for(100, 4, [](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) ++seen[i];
              });
              for (const auto& count : seen) {
                if (count != 1) return 1;
              }
              return 0;
            }),
            0);
}

TEST(DefaultThreads, IsAtLeastOne) { EXPECT_GE(default_threads(), 1); }

TEST(DefaultThreads, IsLimitedByTheOpenMpSetting) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  EXPECT_EQ(default_threads(), 1);

  const int processors = omp_get_num_procs();
  omp_set_num_threads(100000);
  EXPECT_LE(default_threads(), processors);
  omp_set_num_threads(before);
}

}  // namespace parallel_test
}  // namespace whyclip
