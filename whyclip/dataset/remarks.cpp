#include "whyclip/dataset/remarks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace whyclip::detail {
namespace {

constexpr std::size_t kMaxExamples = 3;

}  // namespace

DatasetRemark& Remarks::remark_of(std::string_view kind, bool images) {
  const auto known = std::find_if(
      remarks_.begin(), remarks_.end(),
      [&](const DatasetRemark& remark) { return remark.kind == kind && remark.images == images; });
  if (known != remarks_.end()) return *known;
  return remarks_.emplace_back(DatasetRemark{std::string(kind), images, 0, {}});
}

void Remarks::add(std::string_view kind, std::string example) {
  DatasetRemark& remark = remark_of(kind, false);
  ++remark.count;
  if (remark.examples.size() < kMaxExamples) remark.examples.push_back(std::move(example));
}

void Remarks::add_image(std::string_view kind, std::string example) {
  DatasetRemark& remark = remark_of(kind, true);
  ++remark.count;
  if (remark.examples.size() < kMaxExamples) remark.examples.push_back(std::move(example));
}

void Remarks::append(const Remarks& others) {
  for (const DatasetRemark& other : others.remarks_) {
    DatasetRemark& remark = remark_of(other.kind, other.images);
    remark.count += other.count;
    for (const std::string& example : other.examples) {
      if (remark.examples.size() < kMaxExamples) remark.examples.push_back(example);
    }
  }
}

}  // namespace whyclip::detail

namespace whyclip {

std::string text_of(const DatasetRemark& remark) {
  std::string text = remark.kind + " (" + std::to_string(remark.count) + "): ";
  for (std::size_t i = 0; i < remark.examples.size(); ++i) {
    text += (i == 0 ? "" : "; ") + remark.examples[i];
  }
  const std::int64_t more = remark.count - std::int64_t(remark.examples.size());
  if (more > 0) text += "; and " + std::to_string(more) + " more";
  return text;
}

}  // namespace whyclip
