// Rule sets by name and rules of one's own, in every command that takes --rules.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/command.h"

namespace whyclip {
namespace {

using nlohmann::json;
using testing::CommandTest;
using testing::kWrongUsage;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class RulesCommand : public CommandTest {
 protected:
  Ran classifier(const std::string& command, std::vector<std::string> options) const {
    options.insert(options.begin(), {command, "-q", "-t", "simple", "--class", "cat", "--json",
                                     toons_image("cat_and_dog")});
    return run(options);
  }
  json answer(const std::string& command, const std::vector<std::string>& options) const {
    const Ran ran = classifier(command, options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
  /// A table of one's own in a file.
  std::string table(const std::string& rows, const std::string& quantity = "gradient") const {
    return write("mine.json",
                 R"({"name": "mine", "moves": ")" + quantity + R"(", "rows": )" + rows + "}");
  }
  void refuses_table(const std::string& rows, std::initializer_list<std::string_view> parts) const {
    const std::string file = table(rows, "relevance");
    EXPECT_TRUE(refused(classifier("ledger", {"--rules", file, "-o", path("out")}), parts)) << rows;
    EXPECT_EQ(files_in("out"), std::vector<std::string>{});
  }
};

double sum_of_biases(const json& document) {
  double sum = 0;
  for (const json& contribution : document.at("biases")) sum += contribution.get<double>();
  return sum;
}

TEST_F(RulesCommand, ListHasEverySetAndEveryRule) {
  const json listed = run({"rules", "--json"}).json();
  const Ran ran = run({"rules"});

  EXPECT_EQ(ran.errors, "");
  EXPECT_EQ(listed.at("rule_sets").size(), 15u);
  for (const json& set : listed.at("rule_sets")) {
    for (const char* key : {"name", "summary", "source", "direction", "moves", "complete"}) {
      EXPECT_TRUE(set.contains(key)) << key;
    }
    EXPECT_NE(ran.output.find("  " + set.at("name").get<std::string>() + " "), std::string::npos);
    EXPECT_NE(ran.output.find(set.at("source").get<std::string>()), std::string::npos);
  }
  for (const json& rule : listed.at("rules")) {
    EXPECT_NE(ran.output.find("  " + rule.at("name").get<std::string>() + " "), std::string::npos);
  }
}

TEST_F(RulesCommand, EverySetExplainsAndTheCompleteOnesAddUp) {
  const json listed = run({"rules", "--json"}).json();
  for (const json& set : listed.at("rule_sets")) {
    const std::string name = set.at("name");
    const json document = answer("explain", {"--rules", name});
    EXPECT_EQ(document.at("in_logits"), set.at("direction") != "aggregation") << name;
    EXPECT_EQ(document.at("patches").size(), 12u) << name;
    if (!document.at("in_logits")) continue;
    const double logit = document.at("target").at("logit"), residual = document.at("residual");
    EXPECT_NEAR(document.at("sum").get<double>() + residual, logit, 1e-4) << name;
    if (set.at("complete")) {
      EXPECT_LE(std::abs(residual), 1e-5 * (1 + std::abs(logit))) << name;
    }
    if (name == "gradient" || name == "attnlrp") {
      EXPECT_GT(std::abs(residual), 0.1) << name;  // otherwise it would deserve a star
    }
  }
}

TEST_F(RulesCommand, EverySetInLogitsHasALedgerWithTheContributionsOfExplain) {
  const json listed = run({"rules", "--json"}).json();
  for (const json& set : listed.at("rule_sets")) {
    const std::string name = set.at("name"), direction = set.at("direction");
    if (direction == "aggregation") continue;
    const json document = answer("ledger", {"--rules", name});
    EXPECT_EQ(document.at("rules"), name);
    EXPECT_EQ(document.at("patches"), answer("explain", {"--rules", name}).at("patches")) << name;
    // What was recorded on the way back is there for sets that backward pass only.
    EXPECT_EQ(document.contains("conservation"), direction == "backward") << name;
    EXPECT_EQ(document.contains("stream"), direction == "backward") << name;
    EXPECT_EQ(document.at("components").at("blocks").size(), 5u);
  }
}

TEST_F(RulesCommand, TableOfOnesOwnGivesWhatItSays) {
  const std::string frozen = table(R"([{"rule": "frozen"}])");

  const json mine = answer("ledger", {"--rules", frozen});

  EXPECT_EQ(mine.at("rules"), "mine");
  EXPECT_EQ(mine.at("patches"), answer("ledger", {}).at("patches"));
  EXPECT_EQ(run({"regions", "-q", "-t", "simple", "--json", toons_image("cat"), "--rules", frozen})
                .json()
                .at("rules"),
            "mine");
}

TEST_F(RulesCommand, FirstRowThatMatchesCounts) {
  const json mine =
      answer("ledger", {"--rules", table(R"([{"ops": ["linear"], "at": "vision.blocks.4.mlp_out",
                                       "rule": "constant"}, {"rule": "frozen"}])")});

  for (const json& op : mine.at("conservation").at("ops")) {
    const bool first_row = op.at("trace_point") == "vision.blocks.4.mlp_out";
    EXPECT_EQ(op.at("rule"), first_row ? "constant" : "frozen") << op.at("trace_point");
    if (first_row) {
      EXPECT_EQ(op.at("on"), 0.0);  // what the constant brings is its own entry
      EXPECT_NEAR(op.at("bias").get<double>(),
                  mine.at("biases").at("vision.blocks.4.mlp_out").get<double>(), 1e-9);
    }
  }
}

TEST_F(RulesCommand, ExampleOfTheHelpPageWorks) {
  const std::string help = run({"rules", "--help"}).output;
  const std::size_t begin = help.find("{\"name\""), end = help.find("]}", begin) + 2;
  ASSERT_NE(begin, std::string::npos);

  const Ran ran =
      classifier("ledger", {"--rules", write("help.json", help.substr(begin, end - begin))});

  EXPECT_EQ(ran.status, 0) << ran.errors;
}

TEST_F(RulesCommand, UnknownSetIsRefusedWithTheNames) {
  for (const char* command : {"explain", "ledger"}) {
    EXPECT_TRUE(refused(classifier(command, {"--rules", "nonsense"}),
                        {"nonsense", "contributions, query-key, libragrad", "published", ".json"}));
  }
  EXPECT_TRUE(refused(run({"regions", "-q", toons_image("cat"), "--rules", "nonsense"}),
                      {"nonsense", "contributions, query-key"}));
}

TEST_F(RulesCommand, TableThatIsNotThereOrNotJsonIsNamed) {
  EXPECT_TRUE(
      refused(classifier("ledger", {"--rules", path("none.json")}), {"none.json", "No such file"}));
  EXPECT_TRUE(refused(classifier("ledger", {"--rules", write("cut.json", "{\"name\": ")}),
                      {"cut.json", "JSON"}));
  EXPECT_TRUE(refused(classifier("ledger", {"--rules", write("bare.json", "{\"name\": \"a\"}")}),
                      {"bare.json", "field is missing"}));
  EXPECT_TRUE(refused(classifier("ledger", {"--rules", table("[]", "water")}), {"moves", "water"}));
}

TEST_F(RulesCommand, FieldsOfATableThatAreWrongAreNamed) {
  refuses_table("[]", {"mine.json", "rows", "at least one row"});
  refuses_table(R"([{"ops": ["linnear"], "rule": "epsilon"}])",
                {"rows[0].ops[0]", "linnear", "layer_norm"});
  refuses_table(R"([{"family": "quadratic", "rule": "epsilon"}])", {"rows[0].family", "quadratic"});
  refuses_table(R"([{"rule": "epsilon"}, {"rule": "epsylon"}])",
                {"rows[1].rule", "epsylon", "z_plus"});
  refuses_table(R"([{"rule": "epsilon", "epsilon": "much"}])", {"rows[0].epsilon", "much"});
  refuses_table(R"([{"rule": "epsilon", "epsilon": -1}])", {"epsilon", "-1"});
  refuses_table(R"([{"rule": "epsilon", "gamma": 1}])", {"rows[0]", "gamma"});
}

TEST_F(RulesCommand, TableThatCoversNothingOrNotEverythingIsNamed) {
  refuses_table(R"([{"at": "vision.bloks.*", "rule": "epsilon"}, {"rule": "epsilon"}])",
                {"vision.bloks.*", "matches no op"});
  refuses_table(R"([{"ops": ["linear"], "rule": "epsilon"}])",
                {"vision.normalized", "mine", "normalise"});
}

TEST_F(RulesCommand, RuleThatDoesNotMoveWhatTheTablePropagatesIsRefused) {
  const Ran ran = classifier("ledger", {"--rules", table(R"([{"rule": "gamma"}])", "gradient")});

  EXPECT_TRUE(refused(ran, {"mine", "gamma", "gradient"}));
}

TEST_F(RulesCommand, PoliciesGiveBiasesAndPositionsAwayAndKeepTheSum) {
  const json own = answer("explain", {});
  const double logit = own.at("target").at("logit"), tolerance = 1e-5 * (1 + std::abs(logit));
  EXPECT_GT(own.at("biases").size(), 20u);
  for (const char* policy : {"equal", "proportional", "token"}) {
    const json document = answer("explain", {"--biases", policy, "--positions", "token"});
    EXPECT_EQ(document.at("position_embedding"), 0.0) << policy;
    EXPECT_NEAR(document.at("sum").get<double>(), logit, tolerance) << policy;
    EXPECT_NE(document.at("patches"), own.at("patches")) << policy;
    EXPECT_EQ(document.at("settings").at("biases"), policy);
  }
  const json equal = answer("explain", {"--biases", "equal"});
  EXPECT_EQ(equal.at("biases"), json::object());
  // Each of 144 patches and the class token gets the same part of all biases.
  EXPECT_NEAR(equal.at("patches")[3][4].get<double>() - own.at("patches")[3][4].get<double>(),
              sum_of_biases(own) / 145, 1e-5);
}

TEST_F(RulesCommand, PoliciesThatASetCannotFollowAreRefused) {
  EXPECT_TRUE(refused(classifier("ledger", {"--rules", "decompx", "--biases", "equal"}),
                      {"decompx", "forward", "bias policy"}));
  EXPECT_TRUE(refused(classifier("explain", {"--rules", "published", "--positions", "own"}),
                      {"published", "position policy"}));
  EXPECT_TRUE(
      refused(classifier("explain", {"--biases", "mine"}), {"--biases", "mine"}, kWrongUsage));
}

}  // namespace
}  // namespace whyclip
