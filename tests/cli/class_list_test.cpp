// Names of classes, regions and words on their way from the command line to the answer.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/cli/command.h"

namespace whyclip {
namespace class_list_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

constexpr double kLogitTolerance = 1e-3;  // float32 against the reference's, logits up to 14

class ClassLists : public CommandTest {
 protected:
  /// The rows of classes of the cat.
  json classes(const std::string& list) const {
    const Ran ran =
        run({"classify", "-q", "--json", "-t", "simple", "-c", list, toons_image("cat")});
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json().at("images")[0].at("classes");
  }
  std::vector<std::string> names(const std::string& list) const {
    std::vector<std::string> result;
    for (const json& row : classes(list)) result.push_back(row.at("name"));
    std::sort(result.begin(), result.end());
    return result;
  }
};

using Names = std::vector<std::string>;

TEST_F(ClassLists, FileWithACommaInItsPathIsAFile) {
  std::filesystem::create_directories(path("Doe, J"));

  EXPECT_EQ(names(write("Doe, J/classes.txt", "cat\ndog\n")), (Names{"cat", "dog"}));
}

TEST_F(ClassLists, MistypedPathWithACommaIsNotTwoClasses) {
  EXPECT_TRUE(refused(run({"classify", "-q", "-c", path("Doe, J/classes.txt"), toons_image("cat")}),
                      {"--classes", "Doe, J/classes.txt", "no file"}));
}

TEST_F(ClassLists, NameThatIsThereTwiceHasTwoRowsOfOneLogit) {
  const json rows = classes(write("classes.txt", "cat\nmissile\ndog\nmissile\n"));

  ASSERT_EQ(rows.size(), 4u);  // the best first
  EXPECT_EQ(rows[1].at("name"), "missile");
  EXPECT_EQ(rows[2].at("name"), "missile");
  EXPECT_EQ(rows[1].at("logit"), rows[2].at("logit"));
  // open_clip and transformers give 13.1396, 6.8828 and 4.9830 for these.
  EXPECT_NEAR(rows[0].at("logit").get<double>(), 13.1396, kLogitTolerance);
  EXPECT_NEAR(rows[1].at("logit").get<double>(), 6.8828, kLogitTolerance);
  EXPECT_NEAR(rows[3].at("logit").get<double>(), 4.9830, kLogitTolerance);
}

TEST_F(ClassLists, FirstOfEqualNamesIsExplainedAndSaidSo) {
  const Ran ran = run({"explain", "-q", "--json", "-t", "simple", "-c", "dog,missile,missile",
                       "--class", "missile", toons_image("cat")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_NE(ran.errors.find("2 of the 3 classes are called \"missile\"; the first"),
            std::string::npos)
      << ran.errors;
  EXPECT_NE(ran.json().at("notes").dump().find("the first is explained"), std::string::npos);
  EXPECT_EQ(ran.json().at("target").at("name"), "missile");
}

TEST_F(ClassLists, JsonFilesKeepCommasAndNumberSigns) {
  const std::string list = write("list.json", R"(["hot dog, with mustard", "#1 cat", "cat"])");

  EXPECT_EQ(names(list), (Names{"#1 cat", "cat", "hot dog, with mustard"}));
}

TEST_F(ClassLists, KerasIndexOfClassesIsRead) {
  EXPECT_EQ(names(write("index", R"({"1": ["n02084071", "dog"], "0": ["n02121620", "cat"]})")),
            (Names{"cat", "dog"}));
}

TEST_F(ClassLists, JsonMayStandOnTheCommandLine) {
  EXPECT_EQ(names(R"(["pot, cooking", "cat"])"), (Names{"cat", "pot, cooking"}));
}

TEST_F(ClassLists, FolderIsNamedAsOne) {
  EXPECT_TRUE(refused(run({"classify", "-q", "-c", path(""), toons_image("cat")}),
                      {"--classes", "folder"}));
}

TEST_F(ClassLists, ClassAndVersusWithCommasAreTwoClasses) {
  // A checkpoint without a class list of its own: the two names are the list.
  const Ran ran =
      run({"explain", "-q", "--json", "-m", testing::repository_file("models/toons").string(), "-t",
           "simple", "--class", "cat, sitting", "--versus", "dog", toons_image("cat")});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.json().at("target").at("name"), "cat, sitting − dog");
  EXPECT_NE(ran.json().at("settings").dump().find("cat, sitting, dog"), std::string::npos);
}

TEST_F(ClassLists, PromptInBracketsStaysOnePrompt) {
  const json prompts =
      run({"classify", "-q", "--json", "-p", "[a cat, a dog]", "-p", "{}", toons_image("cat")})
          .json()
          .at("images")[0]
          .at("prompts");

  ASSERT_EQ(prompts.size(), 2u);
  EXPECT_EQ(std::set<std::string>({prompts[0].at("text"), prompts[1].at("text")}),
            std::set<std::string>({"[a cat, a dog]", "{}"}));
}

TEST_F(ClassLists, ImagePathInBracketsStaysOnePath) {
  std::filesystem::copy_file(toons_image("cat"), path("[a, b]"));

  const Ran ran = run({"classify", "-q", "--json", "-t", "simple", "-c", "cat,dog", "[a, b]"},
                      {.before = "cd '" + path("") + "'"});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.json().at("images").size(), 1u);
}

TEST_F(ClassLists, MasksMayHaveCommasInTheirPaths) {
  std::filesystem::create_directories(path("Doe, J"));
  const auto half = [&](const std::string& name, bool left) {
    return draw(name, 96, 96, [&](int x, int) {
      const int value = (x < 48) == left ? 255 : 0;
      return std::array<int, 3>{value, value, value};
    });
  };
  const std::string image = half("image.png", true);
  const std::string masks = half("Doe, J/left.png", true) + "," + half("Doe, J/right.png", false);

  const Ran ran = run({"regions", "-q", "--json", "-t", "simple", "--regions", masks, image});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.json().at("sources")[0].at("name"), "left");
  EXPECT_EQ(ran.json().at("sources")[1].at("name"), "right");
}

TEST_F(ClassLists, WordThatIsThereTwiceIsUsedOnceAndSaidSo) {
  const std::string words = write("words.txt", "cat\ndog\ncat\n");

  const Ran ran =
      run({"concepts", "-q", "--json", "--words", words, "--mean", "none", toons_image("cat")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_NE(ran.errors.find("1 word is there more than once, which changes nothing: cat"),
            std::string::npos)
      << ran.errors;
}

}  // namespace class_list_test
}  // namespace whyclip
