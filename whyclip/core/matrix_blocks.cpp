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
Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>> map(MatrixBlock<const T> block) {
  return {block.data, block.rows, block.width, Eigen::OuterStride<>(block.stride)};
}

template <class T>
Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>> map(MatrixBlock<T> block) {
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
void multiply_transposed(MatrixBlock<const T> a, MatrixBlock<const T> b, T factor,
                         MatrixBlock<T> out, Into into) {
  store(factor * map(a) * map(b).transpose(), map(out), into);
}

template <class T>
void multiply(MatrixBlock<const T> a, MatrixBlock<const T> b, T factor, MatrixBlock<T> out,
              Into into) {
  store(factor * map(a) * map(b), map(out), into);
}

template void multiply_transposed(MatrixBlock<const float>, MatrixBlock<const float>, float,
                                  MatrixBlock<float>, Into);
template void multiply_transposed(MatrixBlock<const double>, MatrixBlock<const double>, double,
                                  MatrixBlock<double>, Into);
template void multiply(MatrixBlock<const float>, MatrixBlock<const float>, float,
                       MatrixBlock<float>, Into);
template void multiply(MatrixBlock<const double>, MatrixBlock<const double>, double,
                       MatrixBlock<double>, Into);

}  // namespace whyclip
