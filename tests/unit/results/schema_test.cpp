#include "whyclip/results/schema.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/data.h"

namespace whyclip {
namespace schema_test {

/// WHYCLIP_WRITE_SCHEMAS=1 writes the files anew.
TEST(ResultSchemas, InDocsAreCurrent) {
  for (const ResultSchema& schema : result_schemas()) {
    const std::filesystem::path path =
        testing::repository_file("docs/schema/" + schema.kind + ".json");
    if (std::getenv("WHYCLIP_WRITE_SCHEMAS") != nullptr) std::ofstream(path) << schema.text;
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), schema.text)
        << path << " is not current: run results_test with WHYCLIP_WRITE_SCHEMAS=1";
  }
}

TEST(ResultSchemas, AreAllFilesOfTheFolder) {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::repository_file("docs/schema"))) {
    files += entry.path().extension() == ".json" ? 1 : 0;
  }
  EXPECT_EQ(files, result_schemas().size());
}

}  // namespace schema_test
}  // namespace whyclip
