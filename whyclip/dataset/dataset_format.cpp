#include <fmt/format.h>

#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset.h"

namespace whyclip {
namespace {

constexpr std::pair<DatasetFormat, std::string_view> kNames[] = {
    {DatasetFormat::kWhyclip, "whyclip"}, {DatasetFormat::kLabelImages, "labels"},
    {DatasetFormat::kCoco, "coco"},       {DatasetFormat::kYolo, "yolo"},
    {DatasetFormat::kImages, "images"},
};

}  // namespace

std::string_view dataset_format_name(DatasetFormat format) {
  for (const auto& [known, name] : kNames) {
    if (known == format) return name;
  }
  return "unknown";
}

DatasetFormat find_dataset_format(std::string_view name) {
  std::string names;
  for (const auto& [format, known] : kNames) {
    if (known == name) return format;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", known);
  }
  throw Error("format of the data set", fmt::format("expected one of {}; got \"{}\"", names, name));
}

}  // namespace whyclip
