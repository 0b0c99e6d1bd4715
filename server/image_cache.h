#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip::server {

/// An image with what was said when it was decoded.
struct DecodedImage {
  std::string name;  ///< for the reader: a path
  Image image;
  std::vector<std::string> warnings;  ///< about a damaged file
};

/// Decoded images by key. The least recently used ones are dropped past a number of images or of
/// bytes; those in use live on until their users are done.
class ImageCache {
 public:
  ImageCache(std::size_t most_images, std::size_t most_bytes)
      : most_images_(most_images), most_bytes_(most_bytes) {}

  /// Null if there is none.
  std::shared_ptr<const DecodedImage> find(const std::string& key);
  void insert(const std::string& key, std::shared_ptr<const DecodedImage> image);

  std::size_t images() const;
  std::size_t bytes() const;
  /// Keys and names, the most recently used first.
  std::vector<std::pair<std::string, std::string>> names() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const DecodedImage> image;
  };

  const std::size_t most_images_, most_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the most recently used first
  std::size_t bytes_ = 0;
};

}  // namespace whyclip::server
