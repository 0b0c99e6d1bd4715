#include "whyclip/dataset/yolo_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

constexpr std::string_view kBlanks = " \t\v\f";
constexpr double kMax = 1.01, kMin = -0.01;  // tolerance of Ultralytics 8

std::vector<std::string_view> split_line(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return words;
    const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::vector<double> parse_numbers(std::string_view line, const std::string& where) {
  std::vector<double> numbers;
  for (const std::string_view word : split_line(line)) {
    const std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
    double number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, code] = std::from_chars(digits.data(), end, number);
    if (code != std::errc() || stop != end) {
      throw Error(where, fmt::format("expected numbers separated by blanks, got \"{}\"", word));
    }
    numbers.push_back(number);
  }
  return numbers;
}

int parse_class(double number, int classes, const std::string& where) {
  const bool known = number >= 0 && number < classes && number == std::floor(number);
  if (known) return int(number);
  throw Error(where, fmt::format("expected a class from 0 to {} (one of the class names), got {}",
                                 classes - 1, number));
}

struct Box {
  double x = 0, y = 0, width = 0, height = 0;  ///< centre and sides
};

Box box_around(const std::vector<Corner>& ring) {
  const auto [left, right] = std::minmax_element(
      ring.begin(), ring.end(), [](const Corner& a, const Corner& b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(
      ring.begin(), ring.end(), [](const Corner& a, const Corner& b) { return a.y < b.y; });
  return {(left->x + right->x) / 2, (top->y + bottom->y) / 2, right->x - left->x,
          bottom->y - top->y};
}

void check_box(const Box& box, const std::string& where) {
  const auto fits = [](double number, double least) { return number >= least && number <= kMax; };
  if (fits(box.x, kMin) && fits(box.y, kMin) && fits(box.width, 0) && fits(box.height, 0)) {
    return;
  }
  throw Error(where, fmt::format("expected fractions of the image's sides, got a thing with its "
                                 "centre at x {}, y {}, {} wide and {} high; divide pixels by the "
                                 "width and the height",
                                 box.x, box.y, box.width, box.height));
}

[[noreturn]] void throw_wrong_count(std::size_t count, const std::string& where) {
  if (count == 6) {
    throw Error(where,
                "6 numbers are a class, a box and a confidence, but labels have no confidence; "
                "remove the last column");
  }
  const char* const hint = count >= 8 ? "; if these are keypoints, add kpt_shape to data.yaml" : "";
  throw Error(where,
              fmt::format("expected a class and a box (5 numbers), or a class and at least 3 "
                          "points, got {} numbers{}",
                          count, hint));
}

/// The ring from a line's numbers after the class.
std::vector<Corner> parse_ring(const std::vector<double>& numbers,
                               const std::optional<KeypointShape>& keypoints,
                               const std::string& where) {
  const std::size_t pose =
      keypoints ? 5 + std::size_t(keypoints->keypoints) * std::size_t(keypoints->numbers) : 5;
  if (numbers.size() == 5 || numbers.size() == pose) {
    const Box box{numbers[1], numbers[2], numbers[3], numbers[4]};
    check_box(box, where);
    const double left = box.x - box.width / 2, right = box.x + box.width / 2;
    const double top = box.y - box.height / 2, bottom = box.y + box.height / 2;
    return {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
  }
  if (numbers.size() < 7 || numbers.size() % 2 == 0) throw_wrong_count(numbers.size(), where);
  std::vector<Corner> ring;
  bool finite = true;
  for (std::size_t i = 1; i + 1 < numbers.size(); i += 2) {
    ring.push_back({numbers[i], numbers[i + 1]});
    finite = finite && std::isfinite(numbers[i]) && std::isfinite(numbers[i + 1]);
  }
  if (!finite) throw Error(where, "a corner is not a finite number");
  check_box(box_around(ring), where);
  return ring;
}

}  // namespace

std::vector<YoloThing> parse_yolo_label(std::string_view text, const std::string& file, int classes,
                                        const std::optional<KeypointShape>& keypoints) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<YoloThing> things;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string where = fmt::format("{}: line {}", file, number);
    const std::vector<double> numbers = parse_numbers(text.substr(0, end), where);
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(text.size(), 1));
    if (numbers.empty()) continue;
    std::vector<Corner> ring = parse_ring(numbers, keypoints, where);
    things.push_back({parse_class(numbers[0], classes, where), std::move(ring)});
  }
  return things;
}

}  // namespace whyclip::detail
