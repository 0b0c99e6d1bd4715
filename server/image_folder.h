#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace whyclip::server {

/// The folder whose images clients may choose. No other file is ever opened.
class ImageFolder {
 public:
  /// Throws Error if it is not a folder that can be listed.
  explicit ImageFolder(const std::filesystem::path& folder);

  /// Relative paths of the images, sorted, sub-folders included; links to folders are not followed.
  /// `more`: whether there are more than the list has.
  struct Listing {
    std::vector<std::string> paths;
    bool more = false;
  };
  Listing list() const;

  /// The file of a relative path that a client sent. None if it is not an image's name, does not
  /// exist, is not a file, or leads out of the folder, through a link too.
  std::optional<std::filesystem::path> find(const std::string& relative) const;

  /// The folder as it was named on the command line.
  const std::filesystem::path& name() const { return name_; }

 private:
  std::filesystem::path name_, root_;  // root_: without links
};

}  // namespace whyclip::server
