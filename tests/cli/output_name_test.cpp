// What the written files are called.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/command.h"

namespace whyclip {
namespace output_name_test {

using testing::CommandTest;
using testing::kWrongUsage;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class OutputNames : public CommandTest {
 protected:
  Ran explain(const std::string& image, std::vector<std::string> options = {}) const {
    options.insert(options.begin(),
                   {"explain", "-q", "-c", "cat,dog", "-t", "simple", "-o", path("out"), image});
    return run(options);
  }
  std::string copy_of_cat(const std::string& name) const {
    std::filesystem::copy_file(toons_image("cat"), path(name));
    return path(name);
  }
  void expect_short_names(std::size_t count) const {
    EXPECT_EQ(files_in("out").size(), count);
    for (const std::string& name : files_in("out")) EXPECT_LE(name.size(), 255u) << name;
  }
};

TEST_F(OutputNames, LongImageNamesAreCut) {
  const Ran ran = explain(copy_of_cat(std::string(240, 'a') + ".png"));

  EXPECT_EQ(ran.status, 0) << ran.errors;
  expect_short_names(5);
}

TEST_F(OutputNames, LongImageNamesThatBeginAlikeStayApart) {
  EXPECT_EQ(explain(copy_of_cat(std::string(240, 'a') + "1.png")).status, 0);
  EXPECT_EQ(explain(copy_of_cat(std::string(240, 'a') + "2.png")).status, 0);

  expect_short_names(10);
}

TEST_F(OutputNames, LongNamesAreCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 80; ++i) name += "猫";  // three bytes each

  EXPECT_EQ(explain(copy_of_cat(name + ".png")).status, 0);

  expect_short_names(5);
  for (const std::string& file : files_in("out")) {
    const std::size_t ascii = file.find('-');
    ASSERT_NE(ascii, std::string::npos);
    EXPECT_EQ(ascii % 3, 0u) << file;
  }
}

TEST_F(OutputNames, LongPromptsThatBeginAlikeStayApart) {
  std::string prompt;
  for (int i = 0; i < 200; ++i) prompt += "a cat, ";
  for (const char* last : {"one", "two"}) {
    const Ran ran =
        run({"explain", "-q", "-p", prompt + last, "-o", path("out"), toons_image("cat")});
    EXPECT_EQ(ran.status, 0) << ran.errors;
  }

  expect_short_names(10);
}

TEST_F(OutputNames, PromptsInOtherAlphabetsStayApart) {
  for (const char* prompt : {"кошка", "собака"}) {
    EXPECT_EQ(run({"explain", "-q", "-p", prompt, "-o", path("out"), toons_image("cat")}).status,
              0);
  }

  expect_short_names(10);
}

TEST_F(OutputNames, NameIsTheBeginningOfEveryFile) {
  struct Case {
    const char* command;
    std::vector<std::string> files;
  };
  const std::vector<Case> cases{
      {"explain", {"it.html", "it.json", "it.multiply.png", "it.npz", "it.overlay.png"}},
      {"ledger", {"it.ledger.html", "it.ledger.json"}},
      {"inspect", {"it.inspect.html", "it.inspect.json"}},
      {"regions", {"it.regions.html", "it.regions.json", "it.regions.npz"}}};
  for (const auto& [command, files] : cases) {
    const Ran ran = run({command, "-q", "-c", "cat,dog", "-t", "simple", "--name", "it", "-o",
                         path("out"), toons_image("cat")});
    EXPECT_EQ(ran.status, 0) << ran.errors;
    EXPECT_EQ(files_in("out"), files);
    std::filesystem::remove_all(path("out"));
  }
}

TEST_F(OutputNames, NameOfComparedMethodsAndConceptsToo) {
  EXPECT_EQ(run({"compare", "-q", "--methods", "saliency", "--no-removal", "--name", "it", "-o",
                 path("out"), toons_image("cat")})
                .status,
            0);
  EXPECT_EQ(run({"concepts", "-q", "--name", "it", "-o", path("out"), toons_image("cat")}).status,
            0);
  EXPECT_EQ(run({"deoptimise", "-q", "--steps", "2", "--no-removal", "--name", "it", "-o",
                 path("out"), toons_image("cat")})
                .status,
            0);

  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"it.compared.html", "it.compared.json", "it.compared.npz",
                                      "it.compared.png", "it.concepts.html", "it.concepts.json",
                                      "it.deoptimised.html", "it.deoptimised.json",
                                      "it.deoptimised.npz", "it.deoptimised.overlay.png"}));
}

TEST_F(OutputNames, NamesThatNoFileCanHaveAreRefused) {
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(171, 'a')}) {
    EXPECT_TRUE(refused(explain(toons_image("cat"), {"--name", name}), {"--name"}, kWrongUsage));
  }
  EXPECT_EQ(explain(toons_image("cat"), {"--name", std::string(170, 'a')}).status, 0);
}

TEST_F(OutputNames, NameWithoutFilesIsRefused) {
  EXPECT_TRUE(
      refused(run({"inspect", "-q", "--name", "it", toons_image("cat")}), {"--name", "--out"}));
  EXPECT_TRUE(refused(run({"explain", "-q", "--json", "--name", "it", toons_image("cat")}),
                      {"--name", "--out"}));
}

}  // namespace output_name_test
}  // namespace whyclip
