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

/// What COCO's JSON says of an image's size; 0 × 0 if it does not say.
struct CocoSize {
  std::int64_t width = 0, height = 0;

  bool is_known() const { return width > 0 && height > 0; }
};

/// The pixels of an annotation: the union of polygons and of run lengths.
struct CocoShape {
  std::vector<std::vector<Corner>> rings;
  std::vector<std::vector<std::uint32_t>> runs;  ///< each adds up to the image's pixels

  bool empty() const { return rings.empty() && runs.empty(); }
};

/// A finite number, written as a number or as text.
std::optional<double> coco_number(const nlohmann::json& value);

/// The shape of an annotation, or nothing if neither "segmentation" nor "bbox" can be used.
/// Polygons are used as pycocotools 2.0 uses them: corners outside of the image are allowed, and
/// a number that is left over is dropped. A segmentation may be a list of polygons, a single
/// polygon, run lengths, or a list of these. Where it has no usable outline, or a single polygon of
/// four numbers, the bbox is the shape. `size` is the image's; run lengths set it where it is not
/// known. `where` names the annotation in remarks.
std::optional<CocoShape> read_coco_shape(const nlohmann::json& annotation, CocoSize& size,
                                         const std::string& where, Remarks& remarks);

}  // namespace whyclip::detail
