// Wrong options, questions and places to write to: one line each, and nothing half-written.

#include <gtest/gtest.h>

#include "tests/cli/command.h"

namespace whyclip {
namespace bad_usage_test {

using testing::CommandTest;
using testing::kWrongUsage;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class BadUsage : public CommandTest {
 protected:
  /// Runs explain on a good image with these options.
  Ran explain(std::vector<std::string> options) const {
    options.insert(options.begin(), {"explain", "-q", toons_image("cat"), "-o", path("out")});
    return run(options);
  }
  void TearDown() override { EXPECT_EQ(files_in("out"), std::vector<std::string>{}); }
};

TEST_F(BadUsage, NoCommandShowsTheHelp) {
  const Ran ran = run({});

  EXPECT_EQ(ran.status, kWrongUsage);
  EXPECT_NE(ran.errors.find("classify"), std::string::npos);
}

TEST_F(BadUsage, UnknownCommandIsNamed) {
  EXPECT_TRUE(refused(run({"clasify", "x.png"}), {"clasify", "whyclip --help"}, kWrongUsage));
}

TEST_F(BadUsage, UnknownOptionIsNamedWithTheHelpToRead) {
  EXPECT_TRUE(refused(explain({"--colour"}), {"--colour", "whyclip explain --help"}, kWrongUsage));
  EXPECT_TRUE(refused(run({"classify", "--colour"}), {"--colour"}, kWrongUsage));
}

TEST_F(BadUsage, ValuesOutOfRangeAreNamed) {
  for (const auto& [option, value] : {std::pair{"--limit", "0"},
                                      {"--limit", "nan"},
                                      {"--limit", "red"},
                                      {"--strength", "1.5"},
                                      {"--upsampling", "cubic"},
                                      {"--threads", "0"},
                                      {"--max-pixels", "-1"}}) {
    EXPECT_TRUE(refused(explain({option, value}), {option, value}, kWrongUsage));
  }
  EXPECT_TRUE(refused(run({"classify", "--top", "0", "x"}), {"--top", "0"}, kWrongUsage));
}

TEST_F(BadUsage, MissingValueOrImageIsNamed) {
  EXPECT_TRUE(refused(explain({"--class"}), {"--class"}, kWrongUsage));
  EXPECT_TRUE(refused(run({"classify"}), {"image"}, kWrongUsage));
}

TEST_F(BadUsage, OptionsThatExcludeEachOtherAreNamed) {
  EXPECT_TRUE(
      refused(explain({"-p", "a cat", "-c", "cat,dog"}), {"--prompt", "--classes"}, kWrongUsage));
  EXPECT_TRUE(refused(explain({"-p", "a cat", "--class", "cat"}),
                      {"[--prompt] cannot be combined with --class and --versus"}));
  EXPECT_TRUE(refused(explain({"-p", "a cat", "-p", "a dog"}), {"--prompt", "one"}));
}

TEST_F(BadUsage, OptionThatIsGivenTwiceIsNamedWithItsOlderName) {
  EXPECT_TRUE(refused(explain({"--rules", "gae", "--method", "rise"}),
                      {"--method (also --rules) was given twice; give it once"}, kWrongUsage));
  EXPECT_TRUE(refused(explain({"--class", "a", "--class", "b", "--class", "c"}),
                      {"--class was given 3 times"}, kWrongUsage));
}

TEST_F(BadUsage, OlderNamesOfOptionsAreAcceptedAndNotShown) {
  EXPECT_EQ(run({"classify", "-q", "-t", "simple", "--whole-picture", toons_image("cat")}).status,
            0);
  for (const char* command : {"classify", "explain", "regions", "evaluate"}) {
    const std::string help = run({command, "--help"}).output;
    EXPECT_NE(help.find("--whole-image"), help.npos) << command;
    for (const char* old : {"--whole-picture", "--rules", "--ask", "--ask-from-folders"}) {
      EXPECT_EQ(help.find(old), help.npos) << command << " " << old;
    }
  }
}

TEST_F(BadUsage, CombinationsAreCheckedBeforeTheModelIsOpened) {
  const std::string model = path("none");
  EXPECT_TRUE(refused(explain({"-m", model, "-p", "a cat", "--class", "cat"}), {"[--prompt]"}));
  EXPECT_TRUE(refused(explain({"-m", model, "--feature", "1", "--versus", "cat"}),
                      {"[--feature] cannot be combined with --versus"}));
  for (const char* command : {"inspect", "compare", "ledger", "concepts"}) {
    EXPECT_TRUE(refused(
        run({command, "-q", "-m", model, "-p", "a cat", "--class", "cat", toons_image("cat")}),
        {"[--prompt]"}))
        << command;
  }
  EXPECT_TRUE(refused(
      run({"regions", "-q", "-m", model, "--feature", "1", "-c", "cat,dog", toons_image("cat")}),
      {"[--feature] indices cannot be combined with --classes and --prompt"}));
}

TEST_F(BadUsage, BackgroundThatIsNoColour) {
  EXPECT_TRUE(refused(explain({"--background", "blue"}), {"--background", "blue"}));
}

TEST_F(BadUsage, PromptThatIsNotUtf8) {
  EXPECT_TRUE(refused(explain({"-p", "a \xff cat"}), {"prompt", "UTF-8", "byte 2"}));
}

TEST_F(BadUsage, MethodListWithAnEmptyName) {
  EXPECT_TRUE(refused(run({"compare", "-q", toons_image("cat"), "--methods", "gae,,rise"}),
                      {"--methods", "name 2", "empty"}));
}

TEST_F(BadUsage, ClassListOfOne) {
  EXPECT_TRUE(refused(explain({"-c", "cat"}), {"--classes", "at least two", "cat"}));
  EXPECT_TRUE(refused(explain({"-c", write("one.txt", "cat\n")}), {"at least two", "cat"}));
}

TEST_F(BadUsage, ClassListThatIsEmptyOrHasAnEmptyName) {
  EXPECT_TRUE(refused(explain({"-c", ""}), {"--classes", "\"\""}));
  EXPECT_TRUE(refused(explain({"-c", "cat,,dog"}), {"class", "2", "empty"}));
}

TEST_F(BadUsage, ClassThatIsNotInTheList) {
  EXPECT_TRUE(refused(explain({"--class", "zebra"}), {"zebra", "cat, dog, bird"}));
  EXPECT_TRUE(refused(explain({"--versus", "zebra"}), {"zebra", "cat, dog, bird"}));
  EXPECT_TRUE(refused(explain({"--class", "cat", "--versus", "cat"}), {"cat"}));
}

TEST_F(BadUsage, TemplateWithoutAPlaceForTheName) {
  const std::string templates = write("templates.txt", "a photo of a {}.\na photo\n");

  EXPECT_TRUE(refused(explain({"-t", templates}), {"templates.txt:2", "{}", "a photo"}));
}

TEST_F(BadUsage, TemplateSetThatIsNotThere) {
  EXPECT_TRUE(refused(explain({"-t", "imagnet"}), {"imagnet", "imagenet, simple"}));
}

TEST_F(BadUsage, FolderThatCannotBeMade) {
  const std::string file = write("file", "");
  const Ran ran = run({"explain", "-q", toons_image("cat"), "-o", file + "/out"});

  EXPECT_TRUE(refused(ran, {file + "/out", "Not a directory"}));
}

TEST_F(BadUsage, MessagesStayOnOneLineWhateverThePathIs) {
  EXPECT_TRUE(refused(run({"classify", "-q", "a\nb\033[31m.png"}), {"a\\nb\\x1B[31m.png"}));
}

}  // namespace bad_usage_test
}  // namespace whyclip
