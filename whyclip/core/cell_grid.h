#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace whyclip {

/// Layout of the values of several channels on a grid of cells (patches, pixels).
struct CellGrid {
  int rows = 0, columns = 0;
  std::int64_t channels = 0;
  std::int64_t cell_stride = 0, channel_stride = 0;  ///< in values

  std::int64_t cells() const { return std::int64_t{rows} * columns; }
  std::size_t size() const { return std::size_t(cells() * channels); }
  std::int64_t at(std::int64_t cell, std::int64_t channel) const {
    return cell * cell_stride + channel * channel_stride;
  }
};

/// Channels last: the layout of patch embeddings.
CellGrid cells_of_channels(int rows, int columns, std::int64_t channels);
/// Channels first: the layout of pixels.
CellGrid planes_of_cells(int rows, int columns, std::int64_t channels);

/// Sum of squared differences over channels and over horizontal and vertical pairs of neighbours:
/// total variation with β = 2 (Mahendran and Vedaldi 2015, eq. 4).
double total_variation(std::span<const float> values, const CellGrid& grid);
/// Adds weight · ∂total_variation/∂values to `gradient`.
void add_total_variation_gradient(std::span<const float> values, const CellGrid& grid,
                                  double weight, std::span<float> gradient);

/// Convolves each channel with a Gaussian of standard deviation `sigma` (in cells), truncated at 3
/// sigma and renormalised at the borders. Does nothing if `sigma` is 0.
void low_pass(std::span<float> values, const CellGrid& grid, double sigma);
/// Adjoint of low_pass: turns a gradient by its output into a gradient by its input.
void low_pass_adjoint(std::span<float> gradient, const CellGrid& grid, double sigma);

}  // namespace whyclip
