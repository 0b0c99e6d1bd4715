#include "whyclip/rules/rule_json.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/rules/small_network.h"
#include "whyclip/io/file.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_names.h"

namespace whyclip {
namespace rule_json_test {

using testing::error_of;
using testing::mentions;

/// A table of one row, given as the text between the row's braces.
RuleTable table_with(const std::string& row, const std::string& quantity = "gradient") {
  return parse_rule_table(
      R"({"name": "mine", "quantity": ")" + quantity + R"(", "rows": [{)" + row + "}]}",
      "mine.json");
}

std::string error_with(const std::string& row, const std::string& quantity = "gradient") {
  return error_of([&] { table_with(row, quantity); });
}

std::string error_in(const std::string& json) {
  return error_of([&] { parse_rule_table(json, "mine.json"); });
}

TEST(RuleJson, ReadsRowsInTheirOrder) {
  const RuleTable table = parse_rule_table(
      R"({"name": "mine", "quantity": "relevance", "rows": [
           {"ops": ["linear", "attention_mix"], "at": "vision.*", "rule": "epsilon", "epsilon": 0.5},
           {"family": "nonlinear", "rule": "identity"},
           {"rule": "epsilon"}]})",
      "mine.json");

  EXPECT_EQ(table.name, "mine");
  EXPECT_EQ(table.quantity, Quantity::kRelevance);
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0].kinds, (std::vector{OpKind::kLinear, OpKind::kAttentionMix}));
  EXPECT_EQ(table.rows[0].at, "vision.*");
  EXPECT_EQ(table.rows[0].rule->name(), "epsilon 0.5");
  EXPECT_EQ(table.rows[1].kinds, kinds_of_family("nonlinear"));
  EXPECT_EQ(table.rows[1].at, "");
  EXPECT_EQ(table.rows[1].rule->name(), "identity");
  EXPECT_TRUE(table.rows[2].kinds.empty());
  EXPECT_EQ(table.rows[2].rule->name(), "epsilon 1e-06");
}

TEST(RuleJson, ReadsParametersAndTheirDefaults) {
  const auto rule = [](const std::string& row, const char* quantity) {
    return table_with(row, quantity).rows[0].rule->name();
  };

  EXPECT_EQ(rule(R"("rule": "query_key", "nodes": 3)", "gradient"), "query_key 3 nodes");
  EXPECT_EQ(rule(R"("rule": "query_key")", "gradient"), "query_key 8 nodes");
  EXPECT_EQ(rule(R"("rule": "gamma", "gamma": 2)", "relevance"), "gamma 2");
  EXPECT_EQ(rule(R"("rule": "gamma")", "relevance"), "gamma 0.25");
  EXPECT_EQ(rule(R"("rule": "uniform", "epsilon": 0.5)", "relevance"), "uniform 0.5");
  EXPECT_EQ(rule(R"("rule": "uniform")", "relevance"), "uniform 1e-06");
}

TEST(RuleJson, GivesTheNumbersOfTheTableWrittenInCode) {
  const RuleTable table = parse_rule_table(
      R"({"name": "contributions", "quantity": "gradient", "rows": [
           {"ops": ["attention_scores", "softmax"], "rule": "constant"}, {"rule": "frozen"}]})",
      "mine.json");
  const testing::SmallNetwork network;
  const auto backward = [&](const RuleTable& rules) {
    return propagate_backward(network.workspace, network.record, rules, "net.normalized",
                              network.seed("net.normalized", 2), {"x"});
  };

  EXPECT_TRUE(testing::all_close(backward(table).gradients.at("x").values(),
                                 backward(contribution_rules()).gradients.at("x").values(), 0));
}

TEST(RuleJson, ReadsAFileAndNamesItInErrors) {
  const testing::TemporaryFolder folder;
  const auto good = folder.path() / "good.json", bad = folder.path() / "bad.json";
  write_file(good, R"({"name": "mine", "quantity": "gradient", "rows": [{"rule": "frozen"}]})");
  write_file(bad, R"({"name": "mine", "quantity": "gradient", "rows": [{"rule": "melted"}]})");

  EXPECT_EQ(read_rule_table(good).rows[0].rule, frozen_gains());
  EXPECT_TRUE(mentions(error_of([&] { read_rule_table(bad); }), {"bad.json: rows[0].rule"}));
  EXPECT_TRUE(
      mentions(error_of([&] { read_rule_table(folder.path() / "none.json"); }), {"none.json"}));
}

TEST(RuleJson, NamesAnUnknownNameAndListsTheKnownOnes) {
  EXPECT_TRUE(mentions(error_with(R"("rule": "melted")"),
                       {"mine.json: rows[0].rule", "melted", "frozen", "softmax_taylor"}));
  EXPECT_TRUE(mentions(error_with(R"("ops": ["linear", "conv"], "rule": "frozen")"),
                       {"mine.json: rows[0].ops[1]", "conv", "attention_mix", "patchify"}));
  EXPECT_TRUE(mentions(error_with(R"("family": "curved", "rule": "frozen")"),
                       {"mine.json: rows[0].family", "curved", "bilinear"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "where": "x")"),
                       {"mine.json: rows[0]", "\"where\"", "ops, family, at, rule"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "x", "quantity": "gradient", "row": []})"),
                       {"mine.json", "\"row\"", "name, quantity, rows"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen")", "heat"),
                       {"mine.json: quantity", "gradient or relevance", "heat"}));
}

TEST(RuleJson, RefusesAParameterThatTheRuleDoesNotHave) {
  EXPECT_TRUE(
      mentions(error_with(R"("rule": "frozen", "gamma": 1)"), {"mine.json: rows[0]", "\"gamma\""}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "gamma", "epsilon": 1)", "relevance"),
                       {"mine.json: rows[0]", "\"epsilon\"", "rule, gamma"}));
}

TEST(RuleJson, RefusesAParameterOutOfRange) {
  EXPECT_TRUE(mentions(error_with(R"("rule": "epsilon", "epsilon": 0)", "relevance"),
                       {"mine.json: rows[0].epsilon", "above 0"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "gamma", "gamma": -1)", "relevance"),
                       {"mine.json: rows[0].gamma", "0 or more"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "query_key", "nodes": 65)"),
                       {"mine.json: rows[0].nodes", "1 to 64"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "query_key", "nodes": 2.5)"),
                       {"mine.json: rows[0].nodes", "whole number", "2.5"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "query_key", "nodes": 1e300)"),
                       {"mine.json: rows[0].nodes", "whole number"}));
}

TEST(RuleJson, RefusesValuesOfOtherTypes) {
  EXPECT_TRUE(mentions(error_with(R"("rule": 3)"), {"mine.json: rows[0].rule", "string", "3"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "ops": "linear")"),
                       {"mine.json: rows[0].ops", "list", "linear"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "ops": [1])"),
                       {"mine.json: rows[0].ops[0]", "string"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "at": 1)"), {"mine.json: rows[0].at"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "query_key", "nodes": "8")"),
                       {"mine.json: rows[0].nodes", "number"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "x", "quantity": "gradient", "rows": {}})"),
                       {"mine.json: rows", "list"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "x", "quantity": "gradient", "rows": [1]})"),
                       {"mine.json: rows[0]", "object"}));
  EXPECT_TRUE(mentions(error_in("[]"), {"mine.json", "object"}));
  EXPECT_TRUE(mentions(error_in("{"), {"mine.json", "not valid JSON"}));
}

TEST(RuleJson, RefusesMissingFields) {
  EXPECT_TRUE(mentions(error_in(R"({"quantity": "gradient", "rows": []})"), {"mine.json: name"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "x", "rows": []})"), {"mine.json: quantity"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "x", "quantity": "gradient"})"), {"mine.json: rows"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "x", "quantity": "gradient", "rows": []})"),
                       {"mine.json: rows", "at least one row"}));
  EXPECT_TRUE(mentions(error_in(R"({"name": "", "quantity": "gradient", "rows": []})"),
                       {"mine.json: name", "non-empty"}));
  EXPECT_TRUE(
      mentions(error_with(R"("family": "linear")"), {"mine.json: rows[0].rule", "missing"}));
}

// Reading any of these as "every op" would silently change the table.
TEST(RuleJson, RefusesAnEmptyField) {
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "ops": [])"),
                       {"mine.json: rows[0].ops", "at least one op"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "ops": null)"), {"mine.json: rows[0].ops"}));
  EXPECT_TRUE(
      mentions(error_with(R"("rule": "frozen", "family": null)"), {"mine.json: rows[0].family"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "at": "")"), {"mine.json: rows[0].at"}));
}

TEST(RuleJson, RefusesOpsAndFamilyTogether) {
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen", "ops": ["add"], "family": "linear")"),
                       {"mine.json: rows[0]", "ops or family", "both"}));
}

TEST(RuleJson, RefusesARuleForAnotherQuantity) {
  EXPECT_TRUE(mentions(error_with(R"("rule": "identity")"),
                       {"mine.json: rows[0].rule", "gradient", "identity"}));
  EXPECT_TRUE(mentions(error_with(R"("rule": "frozen")", "relevance"),
                       {"mine.json: rows[0].rule", "relevance", "frozen"}));
}

TEST(RuleNames, EqualTheNamesOfTheRules) {
  for (const RuleEntry& entry : rule_names()) {
    EXPECT_TRUE(rule_by_name(entry.name)->name().starts_with(entry.name)) << entry.name;
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_EQ(entry.description.find('\n'), std::string_view::npos) << entry.name;
  }
}

TEST(RuleNames, RefuseAValueForARuleWithoutAParameter) {
  EXPECT_TRUE(mentions(error_of([] { rule_by_name("frozen", 1); }), {"frozen", "no parameter"}));
  EXPECT_TRUE(mentions(error_of([] { rule_by_name("melted"); }), {"melted", "derivative"}));
}

}  // namespace rule_json_test
}  // namespace whyclip
