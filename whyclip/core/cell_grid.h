#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace whyclip {

/// Values of several channels on a grid of cells (patches, pixels), wherever they lie in memory.
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

/// Channels side by side in each cell, as patch embeddings have them.
CellGrid cells_of_channels(int rows, int columns, std::int64_t channels);
/// A plane for each channel, as pixels have them.
CellGrid planes_of_cells(int rows, int columns, std::int64_t channels);

/// Σ over channels and over pairs of neighbours, side by side and one above the other, of the
/// squared difference: total variation with β = 2 (Mahendran and Vedaldi 2015, eq. 4).
double total_variation(std::span<const float> values, const CellGrid& grid);
/// Adds weight · ∂total_variation/∂values to `gradient`.
void add_total_variation_gradient(std::span<const float> values, const CellGrid& grid,
                                  double weight, std::span<float> gradient);

/// Convolves each channel with a Gaussian of deviation `sigma` in cells, cut off at 3 deviations;
/// at the borders its weights are made to sum to one again. Leaves everything as it is for 0.
void low_pass(std::span<float> values, const CellGrid& grid, double sigma);
/// Its adjoint: turns a gradient by what low_pass gives into one by what it was given.
void low_pass_adjoint(std::span<float> gradient, const CellGrid& grid, double sigma);

}  // namespace whyclip
