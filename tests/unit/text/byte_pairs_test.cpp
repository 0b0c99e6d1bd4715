#include "whyclip/text/byte_pairs.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "tests/unit/text/support.h"
#include "whyclip/text/byte_alphabet.h"

namespace whyclip::testing {
namespace byte_pairs_test {

Vocabulary toons() { return parse_vocabulary(toons_vocab_json(), toons_merges_txt(), "toons"); }

/// The literal definition: while any neighbours are in the list of merges, merge all occurrences of
/// the pair of lowest rank, left to right.
std::vector<std::string> split_by_definition(const Vocabulary& vocabulary, std::string_view word) {
  std::vector<std::string> parts;
  for (const char byte : word) parts.push_back(byte_symbols()[static_cast<unsigned char>(byte)]);
  parts.back() += kEndOfWord;
  const auto rank_of = [&](const std::string& left, const std::string& right) {
    for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
      const Merge& merge = vocabulary.merges[rank];
      if (vocabulary.tokens[static_cast<std::size_t>(merge.left)] == left &&
          vocabulary.tokens[static_cast<std::size_t>(merge.right)] == right) {
        return rank;
      }
    }
    return std::numeric_limits<std::size_t>::max();
  };
  while (parts.size() > 1) {
    std::size_t best = std::numeric_limits<std::size_t>::max();
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      best = std::min(best, rank_of(parts[i], parts[i + 1]));
    }
    if (best == std::numeric_limits<std::size_t>::max()) break;
    std::vector<std::string> merged;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i + 1 < parts.size() && rank_of(parts[i], parts[i + 1]) == best) {
        merged.push_back(parts[i] + parts[i + 1]);
        ++i;
      } else {
        merged.push_back(parts[i]);
      }
    }
    parts = merged;
  }
  return parts;
}

std::vector<std::string> split(const Vocabulary& vocabulary, std::string_view word) {
  std::vector<std::string> parts;
  for (const WordPiece& piece : BytePairs(vocabulary).split(word)) {
    parts.push_back(vocabulary.tokens[static_cast<std::size_t>(piece.id)]);
  }
  return parts;
}

/// A vocabulary of the bytes and the results of the merges "left right".
Vocabulary vocabulary_of(const std::vector<std::string>& merges) {
  std::string json = "{\"<|startoftext|>\": 0, \"<|endoftext|>\": 1";
  int id = 2;
  const auto add = [&](std::string token) {
    for (const char* special : {"\\", "\""}) {
      if (token.starts_with(special)) token.insert(0, "\\");
    }
    if (json.find("\"" + token + "\":") != std::string::npos) return;
    json += ", \"" + token + "\": " + std::to_string(id++);
  };
  for (const std::string& symbol : byte_symbols()) {
    add(symbol);
    add(symbol + std::string(kEndOfWord));
  }
  std::string lines = "#version: 0.2\n";
  for (std::string merge : merges) {
    lines += merge + "\n";
    add(merge.erase(merge.find(' '), 1));
  }
  return parse_vocabulary(json + "}", lines, "test");
}

TEST(BytePairs, RandomWordsAreSplitAsDefined) {
  const Vocabulary vocabulary = toons();
  std::mt19937 random(7);
  constexpr std::string_view kLetters = "aeioghtpdrsnf";
  for (int round = 0; round < 200; ++round) {
    std::string word(1 + random() % 20, ' ');
    for (char& letter : word) letter = kLetters[random() % kLetters.size()];
    EXPECT_EQ(split(vocabulary, word), split_by_definition(vocabulary, word)) << word;
  }
}

TEST(BytePairs, OverlappingPairsMergeFromTheLeft) {
  EXPECT_EQ(split(vocabulary_of({"a a"}), "aaaab"),
            (std::vector<std::string>{"aa", "aa", "b</w>"}));
}

TEST(BytePairs, AllOccurrencesOfAPairMergeBeforeTheEarlierPairsThatTheyCreate) {
  // "ab a" has the lowest rank, but only the merge "a b" creates it: the second "a" is then used.
  const Vocabulary vocabulary = vocabulary_of({"ab a", "a b"});
  EXPECT_EQ(split(vocabulary, "ababx"), (std::vector<std::string>{"ab", "ab", "x</w>"}));
  EXPECT_EQ(split(vocabulary, "ababx"), split_by_definition(vocabulary, "ababx"));
}

TEST(BytePairs, PiecesStartAtTheirFirstBytes) {
  const std::vector<WordPiece> pieces = BytePairs(vocabulary_of({"a b", "c d"})).split("abcdx");
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].begin, 0u);
  EXPECT_EQ(pieces[1].begin, 2u);
  EXPECT_EQ(pieces[2].begin, 4u);
}

TEST(BytePairs, WordOfAMillionBytesIsSplit) {
  const std::string word(1000000, 'a');
  const Vocabulary vocabulary = vocabulary_of({"a a", "aa aa"});
  const std::vector<WordPiece> pieces = BytePairs(vocabulary).split(word);
  // The last a is "a</w>" and is not merged; the others give 249 999 fours, then "aa" and "a".
  EXPECT_EQ(pieces.size(), 249999u + 3u);
}

TEST(ByteAlphabet, SymbolsDecodeToTheirBytes) {
  for (std::size_t byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(bytes_of_symbols(byte_symbols()[byte]), std::string(1, static_cast<char>(byte)));
  }
}

TEST(ByteAlphabet, BlankIsWrittenAsU0120) { EXPECT_EQ(byte_symbols()[' '], utf8(U"\u0120")); }

TEST(ByteAlphabet, OtherCharactersHaveNoBytes) {
  EXPECT_EQ(bytes_of_symbols(utf8(U"a猫")), std::nullopt);
}

}  // namespace byte_pairs_test
}  // namespace whyclip::testing
