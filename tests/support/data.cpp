#include "tests/support/data.h"

#include <stdlib.h>

#include <cstdlib>
#include <stdexcept>

namespace whyclip::testing {

std::filesystem::path repository_file(const std::filesystem::path& relative) {
  return std::filesystem::path(WHYCLIP_SOURCE_DIR) / relative;
}

std::optional<std::filesystem::path> outside_file(const std::filesystem::path& relative) {
  const char* folder = std::getenv("WHYCLIP_TEST_DATA");
  if (folder == nullptr) return std::nullopt;
  std::filesystem::path path = std::filesystem::path(folder) / relative;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "whyclip-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace whyclip::testing
