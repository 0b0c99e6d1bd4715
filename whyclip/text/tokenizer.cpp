#include "whyclip/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/text/added_tokens.h"
#include "whyclip/text/byte_alphabet.h"
#include "whyclip/text/byte_pairs.h"
#include "whyclip/text/clean_text.h"
#include "whyclip/text/hugging_face_tokenizer.h"
#include "whyclip/text/normalizer.h"
#include "whyclip/text/published_vocabulary.h"
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

/// The pattern of a library; `transformers` is that of the version that wrote the files.
WordPattern pattern_of(TokenizerLibrary library, WordPattern transformers) {
  switch (library) {
    case TokenizerLibrary::kOpenAi:
      return WordPattern::kOpenAi;
    case TokenizerLibrary::kOpenClip:
      return WordPattern::kOpenClip;
    case TokenizerLibrary::kHuggingFace:
      break;
  }
  return transformers;
}

std::vector<AddedToken> with_flag(const std::vector<AddedToken>& added, bool normalized) {
  std::vector<AddedToken> result;
  std::ranges::copy_if(added, std::back_inserter(result),
                       [&](const AddedToken& token) { return token.normalized == normalized; });
  return result;
}

/// Text without white space at its ends, unless it is all white space.
std::span<const Character> without_space(std::span<const Character> text) {
  const auto is_space = [](const Character& c) { return is_white_space(c.code); };
  std::span<const Character> rest = text;
  while (!rest.empty() && is_space(rest.front())) rest = rest.subspan(1);
  while (!rest.empty() && is_space(rest.back())) rest = rest.first(rest.size() - 1);
  return rest.empty() ? text : rest;
}

/// A tokenizer without added tokens, whose start and end tokens are CLIP's.
HuggingFaceTokenizer without_added(Vocabulary vocabulary) {
  const std::int32_t start = required_id(vocabulary, kStartOfText);
  const std::int32_t end = required_id(vocabulary, kEndOfText);
  return {.vocabulary = std::move(vocabulary),
          .added = {},
          .normalizer = clip_normalizer(),
          .start_id = start,
          .end_id = end,
          .pad_id = {},
          .most_tokens = {}};
}

}  // namespace

struct Tokenizer::Parts {
  Parts(HuggingFaceTokenizer files, const TokenizerChoice& chosen)
      : choice(chosen),
        vocabulary(std::move(files.vocabulary)),
        pairs(vocabulary),
        pattern(pattern_of(chosen.library, files.pattern)),
        normalizer(std::move(files.normalizer)),
        added(std::move(files.added)),
        raw_added(with_flag(added, false), {}),
        normalized_added(with_flag(added, true), normalizer),
        start_id(files.start_id),
        end_id(files.end_id),
        pad_id(files.pad_id),
        truncates_left(files.truncates_left) {
    // open_clip gives its own context length.
    if (is_transformers_alone(choice)) most_tokens = files.most_tokens;
    for (const AddedToken& token : added) added_ids.insert(token.id);
  }

  /// Appends the tokens of a word, or of the start or end token in its spelling of the pattern.
  void append_word(std::span<const Character> word, int position,
                   std::vector<Token>& tokens) const {
    const WordBytes bytes = word_bytes(word);
    if (has_special_tokens(pattern) &&
        (bytes.text == start_in_text(pattern) || bytes.text == end_in_text(pattern))) {
      const std::int32_t id = bytes.text == start_in_text(pattern) ? start_id : end_id;
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

  /// Appends the tokens of cleaned text. `position` is the index of its first word, and after the
  /// call that of the next one.
  void append_words(std::span<const Character> text, int& position,
                    std::vector<Token>& tokens) const {
    for (const auto [begin, end] : split_words(text, pattern)) {
      append_word(text.subspan(begin, end - begin), position++, tokens);
    }
  }

  /// Appends the tokens of a text and of the added tokens that a finder finds in it. The text in
  /// between goes to `append_text`.
  template <class AppendText>
  static void append_divided(std::span<const Character> text, const AddedTokenFinder& finder,
                             int& position, std::vector<Token>& tokens, AppendText append_text) {
    for (const TextPiece& piece : finder.divide(text)) {
      const std::span<const Character> part = text.subspan(piece.begin, piece.end - piece.begin);
      if (piece.id) {
        const std::span<const Character> visible = without_space(part);
        tokens.push_back({*piece.id, visible.front().begin, visible.back().end, position++});
      } else {
        append_text(part);
      }
    }
  }

  /// Added tokens are searched in the text, then others in what is left, normalised, as the
  /// `tokenizers` library does (added_vocabulary.rs: extract_and_normalize).
  void append_text(std::span<const Character> text, std::vector<Token>& tokens) const {
    int position = 0;
    if (choice.library != TokenizerLibrary::kHuggingFace) {
      append_words(text, position, tokens);
      return;
    }
    append_divided(text, raw_added, position, tokens, [&](std::span<const Character> part) {
      const std::vector<Character> normal = normalize({part.begin(), part.end()}, normalizer);
      append_divided(
          normal, normalized_added, position, tokens,
          [&](std::span<const Character> rest) { append_words(rest, position, tokens); });
    });
  }

  const std::string& token(std::int32_t id) const {
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary.tokens.size()) {
      throw Error(vocabulary.file, fmt::format("no token has the id {}; expected 0 to {}", id,
                                               vocabulary.tokens.size() - 1));
    }
    return vocabulary.tokens[static_cast<std::size_t>(id)];
  }

  bool is_added(std::int32_t id) const { return added_ids.contains(id); }

  TokenizerChoice choice;
  Vocabulary vocabulary;
  BytePairs pairs;
  WordPattern pattern;
  std::vector<NormalizerStep> normalizer;
  std::vector<AddedToken> added;
  AddedTokenFinder raw_added, normalized_added;
  std::unordered_set<std::int32_t> added_ids;
  std::int32_t start_id;
  std::int32_t end_id;
  std::optional<std::int32_t> pad_id;
  std::optional<std::size_t> most_tokens;
  bool truncates_left;
};

std::vector<std::int32_t> Tokens::ids() const {
  std::vector<std::int32_t> result;
  result.reserve(tokens.size());
  for (const Token& token : tokens) result.push_back(token.id);
  return result;
}

Tokenizer::Tokenizer(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

Tokenizer Tokenizer::open(const std::filesystem::path& folder, const TokenizerChoice& choice) {
  if (choice.published) return published(choice);
  HuggingFaceTokenizer files = choice.library == TokenizerLibrary::kHuggingFace
                                   ? read_hugging_face_tokenizer(folder, choice.transformers_major)
                                   : without_added(read_vocabulary(folder));
  return Tokenizer(std::make_shared<const Parts>(std::move(files), choice));
}

Tokenizer Tokenizer::published(const TokenizerChoice& choice) {
  HuggingFaceTokenizer files = choice.library == TokenizerLibrary::kHuggingFace
                                   ? published_hugging_face_tokenizer(choice.transformers_major)
                                   : without_added(published_vocabulary());
  return Tokenizer(std::make_shared<const Parts>(std::move(files), choice));
}

Tokenizer Tokenizer::from_text(std::string_view vocab_json, std::string_view merges_txt,
                               std::string name, const TokenizerChoice& choice) {
  return Tokenizer(std::make_shared<const Parts>(
      without_added(parse_vocabulary(vocab_json, merges_txt, name)), choice));
}

Tokens Tokenizer::encode(std::string_view prompt, std::size_t context_length) const {
  if (context_length < kShortestContext) {
    throw Error("context length",
                fmt::format("expected at least {}, got {}", kShortestContext, context_length));
  }
  const std::vector<Character> text = clean_text(prompt, parts_->choice.cleaning);
  Tokens result;
  std::vector<Token>& tokens = result.tokens;
  tokens.push_back({parts_->start_id, 0, 0});
  parts_->append_text(text, tokens);
  result.untruncated_length = tokens.size() + 1;
  const std::size_t most = std::min(context_length, parts_->most_tokens.value_or(context_length));
  result.truncated = result.untruncated_length > most;
  if (result.truncated && parts_->truncates_left) {
    const auto excess = static_cast<std::ptrdiff_t>(result.untruncated_length - most);
    tokens.erase(tokens.begin() + 1, tokens.begin() + 1 + excess);
  } else if (result.truncated) {
    tokens.resize(most - 1);
  }
  tokens.push_back({parts_->end_id, prompt.size(), prompt.size()});
  return result;
}

std::string Tokenizer::bytes(std::int32_t id) const {
  std::string_view symbols = parts_->token(id);
  if (parts_->is_added(id)) return std::string(symbols);
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
std::optional<std::int32_t> Tokenizer::pad_id() const { return parts_->pad_id; }

std::string Tokenizer::description() const {
  const Vocabulary& vocabulary = parts_->vocabulary;
  const auto is_extra = [](const AddedToken& token) { return token.id >= kPublishedTokens; };
  const auto extra = std::ranges::count_if(parts_->added, is_extra);
  const Vocabulary known = published_vocabulary();
  const bool published =
      vocabulary.tokens.size() == known.tokens.size() + static_cast<std::size_t>(extra) &&
      std::equal(known.tokens.begin(), known.tokens.end(), vocabulary.tokens.begin());
  std::string words = fmt::format("{}, {} tokens",
                                  published ? "published CLIP vocabulary" : "vocabulary of its own",
                                  vocabulary.ids.size());
  if (published && extra > 0) words += fmt::format(", {} of them added", extra);
  words += fmt::format("; clean-up of {}", describe_cleaning(parts_->choice));
  if (parts_->choice.library == TokenizerLibrary::kHuggingFace) {
    words += fmt::format(" ({})", describe(parts_->normalizer));
  }
  return words;
}

std::string Tokenizer::fingerprint() const {
  const TokenizerChoice& choice = parts_->choice;
  if (choice.library == TokenizerLibrary::kOpenAi && choice.cleaning == TextCleaning::kBasic) {
    return {};
  }
  std::string result = describe_cleaning(choice);
  if (choice.library != TokenizerLibrary::kHuggingFace) return result;
  result += fmt::format("; {}; pattern {}; {} {}", describe(parts_->normalizer),
                        static_cast<int>(parts_->pattern), parts_->start_id, parts_->end_id);
  if (parts_->most_tokens) result += fmt::format("; at most {} tokens", *parts_->most_tokens);
  if (parts_->truncates_left) result += "; truncated on the left";
  for (const AddedToken& token : parts_->added) {
    result += fmt::format("; {} {:d}{:d}{:d}{:d} {}", token.id, token.single_word, token.lstrip,
                          token.rstrip, token.normalized, token.content);
  }
  return result;
}

}  // namespace whyclip
