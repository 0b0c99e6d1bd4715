#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace whyclip {

class JsonView;

inline constexpr std::string_view kStartOfText = "<|startoftext|>";
inline constexpr std::string_view kEndOfText = "<|endoftext|>";
inline constexpr std::string_view kEndOfWord = "</w>";  ///< suffix of the last token of each word

/// A merge of two tokens into one, by ids.
struct Merge {
  std::int32_t left, right, result;
};

/// Tokens and merges of a tokenizer. There are tokens for all bytes, within a word and at its end.
struct Vocabulary {
  std::string file;                 ///< name of the file, for messages
  std::vector<std::string> tokens;  ///< by id, in the byte alphabet; empty for ids without a token
  std::unordered_map<std::string, std::int32_t> ids;
  std::vector<Merge> merges;  ///< by rank, in the order of application; no duplicate pairs
};

/// Reads vocab.json and merges.txt of a folder or, if one of these is absent, the model of its
/// tokenizer.json. Throws Error naming the file and the token, field or line if a file is missing
/// or malformed, an id is out of range or used twice, a merge's part or result is not a token, a
/// pair is merged twice, or the token of a byte is missing.
Vocabulary read_vocabulary(const std::filesystem::path& folder);

/// The same from the text of vocab.json and merges.txt, with the names `name`/vocab.json, … in
/// messages.
Vocabulary parse_vocabulary(std::string_view vocab_json, std::string_view merges_txt,
                            std::string_view name);

/// The same from a tokenizer.json (Hugging Face `tokenizers` library): its model, which must be BPE
/// as in CLIP, without its added tokens.
Vocabulary parse_tokenizer_model(const JsonView& tokenizer_json, const std::string& file);

/// The id of a token that a tokenizer needs. Throws Error naming file and token if it is missing.
std::int32_t required_id(const Vocabulary& vocabulary, std::string_view token);

/// Whether a folder has a file.
bool has_file(const std::filesystem::path& folder, std::string_view name);

}  // namespace whyclip
