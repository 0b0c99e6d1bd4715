#include "server/image_cache.h"

#include <algorithm>

namespace whyclip::server {

std::shared_ptr<const DecodedImage> ImageCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return entries_.front().image;
}

void ImageCache::insert(const std::string& key, std::shared_ptr<const DecodedImage> image) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  if (found != entries_.end()) {
    bytes_ -= found->image->image.rgb.size();
    entries_.erase(found);
  }
  bytes_ += image->image.rgb.size();
  entries_.push_front({key, std::move(image)});
  // The newest stays, however large it is: its sender is about to ask for it.
  while (entries_.size() > 1 && (entries_.size() > most_images_ || bytes_ > most_bytes_)) {
    bytes_ -= entries_.back().image->image.rgb.size();
    entries_.pop_back();
  }
}

std::size_t ImageCache::images() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t ImageCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::vector<std::pair<std::string, std::string>> ImageCache::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> names;
  for (const Entry& entry : entries_) names.emplace_back(entry.key, entry.image->name);
  return names;
}

}  // namespace whyclip::server
