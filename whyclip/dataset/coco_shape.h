#pragma once

// Not part of the public interface: the "segmentation" and the "bbox" of a COCO annotation.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/dataset/polygon.h"
#include "whyclip/dataset/remarks.h"

namespace whyclip::detail {

/// The image size in COCO's JSON; 0 × 0 if it has none.
struct CocoSize {
  std::int64_t width = 0, height = 0;

  bool is_known() const { return width > 0 && height > 0; }
};

/// The pixels of an annotation: the union of polygons and of run lengths.
struct CocoShape {
  std::vector<std::vector<Corner>> rings;
  std::vector<std::vector<std::uint32_t>> runs;  ///< the sum of each is the number of pixels

  bool empty() const { return rings.empty() && runs.empty(); }
};

/// A finite number, stored as a number or as text.
std::optional<double> coco_number(const nlohmann::json& value);

/// The shape of an annotation, or nullopt if neither "segmentation" nor "bbox" can be used.
/// Polygons are read as in pycocotools 2.0: corners outside of the image are allowed, and a
/// coordinate without partner is ignored. A segmentation may be a list of polygons, a single
/// polygon, run lengths, or a list of run lengths. If it has no usable outline, or is a single
/// polygon of four numbers, the bbox is the shape. `size` is the image's size; run lengths set it
/// if it is unknown. `where` names the annotation in remarks.
std::optional<CocoShape> read_coco_shape(const nlohmann::json& annotation, CocoSize& size,
                                         const std::string& where, Remarks& remarks);

}  // namespace whyclip::detail
