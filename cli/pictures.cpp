#include "cli/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace whyclip::cli {
namespace {

namespace fs = std::filesystem;

/// No picture needs more encoded bytes; a stream without an end must not fill the memory.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png" || extension == ".webp";
}

std::vector<std::byte> read_standard_input() {
  std::vector<std::byte> bytes;
  std::byte block[65536];
  while (const std::size_t n = std::fread(block, 1, sizeof block, stdin)) {
    bytes.insert(bytes.end(), block, block + n);
    if (bytes.size() > kMostBytes)
      throw Error("standard input", "is larger than 1 GiB: not a picture");
  }
  return bytes;
}

}  // namespace

std::vector<std::string> list_pictures(const std::vector<std::string>& arguments) {
  std::vector<std::string> pictures;
  for (const std::string& argument : arguments) {
    std::error_code unknown;  // what cannot be examined fails when it is read, by its name
    if (argument == "-" || !fs::is_directory(argument, unknown)) {
      pictures.push_back(argument);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : fs::directory_iterator(argument)) {
      if (entry.is_regular_file() && is_picture(entry.path()))
        inside.push_back(entry.path().string());
    }
    if (inside.empty())
      throw Error(argument, "the folder holds no .jpg, .jpeg, .png or .webp file");
    std::sort(inside.begin(), inside.end());
    pictures.insert(pictures.end(), inside.begin(), inside.end());
  }
  return pictures;
}

Picture load_picture(const std::string& path, const DecodeOptions& options) {
  if (path != "-") return read_picture(path, options);
  const std::vector<std::byte> bytes = read_standard_input();
  return decode_picture(bytes, "standard input", options);
}

Preprocessed prepare(const Clip& clip, const Picture& picture, const std::string& path, View view) {
  try {
    return clip.prepare(picture, view);
  } catch (const Error& error) {
    // The library knows the picture by no name: ours takes the place of "[preprocess]".
    const std::string what = error.what();
    throw Error(path, what.substr(what.find("] ") + 2));
  }
}

int each_picture(const Clip& clip, const std::vector<std::string>& paths,
                 const PictureOptions& options,
                 const std::function<void(const Preprocessed& picture)>& visit) {
  const DecodeOptions decode = options.decode();
  const Progress progress = progress_bar();
  const auto total = std::int64_t(paths.size());
  int left_out = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    report_progress(progress, "pictures", std::int64_t(i), total);
    try {
      visit(prepare(clip, load_picture(paths[i], decode), paths[i], options.view()));
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      complain(error.what());
      ++left_out;
    }
  }
  report_progress(progress, "pictures", total, total);
  return left_out;
}

std::string shown_name(const std::string& path) {
  return path == "-" ? "stdin" : fs::path(path).filename().string();
}

}  // namespace whyclip::cli
