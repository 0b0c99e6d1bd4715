#pragma once

#include <cstdint>
#include <string>

#include "tests/support/hash_checkpoint.h"
#include "whyclip/core/tensor.h"

namespace whyclip::testing {

/// Values with mean 0 and standard deviation 1, the same on every machine; `name` is the seed.
inline Tensor random_tensor(const std::string& name, std::int64_t rows, std::int64_t width) {
  return Tensor::from(rows, width, hash_tensor(name, std::size_t(rows * width), 0, 1));
}

}  // namespace whyclip::testing
