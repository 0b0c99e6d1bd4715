// Compares token ids with OpenAI's tokenizer (published vocabulary) and with the reference of the
// toons checkpoint.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip::testing {
namespace golden_tokens_test {

using nlohmann::json;

constexpr std::size_t kNoLimit = 100000;
constexpr std::size_t kToonsContext = 32;

/// The prompts of the toons golden file, class by class.
std::vector<std::string> toons_prompts() {
  return JsonView::read(repository_file("tests/golden/toons/prompts.json"))
      .at("prompts")
      .value()
      .get<std::vector<std::string>>();
}

/// A table of int64 from a safetensors file: 8 bytes of header length, a JSON header, the data.
std::vector<std::int64_t> safetensors_int64(const std::string& content, const char* name) {
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), sizeof length);
  const auto tensor = json::parse(content.substr(8, length)).at(name);
  EXPECT_EQ(tensor.at("dtype"), "I64");
  const auto begin = tensor.at("data_offsets").at(0).get<std::size_t>();
  const auto end = tensor.at("data_offsets").at(1).get<std::size_t>();
  std::vector<std::int64_t> values((end - begin) / sizeof(std::int64_t));
  std::memcpy(values.data(), content.data() + 8 + length + begin, end - begin);
  return values;
}

/// The ids in the format of the golden file, padded with the end-of-text id.
std::vector<std::int64_t> padded_ids(const Tokenizer& tokenizer, const std::string& prompt) {
  const std::vector<std::int32_t> ids = tokenizer.encode(prompt, kToonsContext).ids();
  std::vector<std::int64_t> row(ids.begin(), ids.end());
  row.resize(kToonsContext, tokenizer.end_id());
  return row;
}

void expect_toons_goldens(const Tokenizer& tokenizer) {
  const std::vector<std::int64_t> expected = safetensors_int64(
      read_text(repository_file("tests/golden/toons/prompts.safetensors")), "ids");
  const std::vector<std::string> prompts = toons_prompts();
  ASSERT_EQ(prompts.size(), 800u);
  ASSERT_EQ(expected.size(), 800 * kToonsContext);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto row = expected.begin() + static_cast<std::ptrdiff_t>(i * kToonsContext);
    EXPECT_EQ(padded_ids(tokenizer, prompts[i]), std::vector(row, row + kToonsContext))
        << prompts[i];
  }
}

/// A Hugging Face tokenizer.json from the toons files.
json toons_tokenizer_json(bool merges_as_pairs) {
  json merges = json::array();
  std::istringstream lines(toons_merges_txt());
  std::string line;
  std::getline(lines, line);  // #version
  while (std::getline(lines, line)) {
    const std::size_t blank = line.find(' ');
    if (merges_as_pairs) {
      merges.push_back({line.substr(0, blank), line.substr(blank + 1)});
    } else {
      merges.push_back(line);
    }
  }
  json model = {{"type", "BPE"},
                {"continuing_subword_prefix", ""},
                {"end_of_word_suffix", "</w>"},
                {"vocab", json::parse(toons_vocab_json())},
                {"merges", merges}};
  json added = json::array();
  added.push_back({{"id", 735}, {"content", "<|startoftext|>"}, {"special", true}});
  added.push_back({{"id", 736}, {"content", "<|endoftext|>"}, {"special", true}});
  const char* pattern = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
  const json split = {{"type", "Split"},
                      {"pattern", {{"Regex", pattern}}},
                      {"behavior", "Removed"},
                      {"invert", true}};
  const json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
  const json blank = {{"type", "Replace"}, {"pattern", {{"Regex", "\\s+"}}}, {"content", " "}};
  return {{"version", "1.0"},
          {"added_tokens", added},
          {"normalizer",
           {{"type", "Sequence"},
            {"normalizers", {{{"type", "NFC"}}, blank, {{"type", "Lowercase"}}}}}},
          {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {split, bytes}}}},
          {"post_processor",
           {{"type", "RobertaProcessing"},
            {"cls", {"<|startoftext|>", 735}},
            {"sep", {"<|endoftext|>", 736}}}},
          {"model", model}};
}

Tokenizer open_tokenizer_json(const json& content) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", content.dump());
  return Tokenizer::open(folder.path(), kHuggingFaceTokenizer);
}

TEST(GoldenTokens, PublishedVocabularyGivesTheIdsOfOpenAisTokenizer) {
  const auto golden = outside_file("golden/tokens.json");
  const auto vocab = outside_file("vocab/vocab.json");
  if (!golden || !vocab) GTEST_SKIP() << "needs golden/tokens.json and vocab/vocab.json";
  const Tokenizer tokenizer = Tokenizer::open(vocab->parent_path(), kBasicTokenizer);
  EXPECT_EQ(tokenizer.vocabulary_size(), 49408u);
  const json entries = json::parse(read_text(*golden));
  ASSERT_EQ(entries.size(), 519u);
  for (const json& entry : entries) {
    const auto text = entry.at("text").get<std::string>();
    EXPECT_EQ(tokenizer.encode(text, kNoLimit).ids(),
              entry.at("ids").get<std::vector<std::int32_t>>())
        << text;
  }
}

TEST(GoldenTokens, ToonsFolderGivesTheReferenceIds) {
  expect_toons_goldens(Tokenizer::open(repository_file("models/toons"), kBasicTokenizer));
}

TEST(GoldenTokens, ToonsTextGivesTheReferenceIds) { expect_toons_goldens(toons_tokenizer()); }

TEST(GoldenTokens, TokenizerJsonWithSpelledMergesGivesTheSameIds) {
  expect_toons_goldens(open_tokenizer_json(toons_tokenizer_json(false)));
}

TEST(GoldenTokens, TokenizerJsonWithPairsOfMergesGivesTheSameIds) {
  expect_toons_goldens(open_tokenizer_json(toons_tokenizer_json(true)));
}

TEST(GoldenTokens, StartAndEndTokensMayBeAddedTokens) {
  json content = toons_tokenizer_json(true);
  content["model"]["vocab"].erase("<|startoftext|>");
  content["model"]["vocab"].erase("<|endoftext|>");
  expect_toons_goldens(open_tokenizer_json(content));
}

TEST(TokenizerJson, AddedTokensAreFoundInPrompts) {
  json content = toons_tokenizer_json(true);
  content["added_tokens"].push_back({{"id", 737}, {"content", "<mystyle>"}});
  const Tokenizer tokenizer = open_tokenizer_json(content);
  EXPECT_EQ(tokenizer.vocabulary_size(), 738u);
  const std::vector<Token> tokens = tokenizer.encode("a<mystyle>", kNoLimit).tokens;
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[2].id, 737);
  EXPECT_EQ(tokens[2].begin, 1u);
  EXPECT_EQ(tokens[2].end, 10u);
  EXPECT_EQ(tokenizer.piece(737), "<mystyle>");
}

TEST(TokenizerJson, OtherNormalizersAreRejected) {
  json content = toons_tokenizer_json(true);
  content["normalizer"] = {{"type", "NFKC"}};
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("tokenizer.json: normalizer] not supported: {\"type\":\"NFKC\"}"),
            std::string::npos)
      << message;
}

TEST(TokenizerJson, OtherPreTokenizersAreRejected) {
  json content = toons_tokenizer_json(true);
  content["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("tokenizer.json: pre_tokenizer] not supported"), std::string::npos)
      << message;
}

TEST(TokenizerJson, OtherPostProcessorsAreRejected) {
  json content = toons_tokenizer_json(true);
  content["post_processor"] = {{"type", "ByteLevel"}};
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("tokenizer.json: post_processor] not supported"), std::string::npos)
      << message;
}

TEST(TokenizerJson, NormalizerOfTheFileDecides) {
  json content = toons_tokenizer_json(true);
  content["normalizer"] = {{"type", "NFC"}};
  const Tokenizer tokenizer = open_tokenizer_json(content);
  // Without lower case, a capital is two bytes of tokens: "C", "at".
  EXPECT_NE(tokenizer.encode("Cat", kNoLimit).ids(), tokenizer.encode("cat", kNoLimit).ids());
}

TEST(TokenizerJson, NoNormalizerLeavesTextUnchanged) {
  for (const bool null : {true, false}) {
    json content = toons_tokenizer_json(true);
    content.erase("normalizer");
    if (null) content["normalizer"] = nullptr;
    const Tokenizer tokenizer = open_tokenizer_json(content);
    EXPECT_NE(tokenizer.encode("Cat", kNoLimit).ids(), tokenizer.encode("cat", kNoLimit).ids());
    EXPECT_NE(tokenizer.description().find("(unchanged)"), std::string::npos);
  }
}

TEST(TokenizerJson, SectionsThatAreNullOrLeftOutAreNamed) {
  for (const char* section : {"pre_tokenizer", "post_processor"}) {
    json content = toons_tokenizer_json(true);
    content[section] = nullptr;
    std::string message = error_of([&] { open_tokenizer_json(content); });
    EXPECT_NE(message.find(std::string("tokenizer.json: ") + section + "] not supported: null"),
              std::string::npos)
        << message;
    content.erase(section);
    message = error_of([&] { open_tokenizer_json(content); });
    EXPECT_NE(message.find(std::string("tokenizer.json: ") + section + "] is left out"),
              std::string::npos)
        << message;
  }
}

TEST(TokenizerJson, Transformers5TakesOnlyVocabularyAndAddedTokens) {
  json content = toons_tokenizer_json(true);
  content["normalizer"] = nullptr;
  content["pre_tokenizer"] = nullptr;
  content["post_processor"] = nullptr;
  content["added_tokens"].push_back({{"id", 737}, {"content", "[EOS]"}});
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", content.dump());
  TokenizerChoice choice = kHuggingFaceTokenizer;
  choice.transformers_major = 5;
  Tokenizer tokenizer = Tokenizer::open(folder.path(), choice);
  EXPECT_EQ(tokenizer.encode("Cat", kNoLimit).ids(), tokenizer.encode("cat", kNoLimit).ids());
  EXPECT_EQ(tokenizer.end_id(), 736);
  write_file(folder.path() / "tokenizer_config.json",
             R"({"bos_token": "<|endoftext|>", "eos_token": "[EOS]"})");
  tokenizer = Tokenizer::open(folder.path(), choice);
  EXPECT_EQ(tokenizer.start_id(), 736);
  EXPECT_EQ(tokenizer.end_id(), 737);
  EXPECT_NE(tokenizer.description().find("clean-up of transformers 5 (NFC, "), std::string::npos)
      << tokenizer.description();
  EXPECT_NE(tokenizer.fingerprint().find("transformers 5; NFC"), std::string::npos);
}

TEST(TokenizerJson, Transformers4TakesStartAndEndFromThePostProcessor) {
  json content = toons_tokenizer_json(true);
  content["added_tokens"].push_back({{"id", 737}, {"content", "[EOS]"}});
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", content.dump());
  write_file(folder.path() / "tokenizer_config.json", R"({"eos_token": "[EOS]"})");
  EXPECT_EQ(Tokenizer::open(folder.path(), kHuggingFaceTokenizer).end_id(), 736);
}

TEST(TokenizerJson, FlagsOfAnAddedTokenAreThoseOfTheConfig) {
  json content = toons_tokenizer_json(true);
  content["added_tokens"].push_back(
      {{"id", 737}, {"content", "wombat"}, {"single_word", true}, {"normalized", false}});
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", content.dump());
  const auto count = [&](const TokenizerChoice& choice) {
    const auto ids = Tokenizer::open(folder.path(), choice).encode("Wombats", kNoLimit).ids();
    return std::ranges::count(ids, 737);
  };
  EXPECT_EQ(count(kHuggingFaceTokenizer), 0);
  write_file(folder.path() / "tokenizer_config.json",
             R"({"added_tokens_decoder": {"737": {"content": "wombat", "normalized": true}}})");
  EXPECT_EQ(count(kHuggingFaceTokenizer), 1);
  // added_tokens.json of older folders does not change the flags.
  write_file(folder.path() / "tokenizer_config.json", "{}");
  write_file(folder.path() / "added_tokens.json", R"({"wombat": 737})");
  EXPECT_EQ(count(kHuggingFaceTokenizer), 0);
}

TEST(TokenizerJson, Transformers5TakesAddedTokensOfTheConfigAlone) {
  json content = toons_tokenizer_json(true);
  content["added_tokens"].push_back({{"id", 737}, {"content", "wombat"}});
  const TemporaryFolder folder;
  write_file(folder.path() / "tokenizer.json", content.dump());
  TokenizerChoice choice = kHuggingFaceTokenizer;
  choice.transformers_major = 5;
  EXPECT_EQ(Tokenizer::open(folder.path(), choice).vocabulary_size(), 738u);
  write_file(folder.path() / "tokenizer_config.json",
             R"({"added_tokens_decoder": {"736": {"content": "<|endoftext|>"}}})");
  EXPECT_EQ(Tokenizer::open(folder.path(), choice).vocabulary_size(), 737u);
  EXPECT_EQ(Tokenizer::open(folder.path(), kHuggingFaceTokenizer).vocabulary_size(), 738u);
}

TEST(TokenizerJson, MergesThatAreIgnoredAreRejected) {
  json content = toons_tokenizer_json(true);
  content["model"]["ignore_merges"] = true;
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("model.ignore_merges] not supported"), std::string::npos) << message;
}

TEST(TokenizerJson, OtherModelTypesAreRejected) {
  json content = toons_tokenizer_json(true);
  content["model"]["type"] = "WordPiece";
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("model.type] expected \"BPE\""), std::string::npos) << message;
}

TEST(TokenizerJson, OtherEndOfWordMarksAreRejected) {
  json content = toons_tokenizer_json(true);
  content["model"]["end_of_word_suffix"] = nullptr;
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("model.end_of_word_suffix"), std::string::npos) << message;
}

TEST(TokenizerJson, MalformedMergeIsReportedWithItsIndex) {
  json content = toons_tokenizer_json(true);
  content["model"]["merges"][3] = {"one", "two", "three"};
  const std::string message = error_of([&] { open_tokenizer_json(content); });
  EXPECT_NE(message.find("model.merges[3]]"), std::string::npos) << message;
}

TEST(TokenizerJson, MissingModelIsNamed) {
  const std::string message = error_of([&] { open_tokenizer_json({{"version", "1.0"}}); });
  EXPECT_NE(message.find("tokenizer.json: model] field is missing"), std::string::npos) << message;
}

}  // namespace golden_tokens_test
}  // namespace whyclip::testing
