#include "cli/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace whyclip::cli {
namespace {

namespace fs = std::filesystem;

/// No image needs more encoded bytes; a stream without an end must not fill the memory.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

/// Endings of images, those of kinds too that are not read: their errors say which kind it is.
constexpr std::array<std::string_view, 22> kEndings{
    ".jpg",  ".jpeg", ".jpe",  ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp", ".tif", ".tiff",
    ".heic", ".heif", ".avif", ".jxl",  ".jp2", ".ico",  ".ppm",  ".pgm", ".svg", ".psd", ".tga"};

bool ends_like_a_image(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

/// Whether the first bytes are those of a JPEG, PNG or WebP, or cannot be read.
bool begins_like_a_image(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return true;
  std::array<char, 12> bytes{};
  file.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), std::size_t(file.gcount()));
  return start.starts_with("\xff\xd8\xff") || start.starts_with("\x89PNG\r\n\x1a\n") ||
         (start.starts_with("RIFF") && start.ends_with("WEBP"));
}

/// Why an entry of a folder is not an image; empty if it is one, or must be tried.
std::string reason_against(const fs::directory_entry& entry) {
  const bool hidden = entry.path().filename().string().starts_with('.');
  std::error_code unknown;
  const fs::file_status status = entry.status(unknown);
  switch (status.type()) {
    case fs::file_type::regular:
      return ends_like_a_image(entry.path()) || begins_like_a_image(entry.path())
                 ? ""
                 : "is not an image";
    case fs::file_type::directory:
      return "is a folder; name it to have its images too";
    case fs::file_type::fifo:
    case fs::file_type::socket:
    case fs::file_type::block:
    case fs::file_type::character:
      return "is a pipe or device";
    default:  // a link that leads nowhere; editors' locks are hidden ones
      return hidden && !ends_like_a_image(entry.path()) ? "is a link that leads nowhere" : "";
  }
}

void add_folder(const std::string& folder, ImageList& list) {
  std::vector<std::string> inside;
  std::size_t folders = 0;
  std::error_code code;
  fs::directory_iterator entry(folder, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    std::string reason = reason_against(*entry);
    folders += reason.starts_with("is a folder") ? 1 : 0;
    if (reason.empty()) {
      inside.push_back(entry->path().string());
    } else {
      list.others.push_back({entry->path().string(), std::move(reason)});
    }
  }
  if (code) {
    list.failed.push_back({folder, fmt::format("cannot list the folder: {}", code.message())});
  } else if (inside.empty()) {
    list.failed.push_back(
        {folder, fmt::format("the folder holds no JPEG, PNG or WebP image (.jpg, .png, .webp){}",
                             folders == 0 ? "" : "; it holds folders: name those")});
  }
  std::sort(inside.begin(), inside.end());
  list.paths.insert(list.paths.end(), inside.begin(), inside.end());
}

bool is_standard_input(const std::string& path) {
  return path == "-" || path == "/dev/stdin" || path == "/dev/fd/0" || path == "/proc/self/fd/0";
}

/// Throws Error for a link that cannot be followed: the system's words for it name no link.
void check_link(const std::string& path) {
  std::error_code code, ignored;
  if (!fs::is_symlink(fs::symlink_status(path, ignored))) return;
  const fs::file_status status = fs::status(path, code);
  if (code == std::errc::too_many_symbolic_link_levels) {
    throw Error(path, "is a link that leads back to itself");
  }
  if (status.type() == fs::file_type::not_found) {
    throw Error(path, fmt::format("is a link to {}, which is not there",
                                  fs::read_symlink(path, ignored).string()));
  }
}

/// "a.png, b.png and 3 more"
std::string first_names(const std::vector<Skipped>& entries) {
  constexpr std::size_t kMost = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(entries.size(), kMost); ++i) {
    names += (i == 0 ? "" : ", ") + entries[i].path;
  }
  if (entries.size() > kMost) names += fmt::format(" and {} more", entries.size() - kMost);
  return names;
}

std::vector<std::byte> read_standard_input() {
  std::vector<std::byte> bytes;
  std::byte block[65536];
  while (const std::size_t n = std::fread(block, 1, sizeof block, stdin)) {
    bytes.insert(bytes.end(), block, block + n);
    if (bytes.size() > kMostBytes)
      throw Error("standard input", "is larger than 1 GiB: not an image");
  }
  return bytes;
}

}  // namespace

ImageList list_images(const std::vector<std::string>& arguments) {
  ImageList list;
  for (const std::string& argument : arguments) {
    std::error_code unknown;  // what cannot be evaluated fails when it is read, by its name
    if (argument == "-" || !fs::is_directory(argument, unknown)) {
      list.paths.push_back(argument);
    } else {
      add_folder(argument, list);
    }
  }
  std::ranges::sort(list.others, {}, &Skipped::path);
  if (list.paths.empty() && !list.failed.empty()) {
    throw Error(list.failed[0].path, list.failed[0].reason);
  }
  return list;
}

void warn_of_skipped(const ImageList& list) {
  for (const Skipped& folder : list.failed) {
    warn(fmt::format("[{}] {}", folder.path, folder.reason));
  }
  if (list.others.empty()) return;
  const std::size_t count = list.others.size();
  warn(count == 1 ? fmt::format("skipped: {} {}", list.others[0].path, list.others[0].reason)
                  : fmt::format("skipped: {} entries that are not images: {}", count,
                                first_names(list.others)));
}

Image load_image(const std::string& path, const DecodeOptions& options) {
  if (is_standard_input(path))
    return decode_image(read_standard_input(), "standard input", options);
  check_link(path);
  return read_image(path, options);
}

std::vector<ImageSource> image_sources(const ImageList& list, const ImageOptions& options) {
  const DecodeOptions decode = options.decode();
  std::vector<ImageSource> sources;
  for (const Skipped& failed : list.failed) {
    sources.push_back(
        {failed.path, [failed](auto&) -> Image { throw Error(failed.path, failed.reason); }});
  }
  for (const std::string& path : list.paths) {
    sources.push_back({path, [path, decode](auto&) { return load_image(path, decode); }});
  }
  return sources;
}

void warn_of(const std::vector<SkippedImage>& skipped) {
  for (const SkippedImage& image : skipped) {
    warn(fmt::format("[{}] {}", image.name, image.reason));
  }
}

std::string shown_name(const std::string& path) {
  if (is_standard_input(path)) return "stdin";
  if (path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/")) return "pipe";
  return fs::path(path).filename().string();
}

}  // namespace whyclip::cli
