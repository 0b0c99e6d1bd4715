#include "whyclip/dataset/picture_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/dataset/dataset_content.h"

namespace whyclip::detail {
namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& file) {
  constexpr std::string_view kEndings[] = {".jpg", ".jpeg", ".png", ".webp"};
  std::string ending = file.extension().string();
  for (char& c : ending) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

bool is_usual(const std::string& folder) {
  constexpr std::string_view kUsual[] = {"images", "pictures",   "JPEGImages", "train", "val",
                                         "valid",  "validation", "test",       "data"};
  return std::find(std::begin(kUsual), std::end(kUsual), folder) != std::end(kUsual);
}

}  // namespace

FolderFiles list_files(const fs::path& folder) {
  FolderFiles files;
  try {
    for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::end(entry); ++entry) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with('.')) {
        entry.disable_recursion_pending();
      } else if (entry->is_regular_file()) {
        std::string path = entry->path().lexically_relative(folder).generic_string();
        if (is_picture(entry->path())) files.pictures.push_back(path);
        files.all.insert(std::move(path));
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(folder.string(), fmt::format("cannot list the folder: {}", error.code().message()));
  }
  std::sort(files.pictures.begin(), files.pictures.end());
  return files;
}

std::vector<std::string> path_names(std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t end = path.find('/');
    names.emplace_back(path.substr(0, end));
    if (end == path.npos) return names;
    path.remove_prefix(end + 1);
  }
}

std::vector<std::string> of_split(std::vector<std::string> pictures, const std::string& split) {
  if (split.empty()) return pictures;
  std::erase_if(pictures, [&](const std::string& picture) {
    const std::vector<std::string> names = path_names(picture);
    return std::find(names.begin(), names.end() - 1, split) == names.end() - 1;
  });
  return pictures;
}

std::string class_folder(const std::string& picture, const std::string& split) {
  std::vector<std::string> names = path_names(picture);
  names.pop_back();
  while (!names.empty() && (is_usual(names.back()) || names.back() == split)) names.pop_back();
  return names.empty() ? "" : names.back();
}

std::vector<DatasetPicture> folder_pictures(const fs::path& folder,
                                            const std::vector<std::string>& pictures,
                                            const DatasetOptions& options) {
  if (pictures.empty()) {
    const std::string split =
        options.split.empty() ? "" : fmt::format(" in a sub-folder named \"{}\"", options.split);
    throw Error(folder.string(),
                fmt::format("no picture (.jpg, .jpeg, .png or .webp) in this folder{}", split));
  }
  std::vector<DatasetPicture> result;
  for (const std::string& name : pictures) {
    DatasetPicture picture{.name = name, .file = folder / name};
    if (options.ask_from_folders) picture.ask = class_folder(name, options.split);
    result.push_back(std::move(picture));
  }
  return result;
}

std::string folder_name(const fs::path& folder) {
  std::error_code code;
  fs::path whole = fs::absolute(folder, code).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();
  return whole.filename().string();
}

DatasetContent open_pictures(const fs::path& folder, const DatasetOptions& options) {
  DatasetContent content;
  content.name = folder_name(folder);
  content.format = DatasetFormat::kPictures;
  content.folder = folder;
  content.pictures =
      folder_pictures(folder, of_split(list_files(folder).pictures, options.split), options);
  std::set<std::string> asked;
  for (const DatasetPicture& picture : content.pictures) {
    if (!picture.ask.empty()) asked.insert(picture.ask);
  }
  content.classes.assign(asked.begin(), asked.end());
  return content;
}

}  // namespace whyclip::detail
