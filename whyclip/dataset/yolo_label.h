#pragma once

// Not part of the public interface.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/dataset/polygon.h"

namespace whyclip::detail {

/// "kpt_shape" of a YOLO data.yaml: the number of keypoints, and of numbers per keypoint (2 or 3).
struct KeypointShape {
  int keypoints = 0, numbers = 0;
};

/// A thing of a YOLO label file.
struct YoloThing {
  int class_index = 0;
  std::vector<Corner> ring;  ///< fractions of the image's width and height
};

/// The things of a YOLO label file; none if the file is empty. A line is a class and a box
/// (cx cy w h), a class and corners (x y x y x y …, also for an oriented box), or with `keypoints`
/// a class, a box and keypoints, which are ignored. Text after # is a comment. Throws Error naming
/// the file and the line if Ultralytics 8 would ignore the image: for any other numbers, for a
/// class that is not an integer or has no name, and for a box, or bounding box of corners, with a
/// number above 1.01, a coordinate below −0.01 or a negative side.
std::vector<YoloThing> parse_yolo_label(std::string_view text, const std::string& file, int classes,
                                        const std::optional<KeypointShape>& keypoints);

}  // namespace whyclip::detail
