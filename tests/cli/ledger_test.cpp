// What `whyclip ledger` answers and writes: every level adds up to the score.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace ledger_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

constexpr double kLedgerTolerance = 1e-5;  // × (1 + |logit|), the project's promise

/// The sum of all numbers in it.
double sum(const json& value) {
  if (value.is_number()) return value;
  double result = 0;
  if (value.is_structured()) {
    for (const json& part : value) result += sum(part);
  }
  return result;
}

/// The sum of one field over the entries of an array.
double sum(const json& entries, const char* field) {
  double result = 0;
  for (const json& entry : entries) result += entry.at(field).get<double>();
  return result;
}

double number(const json& object, const char* key) { return object.at(key).get<double>(); }

double sum_of_blocks(const json& components) {
  double result = 0;
  for (const json& block : components.at("blocks")) {
    const double all = sum(block.at("heads")) + number(block, "attention_bias") +
                       number(block, "mlp") + number(block, "mlp_bias");
    EXPECT_NEAR(all, number(block, "sum"), 1e-5);
    EXPECT_NEAR(sum(block.at("heads")), number(block, "attention"), 1e-5);
    result += all;
  }
  return result;
}

class LedgerCommand : public CommandTest {
 protected:
  Ran ledger(std::vector<std::string> options) const {
    options.insert(options.begin(), {"ledger", "-q", "-t", "simple", toons_image("cat_and_dog")});
    return run(options);
  }
  json ledger_json(std::vector<std::string> options) const {
    options.push_back("--json");
    const Ran ran = ledger(options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
};

TEST_F(LedgerCommand, JsonHasItsKeysAndShapes) {
  const json document =
      ledger_json({"--class", "cat", "--regions", "blocks:3x2", "--words", "--interaction"});

  const json& map = document.at("attribution");
  EXPECT_EQ(map.at("method"), "contributions");
  ASSERT_EQ(document.at("components").at("blocks").size(), 5u);
  for (const json& block : document.at("components").at("blocks")) {
    ASSERT_EQ(block.at("heads").size(), 4u);
    for (std::size_t h = 0; h < 4; ++h) {
      EXPECT_EQ(block.at("head_tokens")[h].size(), 145u);
      EXPECT_NEAR(sum(block.at("head_tokens")[h]), block.at("heads")[h].get<double>(), 1e-5);
    }
  }
  EXPECT_EQ(map.at("ledger").at("stream").size(), 6u);
  EXPECT_EQ(document.at("regions").size(), 6u);
  EXPECT_EQ(document.at("regions")[1].at("name"), "block r0c1");
  EXPECT_EQ(document.at("regions")[1].at("patches").size(), 24u);
  EXPECT_EQ(document.at("interaction").at("regions").size(), 9u);
  EXPECT_EQ(document.at("interaction").at("contributions").size(),
            9 * document.at("interaction").at("words").size());
}

TEST_F(LedgerCommand, EveryLevelAddsUpToTheScoreOfAClassAContrastAndAPrompt) {
  for (const std::vector<std::string>& target : {std::vector<std::string>{"--class", "cat"},
                                                 {"--class", "cat", "--versus", "others"},
                                                 {"-p", "a cat on a dog"}}) {
    std::vector<std::string> options{"--regions", "slic:6", "--words", "--interaction"};
    options.insert(options.end(), target.begin(), target.end());
    const json document = ledger_json(options);
    const double logit = document.at("target").at("value");
    const double tolerance = kLedgerTolerance * (1 + std::abs(logit));

    const json& map = document.at("attribution");
    const json& ledger = map.at("ledger");
    const double others = number(ledger, "class_token") + number(ledger, "position_embedding") +
                          sum(ledger.at("biases"), "contribution");
    EXPECT_NEAR(sum(map.at("patches")) + others, logit, tolerance);
    EXPECT_NEAR(sum(document.at("regions"), "contribution") + others, logit, tolerance);
    const json& components = document.at("components");
    EXPECT_NEAR(number(components, "embedding") + number(components, "embedding_bias") +
                    sum_of_blocks(components) + number(components, "last_bias"),
                logit, tolerance);
    const json& words = document.at("words");
    EXPECT_NEAR(number(words, "class_words") + number(words, "other_words") +
                    number(words, "start") + number(words, "end") + number(words, "positions") +
                    sum(words.at("biases"), "contribution"),
                logit, tolerance);
    EXPECT_NEAR(sum(words.at("prompts"), "logit"), logit, tolerance);
    EXPECT_NEAR(sum(words.at("words"), "contribution"),
                number(words, "class_words") + number(words, "other_words"), tolerance);
    EXPECT_NEAR(sum(document.at("interaction").at("contributions")), logit, tolerance);
  }
}

TEST_F(LedgerCommand, WordsOfAPromptStandInItsOrderAndAddUp) {
  const json document = ledger_json({"-p", "a cat on a dog", "--words"});

  const json& prompt = document.at("words").at("prompts")[0];
  std::string read;
  for (const json& word : prompt.at("words")) read += word.at("text").get<std::string>() + "|";
  EXPECT_EQ(read, "a|cat|on|a|dog|");
  EXPECT_NEAR(sum(prompt.at("words"), "contribution") + number(prompt, "start") +
                  number(prompt, "end") + number(prompt, "positions") + number(prompt, "biases"),
              number(prompt, "logit"), 1e-4);
  EXPECT_GT(prompt.at("words")[1].at("contribution").get<double>(),
            1);  // cat, which is in the image
}

TEST_F(LedgerCommand, InteractionsAddUpToWordsAndToRegions) {
  const json document =
      ledger_json({"-p", "a cat on a dog", "--regions", "blocks:2x2", "--words", "--interaction"});
  const json& table = document.at("interaction");
  const std::size_t columns = table.at("regions").size();

  const json& words = document.at("words").at("prompts")[0].at("words");
  for (std::size_t w = 0; w < words.size(); ++w) {
    EXPECT_EQ(table.at("words")[w], words[w].at("text"));
    double row = 0;
    for (std::size_t r = 0; r < columns; ++r) {
      row += table.at("contributions")[w * columns + r].get<double>();
    }
    EXPECT_NEAR(row, number(words[w], "contribution"), 1e-4);
  }
  for (std::size_t r = 0; r < 4; ++r) {
    double column = 0;
    for (std::size_t w = 0; w < table.at("words").size(); ++w) {
      column += table.at("contributions")[w * columns + r].get<double>();
    }
    EXPECT_EQ(table.at("regions")[r], document.at("regions")[r].at("name"));
    EXPECT_NEAR(column, number(document.at("regions")[r], "contribution"), 1e-4);
  }
}

TEST_F(LedgerCommand, InteractionWithoutRegionsNamesPatchesByRowAndColumn) {
  const json document = ledger_json({"-p", "a dog", "--interaction"});

  const json& regions = document.at("interaction").at("regions");
  ASSERT_EQ(regions.size(), 147u);
  EXPECT_EQ(regions[0], "r0c0");
  EXPECT_EQ(regions[13], "r1c1");
  EXPECT_EQ(regions[144], "class token");
}

TEST_F(LedgerCommand, ContributionsLeakNowhere) {
  const json document = ledger_json({"--class", "cat"});
  const json& balances = document.at("attribution").at("ledger").at("balances");

  EXPECT_GT(balances.size(), 50u);
  for (const json& op : balances) {
    EXPECT_NEAR(number(op, "leak"), 0, 1e-4 * (1 + number(op, "size"))) << op.at("trace_point");
  }
}

TEST_F(LedgerCommand, AttnLrpNamesItsFirstLeak) {
  const json document = ledger_json({"--class", "cat", "--method", "attnlrp"});
  const Ran ran = ledger({"--class", "cat", "--method", "attnlrp"});

  // From the score back, Taylor's softmax of the last block is the first that does not conserve.
  const json& balances = document.at("attribution").at("ledger").at("balances");
  const auto leak = std::find_if(balances.begin(), balances.end(), [](const json& op) {
    return std::abs(number(op, "leak")) > 1e-5 * (1 + number(op, "size"));
  });
  ASSERT_NE(leak, balances.end());
  EXPECT_EQ(leak->at("trace_point"), "vision.blocks.4.pattern");
  EXPECT_EQ(leak->at("rule"), "softmax_taylor");
  EXPECT_NE(ran.output.find("first op that leaks, from the score back, is vision.blocks.4.pattern"),
            std::string::npos)
      << ran.output;
}

/// The numbers of a tree's branches that have no branch above them, by their names.
std::map<std::string, double> top_of_tree(const std::string& text, const std::string& title) {
  std::map<std::string, double> branches;
  std::istringstream lines(text.substr(text.find(title)));
  std::string line;
  for (std::getline(lines, line); std::getline(lines, line) && !line.empty();) {
    if (!line.starts_with("├─ ") && !line.starts_with("└─ ")) continue;
    const std::size_t begin = std::string("├─ ").size();
    const std::size_t at = std::min(line.find(" +", begin), line.find(" -", begin)) + 1;
    const std::string name = line.substr(begin, line.find("  ", begin) - begin);
    branches[name.substr(0, name.find_last_not_of(' ') + 1)] = std::stod(line.substr(at));
  }
  return branches;
}

TEST_F(LedgerCommand, TreesHaveTheSumsOfTheJson) {
  const json document = ledger_json({"--class", "cat", "--words"});
  const std::string text = ledger({"--class", "cat", "--words"}).output;
  const double half_a_digit = 0.5e-5;

  auto sources = top_of_tree(text, "by source");
  EXPECT_NEAR(sources["patches"], number(document.at("attribution"), "patch_sum"), half_a_digit);
  EXPECT_NEAR(sources["class token"],
              number(document.at("attribution").at("ledger"), "class_token"), half_a_digit);
  EXPECT_NEAR(sources["biases"],
              sum(document.at("attribution").at("ledger").at("biases"), "contribution"),
              half_a_digit);
  EXPECT_NEAR(sources["sum"], number(document.at("attribution"), "sum"), half_a_digit);
  auto components = top_of_tree(text, "by component");
  for (std::size_t b = 0; b < 5; ++b) {
    EXPECT_NEAR(components["block " + std::to_string(b)],
                number(document.at("components").at("blocks")[b], "sum"), half_a_digit);
  }
  EXPECT_NEAR(components["sum"], number(document.at("components"), "sum"), half_a_digit);
  EXPECT_NEAR(top_of_tree(text, "by word")["sum"], number(document.at("words"), "sum"),
              half_a_digit);
}

TEST_F(LedgerCommand, FullTreeHasEveryHeadBiasAndOp) {
  const std::string text = ledger({"--class", "cat", "--full"}).output;

  for (const char* part : {"head 3", "attn_out", "mlp_pre", "vision.blocks.0.ln1", "frozen"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(ledger({"--class", "cat"}).output.find("head 3"), std::string::npos);
}

TEST_F(LedgerCommand, WritesThePageAndTheJsonThatIsPrinted) {
  const Ran ran = ledger({"--class", "cat", "--json", "-o", path("out")});

  EXPECT_EQ(ran.errors, "");
  EXPECT_EQ(files_in("out"), (std::vector<std::string>{"cat_and_dog.cat.ledger.html",
                                                       "cat_and_dog.cat.ledger.json"}));
  EXPECT_EQ(read_text(path("out/cat_and_dog.cat.ledger.json")), ran.output);
  const std::string page = read_text(path("out/cat_and_dog.cat.ledger.html"));
  EXPECT_TRUE(testing::is_page_of(page, ran.json()));
}

TEST_F(LedgerCommand, LeavesNoFileBehindIfOneCannotBeWritten) {
  std::filesystem::create_directories(path("out/cat_and_dog.cat.ledger.html"));

  EXPECT_TRUE(refused(ledger({"--class", "cat", "-o", path("out")}), {"ledger.html"}));

  EXPECT_EQ(files_in("out"), (std::vector<std::string>{"cat_and_dog.cat.ledger.html"}));
}

TEST_F(LedgerCommand, ThreadsAndCacheChangeNoByte) {
  const std::vector<std::string> options{"--class", "cat",           "--json",
                                         "--words", "--interaction", "--regions",
                                         "slic:5",  "--method",      "query-key"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), options.begin(), options.end());
    return ledger(more).output;
  };
  const std::string one = with({"--no-cache", "--threads", "1"});

  EXPECT_FALSE(one.empty());
  EXPECT_EQ(with({"--no-cache", "--threads", "2"}), one);
  EXPECT_EQ(with({"--threads", "1"}), one);  // cold
  EXPECT_EQ(with({"--threads", "2"}), one);  // warm
}

TEST_F(LedgerCommand, LabelsAndMasksThatGetNoPatchAreNamedWhenDropped) {
  const auto in = [](bool inside) { return std::array<int, 3>{inside ? 255 : 0, 0, 0}; };
  const std::string regions =
      draw("left.png", 96, 96, [&](int x, int) { return in(x < 48); }) + "," +
      draw("dot.png", 96, 96, [&](int x, int y) { return in(x == 90 && y == 3); });

  EXPECT_TRUE(refused(ledger({"--regions", regions}), {"dot"}));
  const Ran ran = ledger({"--regions", regions, "--drop-empty-regions"});
  const json document = ledger_json({"--regions", regions, "--drop-empty-regions"});

  EXPECT_NE(ran.output.find("skipped, without a patch: dot"), std::string::npos) << ran.output;
  EXPECT_EQ(document.at("empty_regions"), json({"dot"}));
  EXPECT_EQ(document.at("regions").size(), 2u);  // left and the rest
}

TEST_F(LedgerCommand, MapsWithoutLogitsAreRefusedWithTheWayOut) {
  for (const char* set : {"globenc", "alti"}) {
    EXPECT_TRUE(refused(ledger({"--method", set, "--biases", "equal", "-o", path("out")}),
                        {"--method", set, "not in logits", "whyclip explain"}));
  }
  EXPECT_EQ(files_in("out"), std::vector<std::string>{});
}

TEST_F(LedgerCommand, ValuesThatDoNotAddUpAreRefusedWithTheWayOut) {
  for (const char* method : {"occlusion", "maskclip", "rise"}) {
    EXPECT_TRUE(refused(ledger({"--method", method}),
                        {"--method", method, "do not add up", "whyclip explain --method"}));
  }
}

TEST_F(LedgerCommand, MethodWithoutSourcesHasPatchesElsewhereAndAResidual) {
  const Ran ran = ledger({"--class", "cat", "--method", "integrated-gradients"});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  for (const char* part : {"by patch and elsewhere", "elsewhere", "residual"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(ran.output.find("through all paths"), std::string::npos);
}

TEST_F(LedgerCommand, FullStandardOutputIsAnError) {
  const Ran ran =
      run({"ledger", "-q", "-t", "simple", toons_image("cat")}, {.output = "/dev/full"});

  EXPECT_TRUE(refused(ran, {"standard output", "No space"}));
}

}  // namespace ledger_test
}  // namespace whyclip
