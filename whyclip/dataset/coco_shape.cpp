#include "whyclip/dataset/coco_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/run_length.h"

namespace whyclip::detail {
namespace {

using Json = nlohmann::json;

constexpr const char* kNoShape =
    "annotations skipped: neither their segmentation nor their bbox can be used";
constexpr const char* kBoxInstead =
    "segmentations that cannot be used: the bbox of the annotation is used instead";
constexpr const char* kPartSkipped = "parts of a segmentation skipped";
constexpr const char* kOddCount = "polygons with an odd number of coordinates: the last is ignored";

const Json* field_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// Reads one segmentation; `flaws` collects the descriptions of unusable parts.
class SegmentationReader {
 public:
  SegmentationReader(CocoSize& size, std::string where, Remarks& remarks)
      : size_(size), where_(std::move(where)), remarks_(remarks) {}

  CocoShape shape;
  std::vector<std::string> flaws;
  std::optional<std::vector<double>> four_numbers;  ///< a polygon that may be a box

  void read(const Json& value) {
    if (value.empty() || value == Json("")) return;
    if (value.is_object()) {
      read_runs(value, where_);
    } else if (!value.is_array()) {
      flaws.push_back(fmt::format("{}: neither polygons nor run lengths", where_));
    } else if (!value.front().is_structured() || is_list_of_points(value)) {
      read_polygon(value, where_);
    } else {
      for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string where = fmt::format("{}[{}]", where_, i);
        if (value[i].is_object() && !value[i].empty()) {
          read_runs(value[i], where);
        } else {
          read_polygon(value[i], where);
        }
      }
    }
  }

 private:
  /// [[x, y], [x, y], [x, y]]. It cannot be a list of polygons: a polygon needs six numbers.
  static bool is_list_of_points(const Json& value) {
    return value.size() > 2 && std::all_of(value.begin(), value.end(), [](const Json& point) {
             return point.is_array() && point.size() == 2 && !point[0].is_structured() &&
                    !point[1].is_structured();
           });
  }

  void read_polygon(const Json& value, const std::string& where) {
    if (value.empty()) return;
    std::vector<double> numbers;
    const auto add = [&](const Json& element) {
      const std::optional<double> number = coco_number(element);
      const bool usable = number && std::abs(*number) <= kMaxCoordinate;
      if (usable) numbers.push_back(*number);
      return usable;
    };
    bool sound = value.is_array();
    for (std::size_t i = 0; sound && i < value.size(); ++i) {
      const bool point = value[i].is_array() && value[i].size() == 2;
      sound = point ? add(value[i][0]) && add(value[i][1]) : add(value[i]);
    }
    if (!sound) {
      flaws.push_back(fmt::format("{}: a coordinate that is not a number of pixels", where));
      return;
    }
    if (numbers.size() < 6) {
      flaws.push_back(
          fmt::format("{}: {} numbers; a polygon needs at least 3 points", where, numbers.size()));
      if (numbers.size() == 4) four_numbers = std::move(numbers);
      return;
    }
    if (numbers.size() % 2 != 0) {
      remarks_.add(kOddCount, fmt::format("{}: {} numbers", where, numbers.size()));
    }
    std::vector<Corner> ring;
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
      ring.push_back({numbers[i], numbers[i + 1]});
    }
    shape.rings.push_back(std::move(ring));
  }

  void read_runs(const Json& value, const std::string& where) {
    const Json* const size = field_of(value, "size");
    const Json* const counts = field_of(value, "counts");
    if (size == nullptr || counts == nullptr || !size->is_array() || size->size() != 2) {
      flaws.push_back(fmt::format("{}: run lengths need \"counts\" and \"size\"", where));
      return;
    }
    const double height = coco_number((*size)[0]).value_or(0);
    const double width = coco_number((*size)[1]).value_or(0);
    constexpr double kMaxSide = std::numeric_limits<std::int32_t>::max();
    const bool possible = width >= 1 && height >= 1 && width <= kMaxSide && height <= kMaxSide;
    const bool fits =
        !size_.is_known() || (width == double(size_.width) && height == double(size_.height));
    if (!possible || !fits) {
      flaws.push_back(fmt::format(
          "{}.size: [{}, {}] is not the height and width of the image{}", where, height, width,
          size_.is_known() ? fmt::format(", [{}, {}]", size_.height, size_.width) : ""));
      return;
    }
    try {
      std::vector<std::uint32_t> runs = read_counts(*counts, where + ".counts");
      double total = 0;
      for (const std::uint32_t run : runs) total += run;
      if (total != width * height) {
        flaws.push_back(fmt::format("{}.counts: the sum is {} pixels, the image has {}", where,
                                    total, width * height));
        return;
      }
      size_ = {std::int64_t(width), std::int64_t(height)};
      shape.runs.push_back(std::move(runs));
    } catch (const Error& error) {
      flaws.push_back(error.what());
    }
  }

  static std::vector<std::uint32_t> read_counts(const Json& counts, const std::string& where) {
    if (counts.is_string()) return decode_counts(counts.get_ref<const std::string&>(), where);
    std::vector<std::uint32_t> runs;
    for (const Json& count : counts) {
      constexpr double kMax = std::numeric_limits<std::int32_t>::max();
      const double number = coco_number(count).value_or(-1);
      if (number < 0 || number > kMax || number != std::floor(number)) {
        throw Error(where, fmt::format("run length {} is not valid: {}", runs.size(),
                                       count.dump(-1, ' ', false, Json::error_handler_t::replace)));
      }
      runs.push_back(std::uint32_t(number));
    }
    return runs;
  }

  CocoSize& size_;
  std::string where_;
  Remarks& remarks_;
};

std::vector<Corner> rectangle(double x, double y, double width, double height) {
  return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

std::optional<std::vector<Corner>> read_box(const Json* value) {
  if (value == nullptr || !value->is_array() || value->size() != 4) return std::nullopt;
  std::vector<double> box;
  for (const Json& number : *value) box.push_back(coco_number(number).value_or(std::nan("")));
  const bool sound = std::abs(box[0]) <= kMaxCoordinate && std::abs(box[1]) <= kMaxCoordinate &&
                     box[2] > 0 && box[2] <= kMaxCoordinate && box[3] > 0 &&
                     box[3] <= kMaxCoordinate;
  if (!sound) return std::nullopt;
  return rectangle(box[0], box[1], box[2], box[3]);
}

}  // namespace

std::optional<double> coco_number(const Json& value) {
  double number = std::nan("");
  if (value.is_number()) {
    number = value.get<double>();
  } else if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    const std::size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
    if (first == text.npos) return std::nullopt;
    const char* const end = text.data() + last + 1;
    const auto [stop, code] = std::from_chars(text.data() + first, end, number);
    if (code != std::errc() || stop != end) return std::nullopt;
  }
  return std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

std::optional<CocoShape> read_coco_shape(const Json& annotation, CocoSize& size,
                                         const std::string& where, Remarks& remarks) {
  SegmentationReader reader(size, where + ".segmentation", remarks);
  if (const Json* value = field_of(annotation, "segmentation")) reader.read(*value);
  if (!reader.shape.empty()) {
    for (std::string& flaw : reader.flaws) remarks.add(kPartSkipped, std::move(flaw));
    return std::move(reader.shape);
  }
  std::optional<std::vector<Corner>> box = read_box(field_of(annotation, "bbox"));
  const bool is_box = reader.four_numbers && reader.flaws.size() == 1;
  if (!box && is_box && (*reader.four_numbers)[2] > 0 && (*reader.four_numbers)[3] > 0) {
    const std::vector<double>& four = *reader.four_numbers;
    box = rectangle(four[0], four[1], four[2], four[3]);
  }
  if (!box) {
    const std::string flaw = reader.flaws.empty() ? where : reader.flaws.front();
    remarks.add(kNoShape, flaw);
    return std::nullopt;
  }
  if (!is_box && !reader.flaws.empty()) remarks.add(kBoxInstead, reader.flaws.front());
  return CocoShape{{std::move(*box)}, {}};
}

}  // namespace whyclip::detail
