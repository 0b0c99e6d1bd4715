#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "server/image_cache.h"
#include "server/image_folder.h"

namespace whyclip::server {

/// An image that a client named. It is decoded when it is needed.
struct ServedImage {
  std::string path;  ///< shown in results, as the command would show it
  std::function<std::shared_ptr<const DecodedImage>()> read;
};

/// All images that clients can name: examples, those of the folder, and uploads.
class Images {
 public:
  /// Throws Error as ImageFolder does.
  Images(const std::optional<std::filesystem::path>& folder, std::int64_t max_pixels);

  /// Throws RequestError (404) for an id that does not exist any more or never did.
  ServedImage find(const std::string& id);
  /// Decodes and keeps an image. Returns the answer of POST /api/v1/images. Throws RequestError:
  /// 413 for too many pixels, 422 for bytes that are no image.
  std::string upload(const std::string& bytes, const std::string& name);
  /// The answer of GET /api/v1/images.
  std::string list_json() const;
  /// Ids of the images of the folder instead of their paths. Throws RequestError (400) if there is
  /// no folder.
  ImageFolder::Listing folder_ids() const;
  /// The image as PNG, its longer side at most `longest`.
  static std::string png(const DecodedImage& image, int longest);

  std::size_t kept() const { return uploads_.images(); }
  std::size_t kept_bytes() const { return uploads_.bytes(); }

 private:
  std::shared_ptr<const DecodedImage> decode(std::span<const std::byte> bytes,
                                             const std::string& name) const;
  std::shared_ptr<const DecodedImage> read_file(const std::filesystem::path& file,
                                                const std::string& name);

  std::optional<ImageFolder> folder_;
  std::int64_t max_pixels_;
  ImageCache uploads_, files_;
};

}  // namespace whyclip::server
