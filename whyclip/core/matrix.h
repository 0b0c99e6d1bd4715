#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace whyclip {

/// A weight matrix packed once for repeated products. All products with weights use this class;
/// another back-end is another implementation of it. A product does not depend on the number of
/// rows computed together or on the number of threads: a row gives the same bits alone and in a
/// batch (tested).
class PackedMatrix {
 public:
  enum class Direction {
    kForward,  ///< y = x Wᵀ (+ bias): x (rows, inputs), y (rows, outputs)
    kAdjoint,  ///< y = x W: x (rows, outputs), y (rows, inputs)
  };

  /// `weight` is (outputs, inputs), row-major; `bias` is (outputs) or null; both are copied.
  PackedMatrix(const float* weight, std::int64_t outputs, std::int64_t inputs, const float* bias,
               Direction direction);
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;
  ~PackedMatrix();

  /// oneDNN's name for the kernel in use.
  const std::string& kernel() const;

  /// The result must not overlap x. Safe to call from several threads at once.
  void multiply(const float* x, std::int64_t rows, float* y, int threads) const;
  /// The product without the bias, if there is one.
  void multiply_without_bias(const float* x, std::int64_t rows, float* y, int threads) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace whyclip
