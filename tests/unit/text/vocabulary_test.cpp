// Invalid vocabulary files: the toons files with one change each.

#include "whyclip/text/vocabulary.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip::testing {
namespace vocabulary_test {

using nlohmann::json;

json toons_vocab() { return json::parse(toons_vocab_json()); }

std::string error_with_vocab(const json& vocab, const std::string& merges = "") {
  return error_of([&] { Tokenizer::from_text(vocab.dump(), merges, "m", kBasicTokenizer); });
}

std::string error_with_merges(const std::string& merges) {
  return error_of([&] { parse_vocabulary(toons_vocab_json(), merges, "m"); });
}

/// The toons vocabulary without one token; later ids are reduced by one.
json toons_vocab_without(const std::string& token) {
  json vocab = toons_vocab();
  const int removed = vocab.at(token);
  vocab.erase(token);
  for (auto& [name, id] : vocab.items()) {
    if (id > removed) id = id.get<int>() - 1;
  }
  return vocab;
}

TEST(VocabularyFiles, ToonsHasItsTokensAndMerges) {
  const Vocabulary vocabulary = read_vocabulary(repository_file("models/toons"));
  EXPECT_EQ(vocabulary.tokens.size(), 737u);
  EXPECT_EQ(vocabulary.merges.size(), 223u);
  EXPECT_EQ(vocabulary.tokens.at(728), "cropped</w>");
}

TEST(VocabularyFiles, MissingStartTokenIsNamed) {
  EXPECT_EQ(error_with_vocab(toons_vocab_without("<|startoftext|>")),
            "[m/vocab.json] the token \"<|startoftext|>\" is missing");
}

TEST(VocabularyFiles, MissingEndTokenIsNamed) {
  EXPECT_EQ(error_with_vocab(toons_vocab_without("<|endoftext|>")),
            "[m/vocab.json] the token \"<|endoftext|>\" is missing");
}

TEST(VocabularyFiles, MissingByteTokenIsNamed) {
  EXPECT_EQ(error_with_vocab(toons_vocab_without("q")),
            "[m/vocab.json] the token \"q\" is missing");
  EXPECT_EQ(error_with_vocab(toons_vocab_without("q</w>")),
            "[m/vocab.json] the token \"q</w>\" is missing");
}

TEST(VocabularyFiles, IdOutOfRangeIsNamed) {
  json vocab = toons_vocab();
  vocab["cropped</w>"] = 1000000;
  EXPECT_EQ(
      error_with_vocab(vocab),
      "[m/vocab.json] id of \"cropped</w>\": expected an integer from 0 to 999999, got 1000000");
}

TEST(VocabularyFiles, IdsMayHaveGaps) {
  json vocab = toons_vocab();
  vocab["cropped</w>"] = 740;
  const Vocabulary vocabulary = parse_vocabulary(vocab.dump(), "", "m");
  EXPECT_EQ(vocabulary.tokens.size(), 741u);
  EXPECT_EQ(vocabulary.tokens.at(728), "");
  EXPECT_EQ(vocabulary.tokens.at(740), "cropped</w>");
}

TEST(VocabularyFiles, IdThatIsNotANaturalNumberIsNamed) {
  for (const json& wrong :
       {json(-1), json(1.5), json("7"), json(nullptr), json(18446744073709551615u)}) {
    json vocab = toons_vocab();
    vocab["cropped</w>"] = wrong;
    EXPECT_NE(error_with_vocab(vocab).find("id of \"cropped</w>\": expected an integer"),
              std::string::npos)
        << wrong;
  }
}

TEST(VocabularyFiles, IdUsedTwiceIsNamedWithBothTokens) {
  json vocab = toons_vocab();
  vocab["cropped</w>"] = 64;
  EXPECT_EQ(error_with_vocab(vocab),
            "[m/vocab.json] id 64 is used twice, by \"a\" and \"cropped</w>\"");
}

TEST(VocabularyFiles, VocabularyThatIsNotAnObjectIsRejected) {
  EXPECT_EQ(error_with_vocab(json::array({1, 2})),
            "[m/vocab.json] expected an object of tokens and ids");
}

TEST(VocabularyFiles, VocabularyThatIsNotJsonIsRejected) {
  EXPECT_EQ(error_of([] {
              parse_vocabulary("{\"a\": 1", "", "m");
            }).find("[m/vocab.json] not valid JSON"),
            0u);
}

TEST(VocabularyFiles, MergeOfOneTokenIsReportedWithItsLine) {
  EXPECT_EQ(error_with_merges("#version: 0.2\no f</w>\nphoto\n"),
            "[m/merges.txt:3] expected two tokens and one blank, got \"photo\"");
}

TEST(VocabularyFiles, MergeOfThreeTokensIsReportedWithItsLine) {
  EXPECT_EQ(error_with_merges("o f</w>\n\np h o\n"),
            "[m/merges.txt:3] expected two tokens and one blank, got \"p h o\"");
}

TEST(VocabularyFiles, MergeWithAnEmptyTokenIsReportedWithItsLine) {
  EXPECT_EQ(error_with_merges(" h\n"),
            "[m/merges.txt:1] expected two tokens and one blank, got \" h\"");
  EXPECT_EQ(error_with_merges("h \n"),
            "[m/merges.txt:1] expected two tokens and one blank, got \"h \"");
}

TEST(VocabularyFiles, MergeWithoutResultInTheVocabularyIsNamed) {
  EXPECT_EQ(error_with_merges("#version: 0.2\nx q\n"),
            "[m/merges.txt:2] merge needs the token \"xq\", which is not in m/vocab.json");
}

TEST(VocabularyFiles, MergeWithoutPartInTheVocabularyIsNamed) {
  EXPECT_EQ(error_with_merges("xq x\n"),
            "[m/merges.txt:1] merge needs the token \"xq\", which is not in m/vocab.json");
}

TEST(VocabularyFiles, PairMergedTwiceIsNamed) {
  EXPECT_EQ(error_with_merges("p h\no f</w>\np h\n"), "[m/merges.txt:3] \"p h\" is merged twice");
}

TEST(VocabularyFiles, LinesMayHaveWindowsLineEndings) {
  const Vocabulary vocabulary =
      parse_vocabulary(toons_vocab_json(), "#version: 0.2\r\no f</w>\r\np h", "m");
  EXPECT_EQ(vocabulary.merges.size(), 2u);
}

TEST(VocabularyFiles, FolderWithoutTokenizerNamesTheMissingFiles) {
  const TemporaryFolder folder;
  write_file(folder.path() / "vocab.json", toons_vocab_json());
  EXPECT_EQ(error_of([&] { read_vocabulary(folder.path()); }),
            "[" + folder.path().string() +
                "] no tokenizer: expected vocab.json and merges.txt, or tokenizer.json; vocab.json "
                "is present, merges.txt is missing");
}

}  // namespace vocabulary_test
}  // namespace whyclip::testing
