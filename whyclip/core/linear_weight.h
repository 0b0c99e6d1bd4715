#pragma once

namespace whyclip {

/// Linear interpolation between two neighbouring cells along one axis of a grid.
struct LinearWeight {
  int before = 0, after = 0;
  double weight_after = 0;
};

/// Cell i has its centre at position i. Positions before the first centre or after the last one get
/// the value of that cell. `cells` is at least 1.
LinearWeight linear_weight(double position, int cells);

}  // namespace whyclip
