// The same question gets the same bytes, whatever is remembered and however many threads work.

#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace cache_test {

using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class Cache : public CommandTest {
 protected:
  /// Everything that one explanation leaves, with these options.
  std::string bytes(const std::string& folder, const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{
        "explain", "--json", "--class", "cat", "-o", path(folder), toons_image("cat_and_dog")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::string all = run(arguments).output;
    const std::vector<std::string> files = files_in(folder);
    EXPECT_EQ(files.size(), 5u);
    for (const std::string& file : files) all += file + read_text(path(folder + "/" + file));
    return all;
  }
};

TEST_F(Cache, ColdAndWarmGiveTheSameBytes) {
  const std::string none = bytes("none", {"--no-cache"});

  EXPECT_EQ(bytes("cold", {}), none);
  EXPECT_TRUE(std::filesystem::exists(path("cache/whyclip/text.sqlite")));
  EXPECT_EQ(bytes("warm", {}), none);
}

TEST_F(Cache, WarmedByAnotherClassifierGivesTheSameBytes) {
  const std::string none = bytes("none", {"--no-cache"});
  ASSERT_EQ(run({"classify", "-c", "dog,cat,a very small bird", toons_image("cat")}).status, 0);
  ASSERT_EQ(run({"classify", "-p", "a photo of a cat.", toons_image("cat")}).status, 0);

  EXPECT_EQ(bytes("warmed", {}), none);
}

TEST_F(Cache, NumberOfThreadsChangesNoByte) {
  EXPECT_EQ(bytes("one", {"--no-cache", "--threads", "1"}),
            bytes("two", {"--no-cache", "--threads", "2"}));
}

TEST_F(Cache, IsKeptWhereItIsTold) {
  ASSERT_EQ(run({"classify", "-t", "simple", "--cache", path("here/c.sqlite"), toons_image("cat")})
                .status,
            0);

  EXPECT_TRUE(std::filesystem::exists(path("here/c.sqlite")));
  EXPECT_FALSE(std::filesystem::exists(path("cache")));
}

TEST_F(Cache, NamedFileThatIsNoDatabaseIsAnError) {
  const std::string file = write("c.sqlite", "this is not a database, and long enough to be read");

  EXPECT_TRUE(refused(run({"classify", "--cache", file, toons_image("cat")}),
                      {"c.sqlite", "not a database"}));
  EXPECT_EQ(read_text(file).substr(0, 7), "this is");
}

TEST_F(Cache, DefaultFileThatIsNoDatabaseIsOnlyMentioned) {
  write("cache/whyclip/text.sqlite", "this is not a database, and long enough to be read");

  const Ran ran = run({"classify", "-t", "simple", toons_image("cat")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.errors.find("without a cache"), std::string::npos) << ran.errors;
  EXPECT_NE(ran.output.find("cat"), std::string::npos);
}

}  // namespace cache_test
}  // namespace whyclip
