#include "whyclip/text/text_list.h"

#include <gtest/gtest.h>

#include "tests/unit/text/support.h"

namespace whyclip::testing {
namespace text_list_test {

using Strings = std::vector<std::string>;

Strings names(std::string_view text, std::string_view file = "list.txt") {
  Strings result;
  for (const ListEntry& entry : parse_text_list(text, file, "class name", JsonForms::kNames)) {
    result.push_back(entry.text);
  }
  return result;
}

std::string refusal(std::string_view text, std::string_view file = "list.txt") {
  return error_of([&] { names(text, file); });
}

TEST(TextList, LinesMayHaveAnyLineEnding) {
  EXPECT_EQ(names("cat\ndog\n"), (Strings{"cat", "dog"}));
  EXPECT_EQ(names("cat\r\ndog\r\n"), (Strings{"cat", "dog"}));
  EXPECT_EQ(names("cat\rdog"), (Strings{"cat", "dog"}));
}

TEST(TextList, LineNumbersCountEveryLineEnding) {
  EXPECT_EQ(refusal("a\r\n\r\nb\rc\xFF\n"), "[list.txt:4] not valid UTF-8 at byte 1 (0xFF)");
}

TEST(TextList, BlanksAndCommasInsideNamesArePreserved) {
  EXPECT_EQ(names("\xEF\xBB\xBF hot dog,  with mustard\t\n\n \ncat"),
            (Strings{"hot dog,  with mustard", "cat"}));
}

TEST(TextList, LineThatBeginsWithANumberSignIsAComment) {
  EXPECT_EQ(names("# animals\ncat\n #dog\nbird #2\n"), (Strings{"cat", "bird #2"}));
}

TEST(TextList, NameThatBeginsWithANumberSignIsWrittenInJson) {
  EXPECT_EQ(names(R"(["#1 dog", "cat"])"), (Strings{"#1 dog", "cat"}));
}

TEST(TextList, JsonIsRecognisedByTheFilesName) {
  EXPECT_EQ(refusal("cat\n", "CLASSES.JSON"), "[CLASSES.JSON] not valid JSON at byte 1 of 4");
}

TEST(TextList, JsonIsRecognisedByItsBeginning) {
  EXPECT_EQ(names("\xEF\xBB\xBF [\n \"cat\",\n \"a, b\"\n]"), (Strings{"cat", "a, b"}));
}

TEST(TextList, NumberedNamesAreInTheOrderOfTheNumbers) {
  EXPECT_EQ(names(R"({"10": "ten", "9": "nine", "0": "zero"})"), (Strings{"zero", "nine", "ten"}));
}

TEST(TextList, NumberedPairsGiveTheirNames) {
  EXPECT_EQ(names(R"({"1": ["n01443537", "goldfish"], "0": ["n01440764", "tench"]})"),
            (Strings{"tench", "goldfish"}));
}

TEST(TextList, NamesWithIndicesAreInTheOrderOfTheIndices) {
  EXPECT_EQ(names(R"({"cat": 1, "bird": 2, "dog": 0})"), (Strings{"dog", "cat", "bird"}));
}

TEST(TextList, NamesByWordNetIdsAreInTheOrderOfTheIds) {
  EXPECT_EQ(names(R"({"n01443537": "goldfish", "n01440764": "tench"})"),
            (Strings{"tench", "goldfish"}));
}

TEST(TextList, ArrayMayContainPairsAndNamedObjects) {
  EXPECT_EQ(names(R"([["n01440764", "tench"], {"id": 7, "name": "cat"}, "dog"])"),
            (Strings{"tench", "cat", "dog"}));
}

TEST(TextList, ListMayHaveAWellKnownKey) {
  EXPECT_EQ(names(R"({"version": 1, "classes": ["cat", "dog"]})"), (Strings{"cat", "dog"}));
  EXPECT_EQ(names(R"({"id2label": {"1": "dog", "0": "cat"}})"), (Strings{"cat", "dog"}));
}

TEST(TextList, DuplicateNamesArePreserved) {
  EXPECT_EQ(names(R"(["missile", "cat", "missile"])"), (Strings{"missile", "cat", "missile"}));
}

TEST(TextList, DuplicateIndexIsRejected) {
  EXPECT_EQ(refusal(R"({"cat": 0, "dog": 0})"), "[list.txt: dog] has the same number 0 as \"cat\"");
}

TEST(TextList, EntriesThatAreNotNamesAreReportedWithTheirLocation) {
  EXPECT_EQ(refusal(R"(["cat", 7])"), "[list.txt: [1]] expected a string, got 7");
  EXPECT_EQ(refusal(R"(["cat", "  "])"), "[list.txt: [1]] is empty; expected text");
  EXPECT_EQ(refusal(R"([["tench", "goldfish"]])"),
            "[list.txt: [0]] expected a name or a pair of a WordNet id and a name, such as "
            "[\"n01440764\", \"tench\"]");
}

TEST(TextList, ObjectOfDescriptionsIsRejected) {
  EXPECT_NE(
      refusal(R"({"tench": ["a fish", "green"]})").find("got an object with the key \"tench\""),
      std::string::npos);
}

TEST(TextList, PythonLiteralIsRejected) {
  EXPECT_NE(refusal("{0: 'tench, Tinca tinca',\n 1: 'goldfish'}").find("Python literal"),
            std::string::npos);
  EXPECT_NE(refusal("['cat', 'dog']").find("Python literal"), std::string::npos);
}

TEST(TextList, Utf16IsRejectedWithItsName) {
  EXPECT_EQ(refusal(std::string_view("\xFF\xFE\x63\0", 4)),
            "[list.txt] is UTF-16 text; save it as UTF-8");
}

TEST(TextList, ListWithoutEntriesIsRejected) {
  EXPECT_EQ(refusal("\n# none\n"), "[list.txt] has no class name");
  EXPECT_EQ(refusal("[]"), "[list.txt] has no class name");
  EXPECT_EQ(refusal("{}"), "[list.txt] has no class name");
}

}  // namespace text_list_test
}  // namespace whyclip::testing
