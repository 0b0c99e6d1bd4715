#include "whyclip/core/memory.h"

#include <gtest/gtest.h>

#include <new>
#include <vector>

namespace whyclip {
namespace memory_test {

TEST(AvailableMemory, IsBetweenAMegabyteAndAPebibyte) {
  EXPECT_GT(available_memory(), 1'000'000u);
  EXPECT_LT(available_memory(), std::size_t{1} << 50);
}

TEST(AddressSpace, IsThereForAMegabyteAndNotForMoreThanThereIs) {
  EXPECT_NO_THROW(require_address_space(std::size_t{1} << 20));
  EXPECT_THROW(require_address_space(std::size_t{1} << 62), std::bad_alloc);
}

}  // namespace memory_test
}  // namespace whyclip
