#include "whyclip/pages/plain_tables.h"

#include <gtest/gtest.h>

#include "tests/support/page.h"

namespace whyclip {
namespace plain_tables_test {

using testing::contains;
using testing::count;
using testing::first_unbalanced;
using Json = nlohmann::ordered_json;

std::string tables(const char* json) { return plain_tables(Json::parse(json)); }

/// A row of a table.
std::string row(std::initializer_list<const char*> cells) {
  std::string text = "<tr>";
  for (const char* cell : cells) text += std::string("<td>") + cell + "</td>";
  return text + "</tr>";
}

TEST(PlainTables, BeginWithTheHeadlineAndTheNotes) {
  EXPECT_TRUE(tables(R"({"headline": "Why <b>?", "notes": ["one", "two & three"]})")
                  .starts_with("<h1>Why &lt;b&gt;?</h1>\n<p>one</p>\n<p>two &amp; three</p>\n"));
  EXPECT_TRUE(tables("{}").starts_with("<h1>Result</h1>\n"));
}

TEST(PlainTables, HaveTheRankingInItsOrder) {
  const std::string text = tables(R"({"scores": [
      {"name": "cat", "logit": 2.5, "explained": true, "tokens": [1]},
      {"name": "dog", "logit": -1.25, "explained": false, "tokens": [2]},
      {"name": "<i>", "logit": null}]})");
  EXPECT_TRUE(contains(text,
                       "<caption>scores</caption>\n<tr><th>name</th><th>logit</th><th>"
                       "explained</th></tr>\n" +
                           row({"cat", "2.5", "yes"}) + "\n" + row({"dog", "-1.25", "no"}) + "\n" +
                           row({"&lt;i&gt;", "–", ""})));
}

TEST(PlainTables, HaveTheValuesOfObjectsInRecords) {
  const std::string text = tables(R"({"methods": [
      {"attribution": {"method": "gae", "patches": [1], "deeper": {"x": 7}}, "cost": "F"},
      {"attribution": {"method": "rise"}, "cost": "B"}, {"attribution": ["odd"]}]})");
  EXPECT_TRUE(contains(text, "<tr><th>method</th><th>cost</th></tr>\n" + row({"gae", "F"}) + "\n" +
                                 row({"rise", "B"}) + "\n" + row({"", ""}) + "\n</table>"));
}

TEST(PlainTables, HaveTheMapRowByRow) {
  const std::string text = tables(
      R"({"image": {"grid": {"rows": 2, "columns": 3}}, "attribution": {"patches":
          [0.5, -1, 2, 1e-9, 12345.67891, 0]}})");
  EXPECT_TRUE(contains(text, "<caption>patches, row by row</caption>\n" +
                                 row({"0.5000", "-1.0000", "2.0000"}) + "\n" +
                                 row({"0.0000", "12345.6789", "0.0000"}) + "\n</table>"));
}

TEST(PlainTables, LeaveOutAMapThatDoesNotFitTheGridAndOtherLongLists) {
  for (const char* json :
       {R"({"image": {"grid": {"columns": 3}}, "patches": [1, 2]})", R"({"patches": [1, 2]})",
        R"({"image": {"grid": {"columns": 0}}, "patches": [1, 2]})",
        R"({"image": {"grid": {"columns": 2}}, "stream": [1, 2]})", R"({"rows": [[1, 2], [3]]})"}) {
    EXPECT_FALSE(contains(tables(json), "<td>1")) << json;
  }
}

TEST(PlainTables, HaveSettingsAsPairs) {
  EXPECT_TRUE(contains(tables(R"({"settings": [["model", "toons"], ["seed", "0 & 1"]]})"),
                       "<caption>settings</caption>\n<tr><th>model</th><td>toons</td></tr>\n"
                       "<tr><th>seed</th><td>0 &amp; 1</td></tr>\n</table>"));
}

TEST(PlainTables, HaveSingleValuesOfTheResultAndOfItsParts) {
  const std::string text = tables(
      R"({"format": "whyclip x 1", "residual": 1e-7, "of_prompts": true, "words": null,
          "target": {"name": "cat", "value": 11.328043798, "deeper": {"last": 3, "no": {"x": 4}}}})");
  EXPECT_TRUE(contains(text,
                       "<caption>Result</caption>\n<tr><th>residual</th><td>1e-07</td></tr>\n"
                       "<tr><th>of prompts</th><td>yes</td></tr>\n</table>"));
  EXPECT_TRUE(contains(text, "<tr><th>value</th><td>11.328</td></tr>"));
  EXPECT_TRUE(contains(text, "<tr><th>last</th><td>3</td></tr>"));
  for (const char* absent : {"whyclip x 1", "words", "<td>4</td>"}) {
    EXPECT_FALSE(contains(text, absent)) << absent;
  }
}

TEST(PlainTables, CutLongListsOfRecordsAndSaySo) {
  Json list = Json::array();
  for (int i = 0; i < 250; ++i) list.push_back({{"index", i}});
  const std::string text = plain_tables({{"beyond", list}});
  EXPECT_TRUE(contains(text, "<caption>beyond (the first 100 of 250)</caption>"));
  EXPECT_EQ(count(text, "<tr>"), 101U);
}

TEST(PlainTables, NameTheUnitOfEveryTarget) {
  const std::string text = tables(R"({"attribution": {"in_logits": true}})");
  EXPECT_TRUE(contains(text, "<tr><th>in units of the score</th><td>yes</td></tr>"));
}

TEST(PlainTables, AcceptOddResults) {
  for (
      const char* json : {
          "{}",
          R"({"headline": 3, "notes": "none"})",
          R"({"headline": null, "notes": [1, null, {"a": "<"}, ["<"]]})",
          R"({"image": [1]})",
          R"({"image": "cat.png"})",
          R"({"image": {"grid": [2, 3]}, "patches": [1]})",
          R"({"image": {"grid": {"columns": -2}}, "patches": [1, 2]})",
          R"({"image": {"grid": {"columns": "2"}}, "patches": [1, 2]})",
          R"({"image": {"grid": {"columns": 18446744073709551615}}, "patches": [1, 2]})",
          R"({"image": {"grid": {"columns": 2}}, "patches": [1, null, "<", [3]]})",
          R"({"a": [], "b": {}, "c": [[]], "d": [{}], "e": [{}, {"x": 1}], "f": [null, {"x": 1}]})",
          R"({"a": [["x", "y"], ["x"]], "b": [["x", 1]], "c": [[["x"], "y"]]})",
          R"({"a": [{"x": null}, {"x": {"y": "<"}}, {"x": ["<"]}]})",
          R"({"": "", "\u0000": "\u0000"})",
      }) {
    const std::string text = tables(json);
    EXPECT_EQ(first_unbalanced(text), "") << json;
    EXPECT_EQ(count(text, "<table>"), count(text, "</table>")) << json;
  }
}

}  // namespace plain_tables_test
}  // namespace whyclip
