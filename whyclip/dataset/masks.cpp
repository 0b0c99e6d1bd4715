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

void allocate(ImageAnnotation& annotation, std::size_t pixels) {
  for (ThingMask& thing : annotation.things) {
    thing.inside.assign(pixels, 0);
    for (PartMask& part : thing.parts) part.inside.assign(pixels, 0);
  }
  annotation.ignored.assign(pixels, 0);
}

void mark(ImageAnnotation& annotation, const LabelOwner& owner, std::size_t pixel) {
  if (owner.thing == LabelOwner::kIgnored) {
    annotation.ignored[pixel] = 1;
    return;
  }
  ThingMask& thing = annotation.things[std::size_t(owner.thing)];
  thing.inside[pixel] = 1;
  if (owner.part >= 0) thing.parts[std::size_t(owner.part)].inside[pixel] = 1;
}

void check_things(const ImageAnnotation& annotation, const std::string& where) {
  for (const ThingMask& thing : annotation.things) {
    if (is_empty(thing.inside)) {
      throw Error(where, fmt::format("\"{}\" has no pixel in this mask", thing.name));
    }
  }
}

}  // namespace

void check_mask_size(const MaskFrame& frame, std::int64_t width, std::int64_t height,
                     const std::string& where) {
  if (width == frame.width && height == frame.height) return;
  const bool transposed = width == frame.height && height == frame.width;
  throw Error(where, fmt::format("the mask must have the size of its image, {} × {}, got {} × {}{}",
                                 frame.width, frame.height, width, height,
                                 transposed ? "; the EXIF orientation rotates the image, rotate "
                                              "the mask in the same way"
                                            : ""));
}

void check_mask_memory(const MaskFrame& frame, std::size_t masks, const std::string& where) {
  const std::size_t limit = std::size_t(std::max<std::int64_t>(frame.max_bytes, 0));
  if (masks <= limit / std::max<std::size_t>(frame.pixels(), 1)) return;
  throw Error(where, fmt::format("{} masks of {} × {} pixels take more than {} bytes; scale the "
                                 "image and its mask down",
                                 masks, frame.width, frame.height, limit));
}

ImageAnnotation mark_labels(ImageAnnotation annotation, const LabelImage& image,
                            const std::unordered_map<int, LabelOwner>& owners,
                            const MaskFrame& frame, const std::string& where) {
  check_mask_size(frame, image.width, image.height, where);
  std::size_t masks = 1;
  for (const ThingMask& thing : annotation.things) masks += 1 + thing.parts.size();
  check_mask_memory(frame, masks, where);
  annotation.width = frame.width;
  annotation.height = frame.height;
  allocate(annotation, frame.pixels());
  auto owner = owners.end();
  for (std::size_t i = 0; i < image.labels.size(); ++i) {
    const int label = image.labels[i];
    if (label == 0) continue;
    // Adjacent pixels mostly have the same label.
    if (owner == owners.end() || owner->first != label) owner = owners.find(label);
    if (owner == owners.end()) {
      const std::size_t width = std::size_t(frame.width);
      throw Error(where, fmt::format("label {} (first at x {}, y {}) has no name",
                                     label_name(image, label), i % width, i / width));
    }
    mark(annotation, owner->second, i);
  }
  check_things(annotation, where);
  if (is_empty(annotation.ignored)) annotation.ignored.clear();
  return annotation;
}

ImageAnnotation without_empty_things(ImageAnnotation annotation) {
  std::erase_if(annotation.things, [](const ThingMask& thing) { return is_empty(thing.inside); });
  if (is_empty(annotation.ignored)) annotation.ignored.clear();
  for (const ThingMask& thing : annotation.things) {
    for (std::size_t i = 0; i < annotation.ignored.size(); ++i) {
      annotation.ignored[i] &= std::uint8_t(1 - thing.inside[i]);
    }
  }
  if (is_empty(annotation.ignored)) annotation.ignored.clear();
  return annotation;
}

LabelImage read_mask_labels(const std::filesystem::path& file, const MaskFrame& frame,
                            PaletteLabels palette) {
  DecodeOptions options;
  options.max_pixels = std::max(options.max_pixels, std::int64_t(frame.pixels()));
  return read_labels(file, options, palette);
}

}  // namespace whyclip::detail
