#include "whyclip/core/tensor.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <utility>
#include <vector>

namespace whyclip {
namespace tensor_test {

TEST(Arena, ReusesReturnedStorage) {
  Arena arena;
  float* first = arena.take(100);
  arena.give_back(first, 100);

  float* second = arena.take(100);

  EXPECT_EQ(second, first);
  arena.give_back(second, 100);
}

TEST(Arena, DoesNotReuseStorageOfAnotherSize) {
  Arena arena;
  float* small = arena.take(10);
  arena.give_back(small, 10);

  float* large = arena.take(20);

  EXPECT_NE(large, small);
  arena.give_back(large, 20);
}

TEST(Arena, DoesNotReuseStorageInUse) {
  Arena arena;
  float* first = arena.take(10);
  float* second = arena.take(10);

  EXPECT_NE(first, second);
  arena.give_back(first, 10);
  arena.give_back(second, 10);
}

// mallinfo2 does not see the allocators of sanitizers.
TEST(Arena, LimitsTheIdleStorageOfManySizes) {
  Arena arena;
  const auto in_use = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::size_t before = in_use();
  for (std::size_t count = 1'000'000; count < 1'000'100; ++count) {
    arena.give_back(arena.take(count), count);
  }
  EXPECT_LT(in_use() - before, std::size_t{80'000'000});  // all hundred sizes are 400 MB
}

TEST(Arena, AlignsTo64Bytes) {
  Arena arena;
  float* storage = arena.take(3);

  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(storage) % 64, 0u);
  arena.give_back(storage, 3);
}

TEST(Workspace, ReusesTheStorageOfADestroyedTensor) {
  const Workspace workspace(1);
  const float* before = nullptr;
  {
    const Tensor tensor = workspace.tensor(4, 5);
    before = tensor.data();
  }

  EXPECT_EQ(workspace.tensor(4, 5).data(), before);
}

TEST(Workspace, GivesZerosEvenInReusedStorage) {
  const Workspace workspace(1);
  workspace.tensor(2, 2).fill(7);

  const Tensor zeros = workspace.zeros(2, 2);

  for (const float value : zeros.values()) EXPECT_EQ(value, 0.0f);
}

TEST(Tensor, OutlivesItsWorkspace) {
  Tensor tensor;
  {
    const Workspace workspace(1);
    tensor = workspace.zeros(2, 3);
  }

  tensor.fill(2);

  EXPECT_EQ(tensor.row(1)[2], 2.0f);
}

TEST(Tensor, KeepsItsStorageWhenMoved) {
  Tensor from = Tensor::from(2, 2, std::vector<float>{1, 2, 3, 4});
  const float* storage = from.data();

  const Tensor to = std::move(from);

  EXPECT_EQ(to.data(), storage);
  EXPECT_EQ(to.row(1)[0], 3.0f);
}

TEST(Tensor, IsEmptyAfterAMove) {
  Tensor from = Tensor::zeros(2, 2);
  const Tensor to = std::move(from);

  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(from.rows(), 0);
}

TEST(Tensor, ReturnsItsStorageWhenAssigned) {
  const Workspace workspace(1);
  Tensor tensor = workspace.tensor(3, 3);
  const float* before = tensor.data();

  tensor = Tensor();

  EXPECT_EQ(workspace.tensor(3, 3).data(), before);
}

TEST(Tensor, CloneIsIndependent) {
  Tensor original = Tensor::from(1, 2, std::vector<float>{1, 2});
  const Tensor copy = original.clone();

  original.fill(9);

  EXPECT_EQ(copy.row(0)[1], 2.0f);
}

}  // namespace tensor_test
}  // namespace whyclip
