#include "whyclip/core/linear_weight.h"

#include <algorithm>

namespace whyclip {

LinearWeight linear_weight(double position, int cells) {
  const double inside = std::clamp(position, 0.0, double(cells - 1));
  const int before = int(inside);
  return {before, std::min(before + 1, cells - 1), inside - before};
}

}  // namespace whyclip
