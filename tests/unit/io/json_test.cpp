#include "whyclip/io/json.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace json_test {

using testing::error_of;
using testing::mentions;

JsonView sample() {
  return JsonView::parse(
      R"({"a":{"b":3,"text":"x","flag":true,"none":null,"list":[1,2.5],"mixed":[1,"x"],
          "half":0.5,"big":9223372036854775808}})",
      "c.json");
}

/// The error message for a wrong use of a field inside "a".
template <class Use>
std::string wrong(const char* field, Use use) {
  return error_of([&] { use(sample().at("a").at(field)); });
}

TEST(JsonView, ReadsValuesOfEachType) {
  const JsonView a = sample().at("a");

  EXPECT_EQ(a.at("b").integer(0, 10), 3);
  EXPECT_EQ(a.at("b").number(), 3.0);
  EXPECT_EQ(a.at("text").string(), "x");
  EXPECT_TRUE(a.at("flag").boolean());
  EXPECT_EQ(a.at("list").numbers(), (std::vector<double>{1, 2.5}));
}

TEST(Nesting, CountsArraysAndObjectsAndNotWhatStandsInStrings) {
  const std::string deep(std::size_t(kMostJsonDepth), '[');
  EXPECT_FALSE(nests_too_deeply(deep));
  EXPECT_TRUE(nests_too_deeply(deep + "{"));
  EXPECT_FALSE(nests_too_deeply("[\"" + deep + "\\\"[{\"]"));
  EXPECT_FALSE(nests_too_deeply("[[]]"));
}

TEST(JsonView, ReadsAMillionObjectsOfOneList) {  // a parser's callback would take hours
  std::string text = "[{}";
  for (int i = 1; i < 1'000'000; ++i) text += ",{}";
  EXPECT_EQ(JsonView::parse(text + "]", "c.json").value().size(), 1'000'000U);
}

TEST(JsonView, TreatsNullAsAbsent) {
  const JsonView a = sample().at("a");

  EXPECT_FALSE(a.has("none"));
  EXPECT_FALSE(a.has("other"));
  EXPECT_TRUE(a.has("b"));
}

TEST(JsonView, HasAPathForMessages) { EXPECT_EQ(sample().at("a").at("b").where(), "c.json: a.b"); }

TEST(JsonView, NamesAFieldThatIsMissing) {
  EXPECT_TRUE(
      mentions(error_of([] { sample().at("a").at("width"); }), {"c.json: a.width", "missing"}));
}

TEST(JsonView, NamesAFieldThatIsNotAnObject) {
  EXPECT_TRUE(mentions(wrong("b", [](const JsonView& v) { v.at("c"); }),
                       {"c.json: a.b", "expected an object", "got 3"}));
}

TEST(JsonView, NamesAFieldOfAnotherType) {
  EXPECT_TRUE(mentions(wrong("b", [](const JsonView& v) { v.string(); }),
                       {"c.json: a.b", "expected a string", "got 3"}));
  EXPECT_TRUE(mentions(wrong("text", [](const JsonView& v) { v.number(); }),
                       {"c.json: a.text", "expected a number", "got \"x\""}));
  EXPECT_TRUE(mentions(wrong("b", [](const JsonView& v) { v.boolean(); }),
                       {"c.json: a.b", "true or false", "got 3"}));
  EXPECT_TRUE(mentions(wrong("text", [](const JsonView& v) { v.numbers(); }),
                       {"c.json: a.text", "list of numbers", "got \"x\""}));
  EXPECT_TRUE(mentions(wrong("mixed", [](const JsonView& v) { v.numbers(); }),
                       {"c.json: a.mixed", "list of numbers", "[1,\"x\"]"}));
}

TEST(JsonView, RefusesIntegersOutOfRangeAndFractions) {
  const auto up_to_two = [](const JsonView& v) { v.integer(1, 2); };

  EXPECT_TRUE(mentions(wrong("b", up_to_two), {"c.json: a.b", "from 1 to 2", "got 3"}));
  EXPECT_TRUE(mentions(wrong("half", up_to_two), {"c.json: a.half", "integer", "got 0.5"}));
  EXPECT_TRUE(mentions(wrong("big", up_to_two), {"c.json: a.big", "9223372036854775808"}));
  EXPECT_TRUE(mentions(wrong("flag", up_to_two), {"c.json: a.flag", "got true"}));
}

TEST(JsonView, NamesTheFileThatIsNotJson) {
  EXPECT_TRUE(mentions(error_of([] { JsonView::parse("{\"a\":", "c.json"); }),
                       {"c.json", "not valid JSON", "byte"}));
}

TEST(JsonView, SaysWhereTheTextIsWrong) {
  const auto error = [](std::string_view text) {
    return error_of([&] { JsonView::parse(text, "c.json"); });
  };
  EXPECT_EQ(error(""), "[c.json] not valid JSON: it is empty");
  EXPECT_EQ(error(" \n"), "[c.json] not valid JSON: it is empty");
  EXPECT_TRUE(mentions(error("[1 2]"), {"not valid JSON at byte ", " of 5"}));
  for (const char* text : {"{\"a\":", "[1,", "{\"a\": \"b"}) {
    EXPECT_TRUE(mentions(error(text), {"not valid JSON: it ends in the middle, after "})) << text;
  }
}

TEST(JsonView, RejectsANumberOutOfTheRangeOfDouble) {
  EXPECT_TRUE(mentions(error_of([] { JsonView::parse("[1e999]", "c.json"); }), {"c.json", "JSON"}));
}

TEST(JsonView, ShortensLongValuesInMessages) {
  const std::string text = "\"" + std::string(10'000, 'x') + "\"";

  EXPECT_LT(error_of([&] { JsonView::parse(text, "c.json").number(); }).size(), 200u);
}

TEST(JsonView, GivesTheElementsOfAListWithTheirPaths) {
  const std::vector<JsonView> items = sample().at("a").at("mixed").items();

  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].integer(0, 5), 1);
  EXPECT_EQ(items[1].where(), "c.json: a.mixed[1]");
  EXPECT_EQ(JsonView::parse("[{\"b\":1}]", "c.json").items()[0].at("b").where(), "c.json: [0].b");
}

TEST(JsonView, ListsTheKeysOfAnObject) {
  const JsonView object = JsonView::parse(R"({"b":null,"a":1})", "c.json");

  EXPECT_EQ(object.keys(), (std::vector<std::string>{"a", "b"}));
}

TEST(JsonView, NamesAFieldThatIsNotAListOrObject) {
  EXPECT_TRUE(mentions(wrong("b", [](const JsonView& v) { v.items(); }),
                       {"c.json: a.b", "expected a list", "got 3"}));
  EXPECT_TRUE(mentions(wrong("list", [](const JsonView& v) { v.keys(); }),
                       {"c.json: a.list", "expected an object", "got [1,2.5]"}));
}

TEST(JsonView, OutlivesItsParentView) {
  const JsonView inner = sample().at("a").at("text");

  EXPECT_EQ(inner.string(), "x");
}

}  // namespace json_test
}  // namespace whyclip
