#include "server/image_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <system_error>

#include "whyclip/core/error.h"

namespace whyclip::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostListed = 2000;
constexpr int kMostFolderDepth = 8;

bool ends_like_an_image(const fs::path& path) {
  constexpr std::array<std::string_view, 6> kEndings{".jpg",  ".jpeg", ".jpe",
                                                     ".jfif", ".png",  ".webp"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// Whether a path without links lies in a folder without links.
bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto ends = std::ranges::mismatch(folder, path);
  return ends.in1 == folder.end();
}

/// Whether each part of a path names something below the part before it. Others are refused before
/// the disk is read: the answer would tell which folders exist elsewhere.
bool goes_down(std::string_view path) {
  while (true) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

}  // namespace

ImageFolder::ImageFolder(const fs::path& folder) : name_(folder) {
  std::error_code code;
  root_ = fs::canonical(folder, code);
  if (!code) fs::directory_iterator(root_, code);
  if (code) {
    throw Error(folder.string(), "is not a folder that can be listed: " + code.message(),
                ErrorCode::kIo);
  }
}

ImageFolder::Listing ImageFolder::list() const {
  Listing listing;
  std::error_code code;
  fs::recursive_directory_iterator entry(root_, fs::directory_options::skip_permission_denied,
                                         code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    std::error_code unknown;
    if (entry->is_directory(unknown)) {
      if (is_hidden(entry->path()) || entry.depth() >= kMostFolderDepth) {
        entry.disable_recursion_pending();
      }
      continue;
    }
    const std::string relative = entry->path().lexically_relative(root_).string();
    if (is_hidden(entry->path()) || !find(relative)) continue;
    listing.paths.push_back(relative);
    listing.more = listing.paths.size() > kMostListed;
    if (listing.more) break;
  }
  if (listing.more) listing.paths.pop_back();
  std::ranges::sort(listing.paths);
  return listing;
}

std::optional<fs::path> ImageFolder::find(const std::string& relative) const {
  if (!goes_down(relative) || relative.find('\0') != std::string::npos) return {};
  const fs::path path(relative);
  if (!ends_like_an_image(path)) return {};
  std::error_code code;
  const fs::path found = fs::canonical(root_ / path, code);  // resolves links
  if (code || !lies_in(found, root_) || !fs::is_regular_file(found, code)) return {};
  return found;
}

}  // namespace whyclip::server
