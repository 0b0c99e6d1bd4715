#pragma once

#include <filesystem>
#include <optional>

namespace whyclip::testing {

/// A file of this repository, by its path relative to the root.
std::filesystem::path repository_file(const std::filesystem::path& relative);

/// A test file that may not be part of the repository (photographs, the published vocabulary), from
/// the folder named by the environment variable WHYCLIP_TEST_DATA. Nullopt if it is missing; the
/// test then calls GTEST_SKIP() naming the file.
std::optional<std::filesystem::path> outside_file(const std::filesystem::path& relative);

/// A new empty folder, removed with its content by the destructor.
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
