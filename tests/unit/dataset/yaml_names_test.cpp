#include "whyclip/dataset/yaml_names.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip::detail {
namespace yaml_names_test {

using testing::error_of;
using testing::mentions;
using Names = std::vector<std::string>;

Names parsed(const std::string& text) { return parse_yaml_names(text, "data.yaml"); }
std::string refusal(const std::string& text) {
  return error_of([&] { parsed(text); });
}

TEST(YamlNames, ReadsAListInBrackets) {
  EXPECT_EQ(parsed("nc: 3\nnames: [cat, 'the dog', \"a \\\"b\\\"\"]\n"),
            (Names{"cat", "the dog", "a \"b\""}));
}

TEST(YamlNames, ReadsBracketsOverSeveralLines) {
  EXPECT_EQ(parsed("names: [ cat, # first\n   'it''s',\n\n  bird ]  # all\nval: x\n"),
            (Names{"cat", "it's", "bird"}));
}

TEST(YamlNames, ReadsNumberedNamesInBraces) {
  EXPECT_EQ(parsed("names: {1: dog, 0: cat}"), (Names{"cat", "dog"}));
}

TEST(YamlNames, ReadsLinesWithDashes) {
  EXPECT_EQ(parsed("names:\n- cat\n- fire truck\n\n# end\nnc: 2\n"), (Names{"cat", "fire truck"}));
  EXPECT_EQ(parsed("names:\r\n  - cat\r\n  - 'dog' # x\r\n"), (Names{"cat", "dog"}));
}

TEST(YamlNames, ReadsNumberedLines) {
  EXPECT_EQ(parsed("path: ../sets\ntrain: images/train\n\nnames:\n  # two\n  0: cat\n  1: hot dog\n"
                   "download: |\n  - nothing\n"),
            (Names{"cat", "hot dog"}));
}

TEST(YamlNames, ReadsNumbersInQuotes) {
  EXPECT_EQ(parsed("\"names\": {\"0\": \"cat\", '1': 'dog'}"), (Names{"cat", "dog"}));
}

TEST(YamlNames, JoinsANameInBracketsThatContinuesOnTheNextLine) {
  // PyYAML breaks lists after column 80.
  EXPECT_EQ(parsed("names: [cat, traffic\n    light, 'hot\n    dog']\n"),
            (Names{"cat", "traffic light", "hot dog"}));
}

TEST(YamlNames, ReadsCodePointsInDoubleQuotes) {
  // PyYAML writes non-ASCII characters so: é, 猫 and a cat's face.
  EXPECT_EQ(parsed(R"(names: ["caf\xE9", "\u732B", "\U0001F431"])"), (Names{"café", "猫", "🐱"}));
  EXPECT_TRUE(mentions(refusal(R"(names: ["\uD83D"])"), {"line 1", "invalid unicode"}));
  EXPECT_TRUE(mentions(refusal(R"(names: ["\xE"])"), {"line 1", "not valid YAML"}));
}

TEST(YamlNames, SkipsAByteOrderMark) {
  EXPECT_EQ(parsed("\xef\xbb\xbfnames: [cat, dog]"), (Names{"cat", "dog"}));
}

Names texts(const std::string& text) { return parse_yaml_texts(text, "data.yaml", "train"); }

TEST(YamlTexts, ReadsOneOrAList) {
  EXPECT_EQ(texts("val: x\ntrain: ../train/images  # a folder\n"), (Names{"../train/images"}));
  EXPECT_EQ(texts("train: [a.txt, 'b c.txt']\n"), (Names{"a.txt", "b c.txt"}));
  EXPECT_EQ(texts("train:\n  - a.txt\n  - b.txt\nval: x\n"), (Names{"a.txt", "b.txt"}));
}

TEST(YamlTexts, HasNoneForAnEmptyKey) {
  for (const char* text : {"", "training: x\n", "train:\nval: x\n", "train: # none\n", "train: ~\n",
                           "train: null\n"}) {
    EXPECT_EQ(texts(text), Names{}) << text;
  }
}

TEST(YamlNames, KeepsPunctuationWithinNames) {
  EXPECT_EQ(parsed("names:\n  0: a,b\n  1: c#d\n  2: e]f\n"), (Names{"a,b", "c#d", "e]f"}));
}

TEST(YamlNames, RefusesAFileWithoutNames) {
  EXPECT_TRUE(mentions(refusal("set:\n  names: [x]\n"), {"[data.yaml]", "\"names\""}));
  EXPECT_TRUE(mentions(refusal(""), {"\"names\""}));
  EXPECT_TRUE(mentions(refusal("names:\nnc: 2\n"), {"got none"}));
  EXPECT_TRUE(mentions(refusal("names: []"), {"got none"}));
}

TEST(YamlNames, NamesTheLineOfAnUnsupportedForm) {
  EXPECT_TRUE(mentions(refusal("nc: 1\nnames: cat\n"), {"data.yaml: line 2", "expected a list"}));
  EXPECT_TRUE(mentions(refusal("names:\n  cat: 0\n"), {"line 2", "class number"}));
  EXPECT_TRUE(mentions(refusal("names: [[a], b]"), {"line 1", "expected a class name", "a list"}));
  EXPECT_TRUE(mentions(refusal("names:\n- {a: b}"), {"line 2", "expected a class name", "a map"}));
  EXPECT_TRUE(mentions(refusal("names: [a,, b]"), {"line 1", "got nothing"}));
  EXPECT_TRUE(mentions(refusal("names: [null]"), {"line 1", "got nothing", "quotes"}));
  EXPECT_TRUE(mentions(refusal("names: [\"a\\n\"]"), {"line 1", "control characters", "0x0A"}));
}

TEST(YamlNames, NamesTheLineThatIsNotYaml) {
  for (const char* text : {"names:\n  - cat\n  1: dog\n", "\nnc: 2\n  names: [x]\n",
                           "\n\nnames: ['a, b]", "\n\nnames: [a] b", "\n\nnames: {a"}) {
    EXPECT_TRUE(mentions(refusal(text), {"data.yaml: line 3", "not valid YAML"})) << text;
  }
  EXPECT_TRUE(mentions(refusal("names:\n\t- cat\n"), {"line 2", "not valid YAML"}));
  EXPECT_TRUE(mentions(refusal("names:\n  - *all\n"), {"line 2", "anchor"}));
  EXPECT_TRUE(mentions(refusal("names: [a, b\n"), {"line 2", "end of sequence flow not found"}));
  EXPECT_TRUE(mentions(refusal(std::string("names: [a,\n\4b]")), {"line 2", "0x04"}));
}

TEST(YamlNames, ReadsAnIndentedDashAfterANameAsItsContinuation) {
  EXPECT_EQ(parsed("names:\n  - cat\n    - dog\n"), (Names{"cat - dog"}));
}

TEST(YamlNames, ReadsAnAlias) {
  EXPECT_EQ(parsed("a: &a [cat, dog]\nnames: *a"), (Names{"cat", "dog"}));
}

TEST(YamlNames, RefusesHostileFilesAtOnce) {
  std::string aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i <= 30; ++i) {  // 10^31 texts, if aliases were copied
    const std::string below = "*a" + std::to_string(i - 1);
    aliases += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int k = 1; k < 10; ++k) aliases += ", " + below;
    aliases += "]\n";
  }
  EXPECT_TRUE(mentions(refusal(aliases + "names: *a30\n"), {"line 30", "expected a class name"}));
  EXPECT_TRUE(mentions(refusal("names: &a [*a]"), {"line 1", "expected a class name"}));
  EXPECT_TRUE(mentions(refusal("names: " + std::string(10'000, '[')), {"line 1", "too deeply"}));
  EXPECT_TRUE(mentions(refusal("names: [a]\n#" + std::string(1 << 20, 'x')),
                       {"[data.yaml]", "at most 524288 bytes"}));
}

TEST(YamlNames, RefusesNumbersThatAreMissingOrTwice) {
  EXPECT_TRUE(mentions(refusal("names: {0: a, 2: b}"), {"class 1 has no name"}));
  EXPECT_TRUE(mentions(refusal("names: {0: a, 0: b}"), {"class 0 has a name already, \"a\""}));
  EXPECT_TRUE(mentions(refusal("names: {99999999999: a}"), {"class number"}));
  EXPECT_TRUE(mentions(refusal("names: {-1: a}"), {"class number"}));
}

TEST(YamlNames, RefusesEveryTruncationOfBraces) {
  const std::string text = "names: {0: 'cat', 1: \"dog\"}";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(refusal(text.substr(0, size)), "(no error)") << size;
  }
}

}  // namespace yaml_names_test
}  // namespace whyclip::detail
