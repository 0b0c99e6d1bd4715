#pragma once

#include <cstdint>

// Products of blocks of row-major matrices in float or double, for computations that need double.
// The model's own products use core/matrix.h. Everything runs on the calling thread.

namespace whyclip {

/// `rows` rows of `width` values with a row stride of `stride` values.
template <class T>
struct MatrixBlock {
  T* data;
  std::int64_t rows, width, stride;
};

enum class Into {
  kReplace,  ///< the previous values are not read
  kAdd,
};

/// out (+)= factor · a · bᵀ. a: (n, k); b: (m, k); out: (n, m), must not overlap a or b.
template <class T>
void multiply_transposed(MatrixBlock<const T> a, MatrixBlock<const T> b, T factor,
                         MatrixBlock<T> out, Into into);

/// out (+)= factor · a · b. a: (n, k); b: (k, m); out: (n, m), must not overlap a or b.
template <class T>
void multiply(MatrixBlock<const T> a, MatrixBlock<const T> b, T factor, MatrixBlock<T> out,
              Into into);

}  // namespace whyclip
