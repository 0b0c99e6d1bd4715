#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace whyclip {

inline constexpr std::string_view kStartOfText = "<|startoftext|>";
inline constexpr std::string_view kEndOfText = "<|endoftext|>";
inline constexpr std::string_view kEndOfWord = "</w>";  ///< ends the last token of each word

/// Two tokens that become one, all three by id.
struct Merge {
  std::int32_t left, right, result;
};

/// What a tokenizer is made of. Ids are 0 … tokens.size() - 1, each used once; the tokens of all
/// bytes, within a word and at its end, and the start and end tokens exist.
struct Vocabulary {
  std::string file;                 ///< where the tokens are from, for messages
  std::vector<std::string> tokens;  ///< by id, in the byte alphabet
  std::unordered_map<std::string, std::int32_t> ids;
  std::vector<Merge> merges;  ///< by rank, the first applied first; no pair twice
};

/// Reads vocab.json and merges.txt of a folder or, if one of these is absent, its tokenizer.json
/// (of the Hugging Face `tokenizers` library, model type BPE; of that file only the vocabulary, the
/// merges and the added tokens count). Throws Error naming the file, and the token, field or line,
/// if a file is absent or malformed, an id is out of range or used twice, a merge's part or result
/// is no token, a pair is merged twice, or a needed token is missing.
Vocabulary read_vocabulary(const std::filesystem::path& folder);

/// The same from the text of vocab.json and merges.txt, called `name`/vocab.json, … in messages.
Vocabulary parse_vocabulary(std::string_view vocab_json, std::string_view merges_txt,
                            std::string_view name);

}  // namespace whyclip
