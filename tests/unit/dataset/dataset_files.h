#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/data.h"
#include "whyclip/dataset/dataset.h"

namespace whyclip::testing {

/// A temporary folder for a test's data set.
class SetFolder {
 public:
  const std::filesystem::path& path() const { return folder_.path(); }
  std::filesystem::path write(const std::string& name, std::string_view text) const;
  /// Writes files with image names but no image data; opening a set does not decode images.
  void images(const std::vector<std::string>& names) const;
  /// Writes an 8-bit grey PNG. Each text is a row; its characters are labels '0' to '9', 'v' is
  /// 255.
  void grey(const std::string& name, const std::vector<std::string>& rows) const;
  /// Writes the same with a palette: label i has the colour 3·i, 3·i + 1, 3·i + 2.
  void palette(const std::string& name, const std::vector<std::string>& rows) const;
  /// Writes one row of RGB pixels 0xRRGGBB.
  void colours(const std::string& name, const std::vector<int>& row) const;

 private:
  TemporaryFolder folder_;
};

/// A mask as rows of '.' and '#'.
std::vector<std::string> drawn(const std::vector<std::uint8_t>& mask, int width);

/// The remarks of a set, with " | " between them.
std::string remarks_of(const Dataset& set);

/// "cat dog": the names of the things.
std::string names_of(const ImageAnnotation& annotation);

}  // namespace whyclip::testing
