// Rule sets by name and rules of one's own, in every command that takes --method.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/command.h"

namespace whyclip {
namespace rules_test {

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
                 R"({"name": "mine", "quantity": ")" + quantity + R"(", "rows": )" + rows + "}");
  }
  void refuses_table(const std::string& rows, std::initializer_list<std::string_view> parts) const {
    const std::string file = table(rows, "relevance");
    EXPECT_TRUE(refused(classifier("ledger", {"--method", file, "-o", path("out")}), parts))
        << rows;
    EXPECT_EQ(files_in("out"), std::vector<std::string>{});
  }
};

double sum_of_biases(const json& document) {
  double sum = 0;
  for (const json& bias : document.at("attribution").at("ledger").at("biases")) {
    sum += bias.at("contribution").get<double>();
  }
  return sum;
}

TEST_F(RulesCommand, ListHasEverySetAndEveryRule) {
  const json listed = run({"rules", "--json"}).json();
  const Ran ran = run({"rules"});

  EXPECT_EQ(ran.errors, "");
  EXPECT_EQ(listed.at("rule_sets").size(), 15u);
  for (const json& set : listed.at("rule_sets")) {
    for (const char* key : {"name", "summary", "reference", "direction", "quantity", "complete"}) {
      EXPECT_TRUE(set.contains(key)) << key;
    }
    EXPECT_NE(ran.output.find("  " + set.at("name").get<std::string>() + " "), std::string::npos);
    EXPECT_NE(ran.output.find(set.at("reference").get<std::string>()), std::string::npos);
  }
  for (const json& rule : listed.at("rules")) {
    EXPECT_NE(ran.output.find("  " + rule.at("name").get<std::string>() + " "), std::string::npos);
  }
}

TEST_F(RulesCommand, EverySetExplainsAndTheCompleteOnesAddUp) {
  const json listed = run({"rules", "--json"}).json();
  for (const json& set : listed.at("rule_sets")) {
    const std::string name = set.at("name");
    const json document = answer("explain", {"--method", name});
    const json& map = document.at("attribution");
    EXPECT_EQ(map.at("in_logits"), set.at("direction") != "aggregation") << name;
    EXPECT_EQ(map.at("patches").size(), 144u) << name;
    if (!map.at("in_logits")) continue;
    const double logit = document.at("target").at("value"), residual = map.at("residual");
    EXPECT_NEAR(map.at("sum").get<double>() + residual, logit, 1e-4) << name;
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
    const json document = answer("ledger", {"--method", name});
    const json &map = document.at("attribution"), &ledger = map.at("ledger");
    EXPECT_EQ(map.at("method"), name);
    EXPECT_EQ(map.at("patches"),
              answer("explain", {"--method", name}).at("attribution").at("patches"))
        << name;
    // Backward passes record what each op conserves and the residual stream.
    EXPECT_EQ(!ledger.at("balances").empty(), direction == "backward") << name;
    EXPECT_EQ(!ledger.at("stream").empty(), direction == "backward") << name;
    EXPECT_EQ(document.at("components").at("blocks").size(), 5u);
  }
}

TEST_F(RulesCommand, TableOfOnesOwnGivesWhatItSays) {
  const std::string frozen = table(R"([{"rule": "frozen"}])");

  const json mine = answer("ledger", {"--method", frozen});

  EXPECT_EQ(mine.at("attribution").at("method"), "mine");
  EXPECT_EQ(mine.at("attribution").at("patches"),
            answer("ledger", {}).at("attribution").at("patches"));
  EXPECT_EQ(run({"regions", "-q", "-t", "simple", "--json", toons_image("cat"), "--method", frozen})
                .json()
                .at("method"),
            "mine");
}

TEST_F(RulesCommand, FirstRowThatMatchesCounts) {
  const json mine =
      answer("ledger", {"--method", table(R"([{"ops": ["linear"], "at": "vision.blocks.4.mlp_out",
                                       "rule": "constant"}, {"rule": "frozen"}])")});

  const json& ledger = mine.at("attribution").at("ledger");
  for (const json& op : ledger.at("balances")) {
    const bool first_row = op.at("trace_point") == "vision.blocks.4.mlp_out";
    EXPECT_EQ(op.at("rule"), first_row ? "constant" : "frozen") << op.at("trace_point");
    if (!first_row) continue;
    EXPECT_EQ(op.at("inputs"), 0.0);  // the constant is an entry of its own
    for (const json& bias : ledger.at("biases")) {
      if (bias.at("trace_point") != "vision.blocks.4.mlp_out") continue;
      EXPECT_NEAR(op.at("additive_term").get<double>(), bias.at("contribution").get<double>(),
                  1e-9);
    }
  }
}

TEST_F(RulesCommand, ExampleOfTheHelpPageWorks) {
  const std::string help = run({"rules", "--help"}).output;
  const std::size_t begin = help.find("{\"name\""), end = help.find("]}", begin) + 2;
  ASSERT_NE(begin, std::string::npos);

  const Ran ran =
      classifier("ledger", {"--method", write("help.json", help.substr(begin, end - begin))});

  EXPECT_EQ(ran.status, 0) << ran.errors;
}

TEST_F(RulesCommand, UnknownSetIsRefusedWithTheNames) {
  for (const char* command : {"explain", "ledger"}) {
    EXPECT_TRUE(refused(classifier(command, {"--method", "nonsense"}),
                        {"nonsense", "contributions, query-key, libragrad", "published"}));
  }
  EXPECT_TRUE(refused(run({"regions", "-q", toons_image("cat"), "--method", "nonsense"}),
                      {"[method]", "there is no method \"nonsense\"",
                       "contributions, query-key, decompx, contextual"}));
  EXPECT_TRUE(refused(run({"regions", "-q", toons_image("cat"), "--method", "gae"}),
                      {"[method] gae propagates no regions forward",
                       "contributions, query-key, decompx, contextual"}));
}

TEST_F(RulesCommand, OlderNameOfMethodIsAccepted) {
  EXPECT_EQ(answer("explain", {"--rules", "query-key"}).at("attribution").at("method"),
            "query-key");
}

TEST_F(RulesCommand, TableThatIsNotThereOrNotJsonIsNamed) {
  EXPECT_TRUE(refused(classifier("ledger", {"--method", path("none.json")}),
                      {"none.json", "No such file"}));
  EXPECT_TRUE(refused(classifier("ledger", {"--method", write("cut.json", "{\"name\": ")}),
                      {"cut.json", "JSON"}));
  EXPECT_TRUE(refused(classifier("ledger", {"--method", write("bare.json", "{\"name\": \"a\"}")}),
                      {"bare.json", "field is missing"}));
  EXPECT_TRUE(
      refused(classifier("ledger", {"--method", table("[]", "water")}), {"quantity", "water"}));
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
  const Ran ran = classifier("ledger", {"--method", table(R"([{"rule": "gamma"}])", "gradient")});

  EXPECT_TRUE(refused(ran, {"mine", "gamma", "gradient"}));
}

TEST_F(RulesCommand, PoliciesGiveBiasesAndPositionsAwayAndKeepTheSum) {
  const json own = answer("explain", {});
  const json& map = own.at("attribution");
  const double logit = own.at("target").at("value"), tolerance = 1e-5 * (1 + std::abs(logit));
  EXPECT_GT(map.at("ledger").at("biases").size(), 20u);
  for (const char* policy : {"equal", "proportional", "token"}) {
    const json document = answer("explain", {"--biases", policy, "--positions", "token"});
    const json& other = document.at("attribution");
    EXPECT_EQ(other.at("ledger").at("position_embedding"), 0.0) << policy;
    EXPECT_NEAR(other.at("sum").get<double>(), logit, tolerance) << policy;
    EXPECT_NE(other.at("patches"), map.at("patches")) << policy;
    EXPECT_EQ(other.at("options")[0], json({"biases", policy}));
  }
  const json equal = answer("explain", {"--set", "biases=equal"});
  EXPECT_TRUE(equal.at("attribution").at("ledger").at("biases").empty());
  // Each of 144 patches and the class token gets the same part of all biases.
  EXPECT_NEAR(
      equal.at("attribution").at("patches")[40].get<double>() - map.at("patches")[40].get<double>(),
      sum_of_biases(own) / 145, 1e-5);
}

TEST_F(RulesCommand, PoliciesThatASetCannotFollowAreRefused) {
  EXPECT_TRUE(refused(classifier("ledger", {"--method", "decompx", "--biases", "equal"}),
                      {"decompx", "no option", "biases"}));
  EXPECT_TRUE(refused(classifier("explain", {"--method", "published", "--positions", "own"}),
                      {"published", "no option", "positions"}));
  EXPECT_TRUE(
      refused(classifier("explain", {"--biases", "mine"}), {"--biases", "mine"}, kWrongUsage));
}

}  // namespace rules_test
}  // namespace whyclip
