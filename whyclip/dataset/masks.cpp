#include "whyclip/dataset/masks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"

namespace whyclip::detail {
namespace {

bool is_empty(const std::vector<std::uint8_t>& mask) {
  return std::find(mask.begin(), mask.end(), 1) == mask.end();
}

void allocate(ImageAnnotation& truth, std::size_t pixels) {
  for (ThingMask& thing : truth.things) {
    thing.inside.assign(pixels, 0);
    for (PartMask& part : thing.parts) part.inside.assign(pixels, 0);
  }
  truth.ignored.assign(pixels, 0);
}

void mark(ImageAnnotation& truth, const LabelOwner& owner, std::size_t pixel) {
  if (owner.thing == LabelOwner::kIgnored) {
    truth.ignored[pixel] = 1;
    return;
  }
  ThingMask& thing = truth.things[std::size_t(owner.thing)];
  thing.inside[pixel] = 1;
  if (owner.part >= 0) thing.parts[std::size_t(owner.part)].inside[pixel] = 1;
}

void check_things(const ImageAnnotation& truth, const std::string& where) {
  for (const ThingMask& thing : truth.things) {
    if (is_empty(thing.inside)) {
      throw Error(where, fmt::format("\"{}\" has no pixel in this mask", thing.name));
    }
  }
}

}  // namespace

void check_mask_size(const MaskFrame& frame, std::int64_t width, std::int64_t height,
                     const std::string& where) {
  if (width == frame.width && height == frame.height) return;
  const bool turned = width == frame.height && height == frame.width;
  throw Error(where, fmt::format("the mask must have the size of its image, {} × {}, got {} × {}{}",
                                 frame.width, frame.height, width, height,
                                 turned ? "; the image is turned by its EXIF orientation, and the "
                                          "mask has to be turned alike"
                                        : ""));
}

void check_mask_memory(const MaskFrame& frame, std::size_t masks, const std::string& where) {
  const std::size_t most = std::size_t(std::max<std::int64_t>(frame.max_bytes, 0));
  if (masks <= most / std::max<std::size_t>(frame.pixels(), 1)) return;
  throw Error(where, fmt::format("{} masks of {} × {} pixels take more than {} bytes; scale image "
                                 "and mask down",
                                 masks, frame.width, frame.height, most));
}

ImageAnnotation mark_labels(ImageAnnotation truth, const LabelImage& image,
                        const std::unordered_map<int, LabelOwner>& owners, const MaskFrame& frame,
                        const std::string& where) {
  check_mask_size(frame, image.width, image.height, where);
  std::size_t masks = 1;
  for (const ThingMask& thing : truth.things) masks += 1 + thing.parts.size();
  check_mask_memory(frame, masks, where);
  truth.width = frame.width;
  truth.height = frame.height;
  allocate(truth, frame.pixels());
  auto owner = owners.end();
  for (std::size_t i = 0; i < image.labels.size(); ++i) {
    const int label = image.labels[i];
    if (label == 0) continue;
    // Neighbours mostly have the same label.
    if (owner == owners.end() || owner->first != label) owner = owners.find(label);
    if (owner == owners.end()) {
      const std::size_t width = std::size_t(frame.width);
      throw Error(where, fmt::format("label {} (first at x {}, y {}) has no name",
                                     label_name(image, label), i % width, i / width));
    }
    mark(truth, owner->second, i);
  }
  check_things(truth, where);
  if (is_empty(truth.ignored)) truth.ignored.clear();
  return truth;
}

ImageAnnotation without_empty_things(ImageAnnotation truth) {
  std::erase_if(truth.things, [](const ThingMask& thing) { return is_empty(thing.inside); });
  if (is_empty(truth.ignored)) truth.ignored.clear();
  for (const ThingMask& thing : truth.things) {
    for (std::size_t i = 0; i < truth.ignored.size(); ++i) {
      truth.ignored[i] &= std::uint8_t(1 - thing.inside[i]);
    }
  }
  if (is_empty(truth.ignored)) truth.ignored.clear();
  return truth;
}

LabelImage read_mask_labels(const std::filesystem::path& file, const MaskFrame& frame,
                            PaletteLabels palette) {
  DecodeOptions options;
  options.max_pixels = std::max(options.max_pixels, std::int64_t(frame.pixels()));
  return read_labels(file, options, palette);
}

}  // namespace whyclip::detail
