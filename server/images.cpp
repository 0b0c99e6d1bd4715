#include "server/images.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "server/examples.h"
#include "server/failure.h"
#include "whyclip/front_end.h"
#include "whyclip/whyclip.h"

namespace whyclip::server {
namespace {

using OrderedJson = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::size_t kMostUploads = 64, kMostUploadedBytes = std::size_t{1} << 30;
/// Files that were asked for just now are likely to be asked for again.
constexpr std::size_t kMostFiles = 8, kMostFileBytes = std::size_t{256} << 20;

constexpr std::string_view kExample = "example:", kFolder = "folder:", kUpload = "upload:";

OrderedJson entry(const std::string& id, const std::string& name, const char* source,
                  const OrderedJson& path) {
  return {{"id", id}, {"name", name}, {"source", source}, {"path", path}};
}

/// 413 for an image that is too large, 422 for bytes that are not an image.
[[noreturn]] void refuse_image(const Error& error) {
  const bool large = error.code() == ErrorCode::kLimit;
  throw RequestError(
      {large ? 413 : 422, large ? "too_large" : "invalid", error.where(), error.message()});
}

}  // namespace

Images::Images(const std::optional<fs::path>& folder, std::int64_t max_pixels)
    : max_pixels_(max_pixels),
      uploads_(kMostUploads, kMostUploadedBytes),
      files_(kMostFiles, kMostFileBytes) {
  if (folder) folder_.emplace(*folder);
}

ServedImage Images::find(const std::string& id) {
  if (id.starts_with(kUpload)) {
    const std::shared_ptr<const DecodedImage> kept = uploads_.find(id);
    if (!kept) {
      refuse_unknown("image", fmt::format("{} is not kept (any more): upload it again", id));
    }
    return {kept->name, [kept] { return kept; }};
  }
  if (id.starts_with(kExample)) {
    for (const Example& example : examples()) {
      if (id.substr(kExample.size()) != example.name) continue;
      return {example.path, [this, example, id] {
                if (auto known = files_.find(id)) return known;
                auto image = decode(example.bytes, example.path);
                files_.insert(id, image);
                return image;
              }};
    }
  }
  if (folder_ && id.starts_with(kFolder)) {
    const std::string relative = id.substr(kFolder.size());
    if (const std::optional<fs::path> file = folder_->find(relative)) {
      const std::string path = (folder_->name() / relative).string();
      return {path, [this, file = *file, path] { return read_file(file, path); }};
    }
  }
  refuse_unknown("image", fmt::format("no image is called \"{}\": see /api/v1/images", id));
}

std::string Images::upload(const std::string& bytes, const std::string& name) {
  const std::span<const std::byte> span = std::as_bytes(std::span(bytes));
  const std::string id = fmt::format("{}{:016x}", kUpload, seed_from(span));
  std::shared_ptr<const DecodedImage> image = uploads_.find(id);
  if (!image || image->name != name) {
    image = decode(span, name);
    uploads_.insert(id, image);
  }
  const OrderedJson json{{"id", id},
                         {"name", name},
                         {"source", "upload"},
                         {"width", image->image.width},
                         {"height", image->image.height}};
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string Images::list_json() const {
  OrderedJson list = OrderedJson::array();
  for (const Example& example : examples()) {
    list.push_back(
        entry(std::string(kExample) + example.name, example.name, "example", example.path));
  }
  bool more = false;
  if (folder_) {
    ImageFolder::Listing listing = folder_->list();
    more = listing.more;
    for (const std::string& path : listing.paths) {
      list.push_back(
          entry(std::string(kFolder) + path, path, "folder", (folder_->name() / path).string()));
    }
  }
  for (const auto& [id, name] : uploads_.names()) list.push_back(entry(id, name, "upload", {}));
  const OrderedJson json{
      {"images", std::move(list)},
      {"folder", folder_ ? OrderedJson(folder_->name().string()) : OrderedJson()},
      {"more", more}};
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

ImageFolder::Listing Images::folder_ids() const {
  if (!folder_) refuse("images", "the server has no folder: start it with --images FOLDER");
  ImageFolder::Listing listing = folder_->list();
  for (std::string& id : listing.paths) id.insert(0, kFolder);
  return listing;
}

std::string Images::png(const DecodedImage& image, int longest) {
  const std::vector<std::byte> bytes = encode_png(shrink(image.image, longest));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::shared_ptr<const DecodedImage> Images::decode(std::span<const std::byte> bytes,
                                                   const std::string& name) const {
  auto decoded = std::make_shared<DecodedImage>();
  decoded->name = name;
  try {
    decoded->image = decode_image(
        bytes, name, {.max_pixels = max_pixels_, .on_warning = [&](const std::string& warning) {
                        decoded->warnings.push_back(warning);
                      }});
  } catch (const Error& error) {
    refuse_image(error);
  }
  return decoded;
}

std::shared_ptr<const DecodedImage> Images::read_file(const fs::path& file,
                                                      const std::string& name) {
  std::error_code gone;
  const auto size = fs::file_size(file, gone);
  const auto changed = gone ? fs::file_time_type() : fs::last_write_time(file, gone);
  if (gone) refuse_unknown("image", fmt::format("{} is not there any more", name));
  // A file that was changed has another key.
  const std::string key =
      fmt::format("{}:{}:{}", file.string(), size, changed.time_since_epoch().count());
  if (auto known = files_.find(key)) return known;
  std::shared_ptr<const DecodedImage> image;
  try {
    image = decode(read_bytes(file), name);
  } catch (const Error& error) {
    refuse_image(error);
  }
  files_.insert(key, image);
  return image;
}

}  // namespace whyclip::server
