#include "whyclip/text/hugging_face_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"
#include "whyclip/text/published_vocabulary.h"
#include "whyclip/text/tokenizer_json.h"

namespace whyclip {
namespace {

/// The first version of transformers that rebuilds all but the vocabulary and the added tokens.
constexpr int kFirstRebuilding = 5;

/// The fields that name special tokens, in the order in which transformers adds them.
constexpr std::array<std::string_view, 9> kSpecialFields = {
    "bos_token",           "eos_token", "unk_token",  "sep_token",
    "pad_token",           "cls_token", "mask_token", "additional_special_tokens",
    "extra_special_tokens"};

std::string_view default_of(std::string_view field) {
  if (field == "bos_token") return kStartOfText;
  return field == "eos_token" || field == "unk_token" || field == "pad_token" ? kEndOfText : "";
}

/// The JSON files beside the vocabulary; nullopt if absent.
struct CompanionFiles {
  explicit CompanionFiles(const std::filesystem::path& folder)
      : config(read(folder, "tokenizer_config.json")),
        special_tokens_map(read(folder, "special_tokens_map.json")),
        added_tokens(read(folder, "added_tokens.json")) {}

  CompanionFiles() = default;

  /// Whether tokenizer_config.json lists the added tokens, as since transformers 4.34. The two
  /// other files are not read then.
  bool lists_added_tokens() const { return config && config->has("added_tokens_decoder"); }

  /// A field about a special token, in the order in which transformers looks.
  std::optional<JsonView> special(std::string_view field) const {
    if (!lists_added_tokens() && special_tokens_map && special_tokens_map->has(field)) {
      return special_tokens_map->at(field);
    }
    return config && config->has(field) ? std::optional(config->at(field)) : std::nullopt;
  }

  std::optional<JsonView> config, special_tokens_map, added_tokens;

 private:
  static std::optional<JsonView> read(const std::filesystem::path& folder, std::string_view name) {
    if (!has_file(folder, name)) return std::nullopt;
    return JsonView::read(folder / name);
  }
};

/// Gives ids to added tokens like the `tokenizers` library (added_vocabulary.rs: add_tokens): a
/// token of the vocabulary keeps its id, others get the next one.
class AddedTokenList {
 public:
  explicit AddedTokenList(Vocabulary& vocabulary)
      : vocabulary_(vocabulary), next_id_(static_cast<std::int32_t>(vocabulary.ids.size())) {}

  /// Adds a token unless it is in the list.
  void add(AddedToken token) {
    if (token.content.empty() || index_.contains(token.content)) return;
    const auto found = vocabulary_.ids.find(token.content);
    token.id = found != vocabulary_.ids.end() ? found->second : append(token.content);
    index_.emplace(token.content, tokens_.size());
    tokens_.push_back(std::move(token));
  }

  /// Adds a token, or gives its flags to that of the list, which keeps its id.
  void add_or_replace(AddedToken token) {
    const auto found = index_.find(token.content);
    if (found == index_.end()) return add(std::move(token));
    AddedToken& listed = tokens_[found->second];
    token.id = listed.id;
    listed = std::move(token);
  }

  std::vector<AddedToken> take() { return std::move(tokens_); }

 private:
  std::int32_t append(const std::string& content) {
    const auto index = static_cast<std::size_t>(next_id_);
    if (index >= vocabulary_.tokens.size()) vocabulary_.tokens.resize(index + 1);
    if (!vocabulary_.tokens[index].empty()) {
      throw Error(
          vocabulary_.file,
          fmt::format("the added token \"{}\" would have the id {} of \"{}\"; the ids of the "
                      "vocabulary have gaps",
                      content, index, vocabulary_.tokens[index]));
    }
    vocabulary_.tokens[index] = content;
    vocabulary_.ids.emplace(content, next_id_);
    return next_id_++;
  }

  Vocabulary& vocabulary_;
  std::int32_t next_id_;
  std::map<std::string, std::size_t> index_;
  std::vector<AddedToken> tokens_;
};

std::int64_t id_of_key(const JsonView& decoder, const std::string& key) {
  std::int64_t id = -1;
  const auto [end, status] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (status != std::errc() || end != key.data() + key.size() || id < 0) {
    throw Error(decoder.where(), fmt::format("expected token ids as keys, got \"{}\"", key));
  }
  return id;
}

/// The tokens of tokenizer_config.json: added_tokens_decoder, by id.
void add_listed(const JsonView& decoder, AddedTokenList& list) {
  std::map<std::int64_t, AddedToken> by_id;
  for (const std::string& key : decoder.keys()) {
    by_id.emplace(id_of_key(decoder, key), parse_added_token(decoder.at(key)));
  }
  for (auto& [id, token] : by_id) list.add_or_replace(std::move(token));
}

/// The names in a field of special tokens: a string, an object, a list or an object of these.
std::vector<JsonView> special_tokens(const JsonView& field) {
  if (field.value().is_array()) return field.items();
  if (!field.value().is_object() || field.has("content")) return {field};
  std::vector<JsonView> result;
  for (const std::string& key : field.keys()) result.push_back(field.at(key));
  return result;
}

std::string content_of(const JsonView& token) {
  return token.value().is_object() ? token.at("content").string() : token.string();
}

/// The tokens of added_tokens.json, by id; names of special tokens are searched as they are.
void add_legacy(const JsonView& file, const CompanionFiles& files, AddedTokenList& list) {
  std::set<std::string> special;
  for (const std::string_view field : kSpecialFields) {
    const std::optional<JsonView> value = files.special(field);
    if (!value) {
      special.insert(std::string(default_of(field)));
      continue;
    }
    for (const JsonView& token : special_tokens(*value)) special.insert(content_of(token));
  }
  std::map<std::int64_t, std::string> by_id;
  for (const std::string& content : file.keys()) {
    by_id.emplace(file.at(content).integer(0, INT32_MAX), content);
  }
  for (const auto& [id, content] : by_id) {
    list.add({.content = content, .normalized = !special.contains(content)});
  }
}

/// Special tokens that no file lists as added. transformers 4 makes start, end and unknown tokens
/// that are strings normalised ones if it builds the tokenizer from vocab.json.
void add_special(const CompanionFiles& files, bool normalize_named, AddedTokenList& list) {
  for (const std::string_view field : kSpecialFields) {
    const bool is_named = field == "bos_token" || field == "eos_token" || field == "unk_token";
    const AddedToken plain = {.content = std::string(default_of(field)),
                              .normalized = normalize_named && is_named};
    const std::optional<JsonView> value = files.special(field);
    if (!value) {
      list.add(plain);
      continue;
    }
    for (const JsonView& token : special_tokens(*value)) {
      AddedToken added = plain;
      added.content = content_of(token);
      if (token.value().is_object()) added = parse_added_token(token);
      list.add(std::move(added));
    }
  }
}

std::int32_t id_of_special(const CompanionFiles& files, std::string_view field,
                           const Vocabulary& vocabulary) {
  const std::optional<JsonView> value = files.special(field);
  return required_id(vocabulary, value ? content_of(*value) : std::string(default_of(field)));
}

/// Refuses the option by which special tokens in prompts are text.
void check_options(const CompanionFiles& files) {
  const std::string_view option = "split_special_tokens";
  if (!files.config || !files.config->has(option) || !files.config->at(option).boolean()) return;
  throw Error(files.config->at(option).where(),
              "not supported: true; expected false, as in CLIP's tokenizers",
              ErrorCode::kUnsupported);
}

/// The number of tokens to which transformers cuts prompts; nullopt if it is beyond any context.
std::optional<std::size_t> most_tokens(const CompanionFiles& files) {
  for (const std::string_view field : {"model_max_length", "max_len"}) {
    if (!files.config || !files.config->has(field)) continue;
    const JsonView length = files.config->at(field);
    if (length.number() > INT32_MAX) return std::nullopt;
    return static_cast<std::size_t>(length.integer(2, INT32_MAX));
  }
  return std::nullopt;
}

/// Whether long prompts lose their beginning.
bool truncates_left(const CompanionFiles& files, const std::optional<JsonView>& tokenizer_json) {
  if (files.config && files.config->has("truncation_side")) {
    const JsonView side = files.config->at("truncation_side");
    const std::string name = side.string();
    if (name == "left" || name == "right") return name == "left";
    throw Error(side.where(), fmt::format("expected left or right, got \"{}\"", name));
  }
  if (!tokenizer_json || !tokenizer_json->has("truncation")) return false;
  const JsonView truncation = tokenizer_json->at("truncation");
  return truncation.has("direction") && truncation.at("direction").string() == "Left";
}

/// The added tokens of all files. Those without an id in the vocabulary are appended to it.
std::vector<AddedToken> read_added(Vocabulary& vocabulary, const CompanionFiles& files,
                                   const std::optional<JsonView>& tokenizer_json, bool rebuilt) {
  AddedTokenList list(vocabulary);
  const bool skips_json = rebuilt && files.lists_added_tokens();
  if (tokenizer_json && tokenizer_json->has("added_tokens") && !skips_json) {
    for (const JsonView& token : tokenizer_json->at("added_tokens").items()) {
      list.add(parse_added_token(token));
    }
  }
  if (files.lists_added_tokens()) {
    add_listed(files.config->at("added_tokens_decoder"), list);
  } else if (files.added_tokens) {
    add_legacy(*files.added_tokens, files, list);
  }
  add_special(files, !tokenizer_json && !rebuilt, list);
  return list.take();
}

/// Adds the tokens of all files to a vocabulary.
HuggingFaceTokenizer complete(Vocabulary vocabulary, const CompanionFiles& files,
                              const std::optional<JsonView>& tokenizer_json,
                              int transformers_major) {
  check_options(files);
  const bool rebuilt = transformers_major >= kFirstRebuilding;
  HuggingFaceTokenizer result{.vocabulary = std::move(vocabulary),
                              .added = {},
                              .normalizer = clip_normalizer(),
                              .pad_id = {},
                              .most_tokens = most_tokens(files),
                              .truncates_left = truncates_left(files, tokenizer_json)};
  result.added = read_added(result.vocabulary, files, tokenizer_json, rebuilt);
  result.pad_id = id_of_special(files, "pad_token", result.vocabulary);
  if (rebuilt) result.pattern = WordPattern::kTransformers5;
  if (rebuilt || !tokenizer_json) {
    result.start_id = id_of_special(files, "bos_token", result.vocabulary);
    result.end_id = id_of_special(files, "eos_token", result.vocabulary);
    return result;
  }
  result.normalizer = parse_normalizer(*tokenizer_json);
  result.pattern = parse_pre_tokenizer(*tokenizer_json);
  const StartAndEnd ends = parse_post_processor(*tokenizer_json);
  result.start_id = required_id(result.vocabulary, ends.start);
  result.end_id = required_id(result.vocabulary, ends.end);
  return result;
}

}  // namespace

HuggingFaceTokenizer read_hugging_face_tokenizer(const std::filesystem::path& folder,
                                                 int transformers_major) {
  const CompanionFiles files(folder);
  const std::filesystem::path path = folder / "tokenizer.json";
  if (!has_file(folder, "tokenizer.json")) {
    return complete(read_vocabulary(folder), files, std::nullopt, transformers_major);
  }
  const JsonView json = JsonView::read(path);
  return complete(parse_tokenizer_model(json, path.string()), files, json, transformers_major);
}

HuggingFaceTokenizer published_hugging_face_tokenizer(int transformers_major) {
  HuggingFaceTokenizer result =
      complete(published_vocabulary(), CompanionFiles(), std::nullopt, transformers_major);
  for (AddedToken& token : result.added) token.normalized = token.id == result.start_id;
  return result;
}

}  // namespace whyclip
