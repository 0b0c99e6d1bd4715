#include "whyclip/dataset/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

std::string extension_of(const fs::path& file) {
  std::string extension = file.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return extension;
}

/// .jpe, .jif, .jfi and .jfif are JPEG files (media type image/jpeg).
bool is_image(const fs::path& file) {
  constexpr std::string_view kExtensions[] = {".jpg", ".jpeg", ".png", ".webp",
                                              ".jpe", ".jif",  ".jfi", ".jfif"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension_of(file)) !=
         std::end(kExtensions);
}

bool is_unsupported_image(const fs::path& file) {
  constexpr std::string_view kExtensions[] = {".bmp",  ".gif", ".tif", ".tiff", ".heic", ".heif",
                                              ".avif", ".jp2", ".jxl", ".ppm",  ".svg"};
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension_of(file)) !=
         std::end(kExtensions);
}

bool is_common_name(const std::string& folder) {
  constexpr std::string_view kCommon[] = {"images", "pictures",   "JPEGImages", "train", "val",
                                          "valid",  "validation", "test",       "data"};
  return std::find(std::begin(kCommon), std::end(kCommon), folder) != std::end(kCommon);
}

/// Lists a folder with its sub-folders. Linked folders come last, so that a folder is listed under
/// its own path rather than under a link.
class Listing {
 public:
  explicit Listing(const fs::path& top) : top_(top) {
    std::error_code error;
    top_canonical_ = fs::canonical(top, error);
    list(top, "");
    while (!linked_.empty()) {
      const auto [path, name] = std::move(linked_.front());
      linked_.pop_front();
      list(path, name);
    }
    std::sort(files.images.begin(), files.images.end());
  }

  FolderFiles files;

 private:
  static constexpr const char* kLoop =
      "links skipped: they lead to a parent folder or to one that is listed";
  static constexpr const char* kBroken = "links skipped: the target does not exist";
  static constexpr const char* kUnreadable = "folders skipped: they cannot be listed";
  static constexpr const char* kUnsupported =
      "files skipped: images in a format that whyclip does not read";
  static constexpr const char* kSpecial = "entries skipped: neither a file nor a folder";

  bool is_above_top(const fs::path& canonical) const {
    return std::mismatch(canonical.begin(), canonical.end(), top_canonical_.begin(),
                         top_canonical_.end())
               .first == canonical.end();
  }

  void list(const fs::path& folder, const std::string& name) {
    std::error_code error;
    const fs::path canonical = fs::canonical(folder, error);
    const bool listed = !error && !listed_.insert(canonical.string()).second;
    if (listed || (!error && !name.empty() && is_above_top(canonical))) {
      files.remarks.add(kLoop, described_link(folder, name));
      return;
    }
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
      entries.push_back(*entry);
    }
    if (error && name.empty()) {
      throw Error(top_.string(), fmt::format("cannot list the folder: {}", error.message()));
    }
    if (error) files.remarks.add(kUnreadable, fmt::format("{}: {}", name, error.message()));
    std::sort(entries.begin(), entries.end());
    for (const fs::directory_entry& entry : entries) {
      const std::string file_name = entry.path().filename().string();
      if (!file_name.starts_with('.')) {
        add(entry, name.empty() ? file_name : name + "/" + file_name);
      }
    }
  }

  void add(const fs::directory_entry& entry, const std::string& name) {
    std::error_code error, unknown;
    const fs::file_status status = entry.status(error);
    const bool link = entry.is_symlink(unknown);
    if (fs::is_directory(status)) {
      if (!link) return list(entry.path(), name);
      linked_.emplace_back(entry.path(), name);
    } else if (fs::is_regular_file(status)) {
      if (is_image(entry.path())) files.images.push_back(name);
      if (is_unsupported_image(entry.path())) files.remarks.add(kUnsupported, name);
      files.all.insert(name);
    } else if (link && !fs::exists(status)) {
      const std::string text = described_link(entry.path(), name);
      is_image(entry.path()) ? files.remarks.add_image(kBroken, text)
                             : files.remarks.add(kBroken, text);
    } else if (is_image(entry.path())) {
      files.remarks.add_image(kSpecial, name);
    }
  }

  static std::string described_link(const fs::path& link, const std::string& name) {
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    return error ? name : fmt::format("{} to {}", name, target.string());
  }

  const fs::path& top_;
  fs::path top_canonical_;
  std::unordered_set<std::string> listed_;
  std::deque<std::pair<fs::path, std::string>> linked_;
};

}  // namespace

FolderFiles list_files(const fs::path& folder) { return std::move(Listing(folder).files); }

std::vector<std::string> path_names(std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t end = path.find('/');
    names.emplace_back(path.substr(0, end));
    if (end == path.npos) return names;
    path.remove_prefix(end + 1);
  }
}

std::vector<std::string> images_of_split(std::vector<std::string> images,
                                         const std::string& split) {
  if (split.empty()) return images;
  std::erase_if(images, [&](const std::string& image) {
    const std::vector<std::string> names = path_names(image);
    return std::find(names.begin(), names.end() - 1, split) == names.end() - 1;
  });
  return images;
}

std::string class_folder(const std::string& image, const std::string& split) {
  std::vector<std::string> names = path_names(image);
  names.pop_back();
  while (!names.empty() && (is_common_name(names.back()) || names.back() == split))
    names.pop_back();
  return names.empty() ? "" : names.back();
}

std::vector<DatasetImage> folder_images(const fs::path& folder,
                                        const std::vector<std::string>& images,
                                        const DatasetOptions& options, const Remarks& remarks) {
  if (images.empty()) {
    std::string where =
        options.split.empty() ? "" : fmt::format(" in a sub-folder named \"{}\"", options.split);
    for (const DatasetRemark& remark : remarks.all()) where += "; " + text_of(remark);
    throw Error(folder.string(),
                fmt::format("no image (.jpg, .jpeg, .png or .webp) in this folder{}", where));
  }
  std::vector<DatasetImage> result;
  for (const std::string& name : images) {
    DatasetImage image{.name = name, .file = folder / name};
    if (options.target_from_folders) image.target_class = class_folder(name, options.split);
    result.push_back(std::move(image));
  }
  return result;
}

std::string folder_name(const fs::path& folder) {
  std::error_code code;
  fs::path path = fs::absolute(folder, code).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  return path.filename().string();
}

DatasetContent open_images(const fs::path& folder, const DatasetOptions& options) {
  DatasetContent content;
  content.name = folder_name(folder);
  content.format = DatasetFormat::kImages;
  content.folder = folder;
  FolderFiles files = list_files(folder);
  content.remarks = std::move(files.remarks);
  content.images = folder_images(folder, images_of_split(std::move(files.images), options.split),
                                 options, content.remarks);
  std::set<std::string> classes;
  for (const DatasetImage& image : content.images) {
    if (!image.target_class.empty()) classes.insert(image.target_class);
  }
  content.classes.assign(classes.begin(), classes.end());
  return content;
}

}  // namespace whyclip::detail
