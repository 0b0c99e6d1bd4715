#include "whyclip/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/text/byte_alphabet.h"
#include "whyclip/text/byte_pairs.h"
#include "whyclip/text/clean_text.h"
#include "whyclip/text/vocabulary.h"
#include "whyclip/text/words.h"

#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

constexpr std::size_t kShortestContext = 2;  // a start and an end token

/// The UTF-8 of a word, with the character of each byte.
struct WordBytes {
  std::string text;
  std::vector<std::size_t> character;  ///< by byte
};

WordBytes word_bytes(std::span<const Character> characters) {
  WordBytes result;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    append_utf8(result.text, characters[i].code);
    result.character.resize(result.text.size(), i);
  }
  return result;
}

}  // namespace

struct Tokenizer::Parts {
  explicit Parts(Vocabulary entries)
      : vocabulary(std::move(entries)),
        pairs(vocabulary),
        start_id(vocabulary.ids.at(std::string(kStartOfText))),
        end_id(vocabulary.ids.at(std::string(kEndOfText))) {}

  void append_word(std::span<const Character> word, int position,
                   std::vector<Token>& tokens) const {
    const WordBytes bytes = word_bytes(word);
    if (bytes.text == kStartOfText || bytes.text == kEndOfText) {
      const std::int32_t id = bytes.text == kStartOfText ? start_id : end_id;
      tokens.push_back({id, word.front().begin, word.back().end, position});
      return;
    }
    const std::vector<WordPiece> pieces = pairs.split(bytes.text);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const std::size_t after = i + 1 < pieces.size() ? pieces[i + 1].begin : bytes.text.size();
      tokens.push_back({pieces[i].id, word[bytes.character[pieces[i].begin]].begin,
                        word[bytes.character[after - 1]].end, position});
    }
  }

  const std::string& token(std::int32_t id) const {
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary.tokens.size()) {
      throw Error(vocabulary.file, fmt::format("no token has the id {}; expected 0 to {}", id,
                                               vocabulary.tokens.size() - 1));
    }
    return vocabulary.tokens[static_cast<std::size_t>(id)];
  }

  Vocabulary vocabulary;
  BytePairs pairs;
  std::int32_t start_id;
  std::int32_t end_id;
};

std::vector<std::int32_t> Tokens::ids() const {
  std::vector<std::int32_t> result;
  result.reserve(tokens.size());
  for (const Token& token : tokens) result.push_back(token.id);
  return result;
}

Tokenizer::Tokenizer(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

Tokenizer Tokenizer::open(const std::filesystem::path& folder) {
  return Tokenizer(std::make_shared<const Parts>(read_vocabulary(folder)));
}

Tokenizer Tokenizer::from_text(std::string_view vocab_json, std::string_view merges_txt,
                               std::string name) {
  return Tokenizer(std::make_shared<const Parts>(parse_vocabulary(vocab_json, merges_txt, name)));
}

Tokens Tokenizer::encode(std::string_view prompt, std::size_t context_length) const {
  if (context_length < kShortestContext) {
    throw Error("context length",
                fmt::format("expected at least {}, got {}", kShortestContext, context_length));
  }
  const std::vector<Character> text = clean_text(prompt);
  const std::vector<Word> words = split_words(text);

  Tokens result;
  std::vector<Token>& tokens = result.tokens;
  tokens.push_back({parts_->start_id, 0, 0});
  for (std::size_t w = 0; w < words.size(); ++w) {
    const auto [begin, end] = words[w];
    parts_->append_word(std::span(text).subspan(begin, end - begin), int(w), tokens);
  }
  result.untruncated_length = tokens.size() + 1;
  result.truncated = result.untruncated_length > context_length;
  if (result.truncated) tokens.resize(context_length - 1);
  tokens.push_back({parts_->end_id, prompt.size(), prompt.size()});
  return result;
}

std::string Tokenizer::bytes(std::int32_t id) const {
  std::string_view symbols = parts_->token(id);
  if (symbols.size() > kEndOfWord.size() && symbols.ends_with(kEndOfWord)) {
    symbols.remove_suffix(kEndOfWord.size());
  }
  return bytes_of_symbols(symbols).value_or(std::string(symbols));
}

std::string Tokenizer::piece(std::int32_t id) const {
  const std::string raw = bytes(id);
  std::string shown;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t length = printable_length(std::string_view(raw).substr(at));
    if (length > 0) {
      shown.append(raw, at, length);
    } else {
      shown += fmt::format("\\x{:02X}", static_cast<unsigned char>(raw[at]));
    }
    at += std::max<std::size_t>(length, 1);
  }
  return shown;
}

std::size_t Tokenizer::vocabulary_size() const { return parts_->vocabulary.tokens.size(); }
std::int32_t Tokenizer::start_id() const { return parts_->start_id; }
std::int32_t Tokenizer::end_id() const { return parts_->end_id; }

}  // namespace whyclip
