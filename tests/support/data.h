#pragma once

#include <filesystem>
#include <optional>

namespace whyclip::testing {

/// A file of this repository, by its path from the top.
std::filesystem::path repository_file(const std::filesystem::path& relative);

/// A file of the material that may not enter the repository (photographs, the published
/// vocabulary): looked up in the folder named by the environment variable WHYCLIP_TEST_DATA. Empty
/// if it is not there; such a test says GTEST_SKIP() and which file it wanted.
std::optional<std::filesystem::path> outside_file(const std::filesystem::path& relative);

/// A fresh empty folder for one test, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace whyclip::testing
