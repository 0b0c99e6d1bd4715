#include "whyclip/core/matrix_blocks.h"

// The callers provide the parallelism.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Core>

namespace whyclip {
namespace {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>> map(Block<const T> block) {
  return {block.data, block.rows, block.width, Eigen::OuterStride<>(block.stride)};
}

template <class T>
Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>> map(Block<T> block) {
  return {block.data, block.rows, block.width, Eigen::OuterStride<>(block.stride)};
}

template <class Product, class Out>
void store(const Product& product, Out out, Into into) {
  if (into == Into::kReplace) {
    out.noalias() = product;
  } else {
    out.noalias() += product;
  }
}

}  // namespace

template <class T>
void multiply_transposed(Block<const T> a, Block<const T> b, T factor, Block<T> out, Into into) {
  store(factor * map(a) * map(b).transpose(), map(out), into);
}

template <class T>
void multiply(Block<const T> a, Block<const T> b, T factor, Block<T> out, Into into) {
  store(factor * map(a) * map(b), map(out), into);
}

template void multiply_transposed(Block<const float>, Block<const float>, float, Block<float>,
                                  Into);
template void multiply_transposed(Block<const double>, Block<const double>, double, Block<double>,
                                  Into);
template void multiply(Block<const float>, Block<const float>, float, Block<float>, Into);
template void multiply(Block<const double>, Block<const double>, double, Block<double>, Into);

}  // namespace whyclip
