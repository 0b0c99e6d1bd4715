#include "whyclip/core/memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace whyclip {
namespace memory_test {

TEST(AvailableMemory, IsBetweenAMegabyteAndAPebibyte) {
  EXPECT_GT(available_memory(), 1'000'000u);
  EXPECT_LT(available_memory(), std::size_t{1} << 50);
}

}  // namespace memory_test
}  // namespace whyclip
