#include "whyclip/image_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {

std::vector<SkippedImage> each_image(const Clip& clip, std::span<const ImageSource> images,
                                     View view, const Progress& progress,
                                     const std::function<void(const Preprocessed& image)>& visit) {
  std::vector<SkippedImage> skipped;
  const auto total = std::int64_t(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    report_progress(progress, "images", std::int64_t(i), total);
    try {
      std::vector<std::string> warnings;  // they went to the source's own listener too
      visit(clip.prepare(images[i].read(warnings), view));
    } catch (const Error& error) {
      skipped.push_back({images[i].name, error.message()});
    }
  }
  report_progress(progress, "images", total, total);
  return skipped;
}

std::string skipped_note(std::span<const SkippedImage> skipped) {
  constexpr std::size_t kMostNames = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(skipped.size(), kMostNames); ++i) {
    names += (i == 0 ? "" : ", ") + skipped[i].name;
  }
  if (skipped.size() > kMostNames)
    names += fmt::format(" and {} more", skipped.size() - kMostNames);
  return fmt::format("{} image{} could not be read: {}.", skipped.size(),
                     skipped.size() == 1 ? "" : "s", names);
}

}  // namespace whyclip
