#include "whyclip/model/long_clip.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {

WeightTransform long_clip_positions(const StoredTensor& second, int first_row, std::string where) {
  return [&second, first_row, where = std::move(where)](std::string_view name,
                                                        std::vector<float>& values) {
    if (name != "text.positions") return;
    const std::vector<float> rows = to_floats(second, where);
    if (rows.size() != values.size() || second.shape.size() != 2) {
      throw Error(where, fmt::format("expected {} values in two dimensions as the first table of "
                                     "positions has, got {}",
                                     values.size(), rows.size()));
    }
    if (!kernels::all_finite(rows.data(), std::int64_t(rows.size()))) {
      throw Error(where, "holds NaN or infinite values; the checkpoint is damaged");
    }
    const auto from = std::ptrdiff_t(first_row * second.shape[1]);
    std::copy(rows.begin() + from, rows.end(), values.begin() + from);
  };
}

}  // namespace whyclip
