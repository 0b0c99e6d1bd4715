#include "whyclip/dataset/remarks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace whyclip::detail {
namespace {

constexpr std::size_t kMostExamples = 3;

}  // namespace

DatasetRemark& Remarks::remark_of(std::string_view what, bool images) {
  const auto known = std::find_if(
      remarks_.begin(), remarks_.end(),
      [&](const DatasetRemark& remark) { return remark.what == what && remark.images == images; });
  if (known != remarks_.end()) return *known;
  return remarks_.emplace_back(DatasetRemark{std::string(what), images, 0, {}});
}

void Remarks::add(std::string_view what, std::string where) {
  DatasetRemark& remark = remark_of(what, false);
  ++remark.count;
  if (remark.examples.size() < kMostExamples) remark.examples.push_back(std::move(where));
}

void Remarks::add_image(std::string_view what, std::string where) {
  DatasetRemark& remark = remark_of(what, true);
  ++remark.count;
  if (remark.examples.size() < kMostExamples) remark.examples.push_back(std::move(where));
}

void Remarks::append(const Remarks& others) {
  for (const DatasetRemark& other : others.remarks_) {
    DatasetRemark& remark = remark_of(other.what, other.images);
    remark.count += other.count;
    for (const std::string& example : other.examples) {
      if (remark.examples.size() < kMostExamples) remark.examples.push_back(example);
    }
  }
}

}  // namespace whyclip::detail

namespace whyclip {

std::string text_of(const DatasetRemark& remark) {
  std::string text = remark.what + " (" + std::to_string(remark.count) + "): ";
  for (std::size_t i = 0; i < remark.examples.size(); ++i) {
    text += (i == 0 ? "" : "; ") + remark.examples[i];
  }
  const std::int64_t more = remark.count - std::int64_t(remark.examples.size());
  if (more > 0) text += "; and " + std::to_string(more) + " more";
  return text;
}

}  // namespace whyclip
