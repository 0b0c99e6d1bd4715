#include "bench/drawings.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "tests/support/data.h"
#include "whyclip/core/error.h"

namespace whyclip::bench {
namespace {

Drawing drawing_of(const std::filesystem::path& file) {
  static const std::regex form("[0-9]{3}_([a-z]+)_([a-z]+)\\.png");
  const std::string name = file.filename().string();
  std::smatch parts;
  const auto is_class = [](const std::string& word) {
    return std::ranges::find(kDrawnClasses, word) != kDrawnClasses.end();
  };
  if (!std::regex_match(name, parts, form) || !is_class(parts[1]) || !is_class(parts[2]) ||
      parts[1] == parts[2]) {
    throw Error(file.string(), "expected NNN_FIRST_SECOND.png, named after two different classes");
  }
  return {file, parts[1], parts[2]};
}

}  // namespace

const std::vector<std::string> kDrawnClasses{"cat",  "dog", "bird",  "rat", "building",
                                             "tree", "man", "woman", "boy", "girl"};

std::vector<Drawing> drawings(std::size_t count) {
  const std::filesystem::path folder = testing::repository_file("bench/drawings");
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".png") files.push_back(entry.path());
  }
  if (files.size() < count) {
    throw Error(folder.string(), fmt::format("{} drawings are requested, but there are only {}",
                                             count, files.size()));
  }
  std::ranges::sort(files);
  files.resize(count);
  std::vector<Drawing> result;
  for (const auto& file : files) result.push_back(drawing_of(file));
  return result;
}

}  // namespace whyclip::bench
