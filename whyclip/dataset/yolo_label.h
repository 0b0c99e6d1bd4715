#pragma once

// Not part of the public interface.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/dataset/polygon.h"

namespace whyclip::detail {

/// "kpt_shape" of a YOLO data.yaml: so many keypoints of so many numbers, 2 or 3.
struct KeypointShape {
  int keypoints = 0, numbers = 0;
};

/// A thing of a YOLO label file.
struct YoloThing {
  int class_index = 0;
  std::vector<Corner> ring;  ///< fractions of the image's width and height
};

/// The things of a YOLO label file; none if the file is empty. A line is a class and a box (cx cy w
/// h), a class and corners (x y x y x y …, an oriented box too), or with `keypoints` a class, a box
/// and keypoints, which are not used. Text behind # is a comment. Throws Error naming the file and
/// the line where Ultralytics 8 ignores the image: numbers that are none of these, a class that
/// is no whole number or has no name, and a box, or the box around corners, of which a number is
/// above 1.01, a coordinate below −0.01, or a side negative.
std::vector<YoloThing> parse_yolo_label(std::string_view text, const std::string& file, int classes,
                                        const std::optional<KeypointShape>& keypoints);

}  // namespace whyclip::detail
