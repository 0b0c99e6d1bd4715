// Pipes in the place of files.

#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace pipe_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::toons_image;

class Pipes : public CommandTest {
 protected:
  static std::string cat() { return read_text(toons_image("cat")); }
  json rows(const std::vector<std::string>& arguments) const {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json().at("images")[0].at("classes");
  }
  json from_files() const {
    return rows({"classify", "-q", "--json", "-c", "cat,dog", "-t", "simple", toons_image("cat")});
  }
};

TEST_F(Pipes, ClassListIsRead) {
  const std::string list = pipe("classes", "cat\ndog\n");

  EXPECT_EQ(rows({"classify", "-q", "--json", "-c", list, "-t", "simple", toons_image("cat")}),
            from_files());
}

TEST_F(Pipes, TemplatesAreRead) {
  const std::string templates = pipe("templates", "a photo of a {}.\n");

  EXPECT_EQ(
      rows({"classify", "-q", "--json", "-c", "cat,dog", "-t", templates, toons_image("cat")}),
      from_files());
}

TEST_F(Pipes, ImageIsRead) {
  const std::string image = pipe("image", cat());

  EXPECT_EQ(rows({"classify", "-q", "--json", "-c", "cat,dog", "-t", "simple", image}),
            from_files());
}

TEST_F(Pipes, StandardInputByItsPathIsRead) {
  const Ran ran = run({"classify", "-q", "--json", "-c", "cat,dog", "-t", "simple", "/dev/stdin"},
                      {.input = toons_image("cat")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.json().at("images")[0].at("classes"), from_files());
}

TEST_F(Pipes, WordsAreRead) {
  const Ran ran = run({"concepts", "-q", "--json", "--mean", "none", "--words",
                       pipe("words", "cat\ndog\n"), toons_image("cat")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_NE(ran.json().at("settings").at("words").get<std::string>().find("2 "), std::string::npos);
}

TEST_F(Pipes, LabelsOfRegionsAreRead) {
  const std::string labels = draw("labels.png", 96, 96, [](int x, int) {
    return x < 48 ? std::array<int, 3>{255, 0, 0} : std::array<int, 3>{0, 255, 0};
  });

  const Ran ran = run({"regions", "-q", "--json", "-t", "simple", "--regions",
                       pipe("labels", read_text(labels)), toons_image("cat")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.json().at("sources").size(), run({"regions", "-q", "--json", "-t", "simple",
                                                  "--regions", labels, toons_image("cat")})
                                                 .json()
                                                 .at("sources")
                                                 .size());
}

TEST_F(Pipes, EmptyPipeIsNamed) {
  EXPECT_TRUE(testing::refused(run({"classify", "-q", "-c", pipe("classes", ""), "x.png"}),
                               {"classes", "has no class name"}));
}

}  // namespace pipe_test
}  // namespace whyclip
