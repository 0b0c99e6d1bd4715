// What goes to standard output and what to standard error.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/command.h"

namespace whyclip {
namespace streams_test {

using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class Streams : public CommandTest {};

bool is_plain(const std::string& text) {
  return text.find('\033') == std::string::npos && text.find('\r') == std::string::npos;
}

TEST_F(Streams, JsonIsAloneOnStandardOutput) {
  for (const char* command : {"classify", "explain"}) {
    const Ran ran = run({command, "--json", "-t", "simple", toons_image("cat")});
    EXPECT_NO_THROW(static_cast<void>(ran.json())) << ran.output;
  }
}

TEST_F(Streams, EmbeddedModelIsNamedWithItsLimitsAndTheWayOut) {
  for (const char* command : {"classify", "explain"}) {
    const std::string errors = run({command, "--json", "-t", "simple", toons_image("cat")}).errors;
    for (const char* part : {"model: toons (embedded)", "cartoon", "photograph", "--model"}) {
      EXPECT_NE(errors.find(part), std::string::npos) << part << " in " << errors;
    }
  }
}

TEST_F(Streams, QuietSaysNothingButTheResult) {
  const Ran ran = run({"classify", "--quiet", "-t", "simple", toons_image("cat")});

  EXPECT_EQ(ran.errors, "");
  EXPECT_NE(ran.output.find("cat"), std::string::npos);
}

TEST_F(Streams, NoColourAndNoBarWithoutATerminal) {
  // 10 000 prompts take longer than the half second after which a bar would appear.
  std::string classes;
  for (int i = 0; i < 125; ++i) classes += "cat number " + std::to_string(i) + "\n";

  const Ran ran = run({"classify", "-c", write("classes.txt", classes), toons_image("cat")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(is_plain(ran.output)) << ran.output;
  EXPECT_TRUE(is_plain(ran.errors)) << ran.errors;
  EXPECT_EQ(ran.output.find("█"), std::string::npos);
}

TEST_F(Streams, FullStandardOutputIsAnError) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"classify", "-q", toons_image("cat")},
        {"classify", "-q", "--json", toons_image("cat")},
        {"explain", "-q", "--json", toons_image("cat")},
        {"model", "info"}}) {
    EXPECT_TRUE(refused(run(arguments, {.output = "/dev/full"}), {"standard output", "No space"}))
        << arguments[0];
  }
}

TEST_F(Streams, CutPromptsAreToldInOneLine) {
  std::string prompt;
  for (int i = 0; i < 40; ++i) prompt += "cat ";

  const Ran ran = run({"classify", "-q", "-p", prompt, "-p", "a dog", toons_image("cat")});
  const Ran many = run({"classify", "-q", "-c", prompt + ",dog", toons_image("cat")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.errors.find("cut to the model's 32 tokens"), std::string::npos) << ran.errors;
  EXPECT_EQ(std::count(many.errors.begin(), many.errors.end(), '\n'), 1) << many.errors;
}

TEST_F(Streams, HelpAndVersionAreResults) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"--version"},
                                                    {"classify", "--help"},
                                                    {"explain", "--help"},
                                                    {"ledger", "--help"},
                                                    {"regions", "--help"},
                                                    {"rules", "--help"},
                                                    {"model", "--help"},
                                                    {"model", "info", "--help"}}) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.errors, "");
    EXPECT_NE(ran.output.find("whyclip"), std::string::npos);
  }
}

TEST_F(Streams, HelpFitsAnOrdinaryTerminal) {
  for (const char* command : {"classify", "explain", "ledger", "regions", "rules", "model"}) {
    std::istringstream help(run({command, "--help"}).output);
    for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

}  // namespace streams_test
}  // namespace whyclip
