// Folders with added tokens. The ids are those of CLIPTokenizerFast of transformers 4.57.6 for the
// same files with the published vocabulary.

#include "whyclip/text/hugging_face_tokenizer.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"
#include "whyclip/text/published_vocabulary.h"

namespace whyclip::testing {
namespace hugging_face_tokenizer_test {

using nlohmann::json;
using Ids = std::vector<std::int32_t>;

/// A folder with the published vocabulary as vocab.json and merges.txt, and other files.
class Folder {
 public:
  explicit Folder(const std::map<std::string, json>& files) {
    static const Vocabulary vocabulary = published_vocabulary();
    static const std::string vocab = json(vocabulary.ids).dump();
    static const std::string merges = [] {
      std::string lines = "#version: 0.2\n";
      for (const Merge& merge : vocabulary.merges) {
        lines += vocabulary.tokens[static_cast<std::size_t>(merge.left)] + " " +
                 vocabulary.tokens[static_cast<std::size_t>(merge.right)] + "\n";
      }
      return lines;
    }();
    write_file(folder_.path() / "vocab.json", vocab);
    write_file(folder_.path() / "merges.txt", merges);
    for (const auto& [name, content] : files) write_file(folder_.path() / name, content.dump());
  }

  Tokenizer open(const TokenizerChoice& choice = kHuggingFaceTokenizer) const {
    return Tokenizer::open(folder_.path(), choice);
  }
  Ids ids(const std::string& prompt) const { return open().encode(prompt, 1000).ids(); }

 private:
  TemporaryFolder folder_;
};

json added(const char* content, const char* flags) {
  const auto has = [&](char flag) {
    return std::string_view(flags).find(flag) != std::string::npos;
  };
  return {{"content", content}, {"single_word", has('w')}, {"lstrip", has('l')},
          {"rstrip", has('r')}, {"normalized", has('n')},  {"special", has('s')}};
}

/// The fields of the published tokenizer_config.json.
json published_config() {
  return {{"added_tokens_decoder",
           {{"49406", added("<|startoftext|>", "ns")}, {"49407", added("<|endoftext|>", "s")}}},
          {"bos_token", "<|startoftext|>"},
          {"eos_token", "<|endoftext|>"},
          {"pad_token", "<|endoftext|>"},
          {"unk_token", "<|endoftext|>"},
          {"extra_special_tokens", json::object()}};
}

TEST(HuggingFaceTokenizer, SpecialTokensInPromptsHaveTheirIds) {
  EXPECT_EQ(Folder({}).ids("a <|endoftext|> inside"), (Ids{49406, 320, 49407, 2912, 49407}));
}

TEST(HuggingFaceTokenizer, SpecialTokensInCapitalsAreFoundIfTheyAreNormalised) {
  const std::string prompt = "a <|ENDOFTEXT|> x <|STARTOFTEXT|> y";
  EXPECT_EQ(Folder({}).ids(prompt), (Ids{49406, 320, 49407, 343, 49406, 344, 49407}));
  EXPECT_EQ(Folder({{"tokenizer_config.json", published_config()}}).ids(prompt),
            (Ids{49406, 320, 27, 347, 40786, 4160, 91, 285, 343, 49406, 344, 49407}));
}

TEST(HuggingFaceTokenizer, TokensOfTheConfigFollowTheVocabulary) {
  json config = published_config();
  config["added_tokens_decoder"]["49410"] = added("<mystyle>", "n");
  config["added_tokens_decoder"]["49411"] = added("MyStyle", "n");
  config["added_tokens_decoder"]["49412"] = added("[x]", "nlr");
  config["added_tokens_decoder"]["49413"] = added("<new1>", "nw");
  config["added_tokens_decoder"]["49414"] = added("<\u00E9>", "n");
  config["added_tokens_decoder"]["49415"] = added("<new12>", "s");
  const Folder folder({{"tokenizer_config.json", config}});
  EXPECT_EQ(
      folder.ids("a <mystyle>cat MyStyle mystyles <MYSTYLE> [x] z  [x]  w"),
      (Ids{49406, 320, 49408, 2368, 49409, 49409, 338, 49408, 49410, 345, 49410, 342, 49407}));
  EXPECT_EQ(folder.ids("a  <new1>  b <new12> <NEW1> \u00C9<\u00E9>e\u0301<\u00C9>"),
            (Ids{49406, 320, 49411, 321, 49413, 49411, 4166, 49412, 4166, 49412, 49407}));
  EXPECT_EQ(folder.open().vocabulary_size(), 49414u);
  EXPECT_EQ(folder.open().description(),
            "published CLIP vocabulary, 49414 tokens, 6 of them added; clean-up of transformers "
            "(NFC, white space collapsed, lower case)");
}

TEST(HuggingFaceTokenizer, OlderFoldersHaveAddedTokensJson) {
  const json special = added("<|startoftext|>", "n"), end = added("<|endoftext|>", "n");
  const Folder folder(
      {{"added_tokens.json", {{"<mystyle>", 49408}, {"<new12>", 49409}, {"<new1>", 49412}}},
       {"special_tokens_map.json",
        {{"bos_token", special},
         {"eos_token", end},
         {"unk_token", end},
         {"pad_token", "!"},
         {"additional_special_tokens", {"<new12>"}}}}});
  EXPECT_EQ(folder.ids("a  <new1>  b <new12> <NEW1> x"),
            (Ids{49406, 320, 49410, 321, 49409, 49410, 343, 49407}));
  // The padding token is found too: the ! of id 0 has no end of word.
  EXPECT_EQ(folder.ids("cat!"), (Ids{49406, 2368, 0, 49407}));
}

TEST(HuggingFaceTokenizer, AddedTokensJsonDoesNotCountBesideTheListOfTheConfig) {
  const Folder folder(
      {{"tokenizer_config.json", published_config()}, {"added_tokens.json", {{"<my>", 49408}}}});
  EXPECT_EQ(folder.open().vocabulary_size(), 49408u);
}

TEST(HuggingFaceTokenizer, EndTokenMayBeAnother) {
  json config = published_config();
  config["eos_token"] = "<mystyle>";
  config["pad_token"] = "[PAD]";
  const Folder folder({{"tokenizer_config.json", config}});
  EXPECT_EQ(folder.ids("a <MYSTYLE> z"), (Ids{49406, 320, 49408, 345, 49408}));
  EXPECT_EQ(folder.open().end_id(), 49408);
}

TEST(HuggingFaceTokenizer, RangeOfAnAddedTokenLeavesTheWhiteSpaceOut) {
  json config = published_config();
  config["added_tokens_decoder"]["49408"] = added("[x]", "nlr");
  const std::vector<Token> tokens =
      Folder({{"tokenizer_config.json", config}}).open().encode("a  [x] b", 77).tokens;
  ASSERT_EQ(tokens.size(), 5u);
  EXPECT_EQ(tokens[2].begin, 3u);
  EXPECT_EQ(tokens[2].end, 6u);
  EXPECT_EQ(tokens[2].word, 1);
}

TEST(HuggingFaceTokenizer, KeyThatIsNotAnIdIsNamed) {
  json config = published_config();
  config["added_tokens_decoder"]["x7"] = added("<my>", "");
  const std::string message = error_of([&] { Folder({{"tokenizer_config.json", config}}).open(); });
  EXPECT_NE(message.find("tokenizer_config.json: added_tokens_decoder] expected token ids as keys, "
                         "got \"x7\""),
            std::string::npos)
      << message;
}

TEST(HuggingFaceTokenizer, SpecialTokensAsTextAreRefused) {
  json config = published_config();
  config["split_special_tokens"] = true;
  const std::string message = error_of([&] { Folder({{"tokenizer_config.json", config}}).open(); });
  EXPECT_NE(message.find("tokenizer_config.json: split_special_tokens] not supported: true"),
            std::string::npos)
      << message;
}

TEST(HuggingFaceTokenizer, PadTokenIsThatOfTheConfig) {
  EXPECT_EQ(Folder({}).open().pad_id(), 49407);
  json config = published_config();
  config["pad_token"] = "[PAD]";
  EXPECT_EQ(Folder({{"tokenizer_config.json", config}}).open().pad_id(), 49408);
  EXPECT_EQ(Tokenizer::published(kOpenAiTokenizer).pad_id(), std::nullopt);
}

TEST(HuggingFaceTokenizer, PromptsAreCutToTheLengthOfTheConfig) {
  json config = published_config();
  config["model_max_length"] = 4;
  const Folder folder({{"tokenizer_config.json", config}});
  const Tokens tokens = folder.open().encode("a b c d", 77);
  EXPECT_EQ(tokens.ids(), (Ids{49406, 320, 321, 49407}));
  EXPECT_TRUE(tokens.truncated);
  EXPECT_EQ(tokens.untruncated_length, 6u);
  EXPECT_EQ(folder.open().encode("a b c d", 3).ids(), (Ids{49406, 320, 49407}));
  EXPECT_NE(folder.open().fingerprint(), Folder({}).open().fingerprint());
}

TEST(HuggingFaceTokenizer, OpenClipHasAContextOfItsOwn) {
  json config = published_config();
  config["model_max_length"] = 4;
  TokenizerChoice choice = kHuggingFaceTokenizer;
  choice.cleaning = TextCleaning::kWhitespace;
  const Tokenizer tokenizer = Folder({{"tokenizer_config.json", config}}).open(choice);
  EXPECT_EQ(tokenizer.encode("a b c d", 77).ids(), (Ids{49406, 320, 321, 322, 323, 49407}));
}

TEST(HuggingFaceTokenizer, LengthBeyondAnyContextIsIgnored) {
  json config = published_config();
  config["model_max_length"] = 1e30;
  EXPECT_EQ(Folder({{"tokenizer_config.json", config}}).ids("a b"), (Ids{49406, 320, 321, 49407}));
}

TEST(HuggingFaceTokenizer, LengthWithoutRoomForStartAndEndIsNamed) {
  json config = published_config();
  config["model_max_length"] = 1;
  const std::string message = error_of([&] { Folder({{"tokenizer_config.json", config}}).open(); });
  EXPECT_NE(message.find("tokenizer_config.json: model_max_length]"), std::string::npos) << message;
}

TEST(HuggingFaceTokenizer, LongPromptsMayLoseTheirBeginning) {
  json config = published_config();
  config["truncation_side"] = "left";
  const Folder folder({{"tokenizer_config.json", config}});
  EXPECT_EQ(folder.open().encode("a b c d", 4).ids(), (Ids{49406, 322, 323, 49407}));
  EXPECT_EQ(folder.open().encode("a b c d", 2).ids(), (Ids{49406, 49407}));
  EXPECT_EQ(folder.ids("a b c d"), (Ids{49406, 320, 321, 322, 323, 49407}));
  config["truncation_side"] = "middle";
  const std::string message = error_of([&] { Folder({{"tokenizer_config.json", config}}).open(); });
  EXPECT_NE(message.find("truncation_side] expected left or right, got \"middle\""),
            std::string::npos)
      << message;
}

TEST(HuggingFaceTokenizer, Transformers5SearchesSpecialTokensAsTheyAre) {
  TokenizerChoice choice = kHuggingFaceTokenizer;
  choice.transformers_major = 5;
  EXPECT_EQ(Folder({}).open(choice).encode("<|ENDOFTEXT|>", 77).ids(),
            (Ids{49406, 27, 347, 40786, 4160, 91, 285, 49407}));
}

TEST(HuggingFaceTokenizer, SigmaIsNeverFinal) {
  const Folder folder({});
  EXPECT_EQ(folder.ids(utf8(U"ΣΟΦΟΣ")), folder.ids(utf8(U"σοφοσ")));
}

}  // namespace hugging_face_tokenizer_test
}  // namespace whyclip::testing
