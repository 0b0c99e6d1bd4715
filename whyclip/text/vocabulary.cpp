#include "whyclip/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"
#include "whyclip/text/byte_alphabet.h"

namespace whyclip {
namespace {

/// Largest id, which bounds the memory. The largest vocabularies have about 300 000 tokens.
constexpr std::int64_t kLargestId = 999999;

/// Collects tokens and merges and checks their consistency.
class VocabularyBuilder {
 public:
  VocabularyBuilder(std::string file, std::size_t size) {
    vocabulary_.file = std::move(file);
    vocabulary_.ids.reserve(size);
  }

  /// Every id must be used once. Ids may have gaps.
  void add_token(const std::string& token, const nlohmann::json& id) {
    const std::int64_t value = id.is_number_integer() ? id.get<std::int64_t>() : -1;
    if (value < 0 || value > kLargestId) {
      throw Error(vocabulary_.file, fmt::format("id of \"{}\": expected an integer from 0 to {}, "
                                                "got {}",
                                                token, kLargestId, id.dump()));
    }
    const auto index = static_cast<std::size_t>(value);
    if (index >= is_set_.size()) {
      is_set_.resize(index + 1);
      vocabulary_.tokens.resize(index + 1);
    }
    if (is_set_[index]) {
      throw Error(vocabulary_.file, fmt::format("id {} is used twice, by \"{}\" and \"{}\"", value,
                                                vocabulary_.tokens[index], token));
    }
    is_set_[index] = true;
    vocabulary_.tokens[index] = token;
    vocabulary_.ids.emplace(token, static_cast<std::int32_t>(value));
  }

  void add_merge(std::string_view left, std::string_view right, const std::string& where) {
    const Merge merge{.left = id_in_merge(left, where),
                      .right = id_in_merge(right, where),
                      .result = id_in_merge(fmt::format("{}{}", left, right), where)};
    const auto pair = static_cast<std::uint64_t>(merge.left) << 32 |
                      static_cast<std::uint64_t>(static_cast<std::uint32_t>(merge.right));
    if (!pairs_.insert(pair).second) {
      throw Error(where, fmt::format("\"{} {}\" is merged twice", left, right));
    }
    vocabulary_.merges.push_back(merge);
  }

  Vocabulary finish() {
    for (const std::string& symbol : byte_symbols()) {
      required_id(vocabulary_, symbol);
      required_id(vocabulary_, symbol + std::string(kEndOfWord));
    }
    return std::move(vocabulary_);
  }

 private:
  std::int32_t id_in_merge(std::string_view token, const std::string& where) const {
    const auto found = vocabulary_.ids.find(std::string(token));
    if (found != vocabulary_.ids.end()) return found->second;
    throw Error(where, fmt::format("merge needs the token \"{}\", which is not in {}", token,
                                   vocabulary_.file));
  }

  Vocabulary vocabulary_;
  std::vector<bool> is_set_;
  std::unordered_set<std::uint64_t> pairs_;
};

const nlohmann::json& object(const JsonView& view) {
  if (!view.value().is_object()) throw Error(view.where(), "expected an object of tokens and ids");
  return view.value();
}

const nlohmann::json& list(const JsonView& view) {
  if (!view.value().is_array()) throw Error(view.where(), "expected a list");
  return view.value();
}

/// Adds a merge in the form "left right".
void add_spelled_merge(VocabularyBuilder& builder, std::string_view merge,
                       const std::string& where) {
  const std::size_t blank = merge.find(' ');
  const bool two_parts = blank != std::string_view::npos && blank > 0 && blank + 1 < merge.size() &&
                         merge.find(' ', blank + 1) == std::string_view::npos;
  if (!two_parts) {
    throw Error(where, fmt::format("expected two tokens and one blank, got \"{}\"", merge));
  }
  builder.add_merge(merge.substr(0, blank), merge.substr(blank + 1), where);
}

void add_merges_text(VocabularyBuilder& builder, std::string_view text, const std::string& file) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
    add_spelled_merge(builder, line, fmt::format("{}:{}", file, number));
  }
}

/// The merges of a tokenizer.json: each "left right" or ["left", "right"].
void add_merges_json(VocabularyBuilder& builder, const JsonView& merges) {
  std::size_t index = 0;
  for (const nlohmann::json& merge : list(merges)) {
    const std::string where = fmt::format("{}[{}]", merges.where(), index++);
    if (merge.is_string()) {
      add_spelled_merge(builder, merge.get_ref<const std::string&>(), where);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      builder.add_merge(merge[0].get_ref<const std::string&>(),
                        merge[1].get_ref<const std::string&>(), where);
    } else {
      throw Error(where, "expected \"left right\" or [\"left\", \"right\"]");
    }
  }
}

Vocabulary from_two_files(const JsonView& vocab, std::string_view merges_txt,
                          const std::string& merges_file) {
  VocabularyBuilder builder(vocab.where(), object(vocab).size());
  for (const auto& [token, id] : object(vocab).items()) builder.add_token(token, id);
  add_merges_text(builder, merges_txt, merges_file);
  return builder.finish();
}

/// Throws Error for models that split words differently from CLIP.
void require_clip_model(const JsonView& model) {
  const auto require = [&](std::string_view field, std::string_view expected) {
    const JsonView view = model.at(field);
    if (view.string() == expected) return;
    throw Error(view.where(), fmt::format("expected \"{}\" as in CLIP's tokenizer, got \"{}\"",
                                          expected, view.string()));
  };
  if (model.has("type")) require("type", "BPE");
  if (model.has("continuing_subword_prefix")) require("continuing_subword_prefix", "");
  require("end_of_word_suffix", kEndOfWord);
  for (const std::string_view option : {"dropout", "ignore_merges", "byte_fallback"}) {
    const bool is_set = model.has(option) && model.at(option).value() != false;
    if (is_set)
      throw Error(model.at(option).where(), "not supported; CLIP's tokenizers do not use it");
  }
}

}  // namespace

bool has_file(const std::filesystem::path& folder, std::string_view name) {
  return has_regular_file(folder / name);
}

std::int32_t required_id(const Vocabulary& vocabulary, std::string_view token) {
  const auto found = vocabulary.ids.find(std::string(token));
  if (found != vocabulary.ids.end()) return found->second;
  throw Error(vocabulary.file, fmt::format("the token \"{}\" is missing", token));
}

Vocabulary parse_tokenizer_model(const JsonView& tokenizer_json, const std::string& file) {
  const JsonView model = tokenizer_json.at("model");
  require_clip_model(model);
  const JsonView vocab = model.at("vocab");
  VocabularyBuilder builder(file, object(vocab).size());
  for (const auto& [token, id] : object(vocab).items()) builder.add_token(token, id);
  add_merges_json(builder, model.at("merges"));
  return builder.finish();
}

Vocabulary read_vocabulary(const std::filesystem::path& folder) {
  const std::filesystem::path merges = folder / "merges.txt";
  const std::filesystem::path tokenizer = folder / "tokenizer.json";
  const bool has_vocab = has_file(folder, "vocab.json"),
             has_merges = has_file(folder, "merges.txt");
  if (has_vocab && has_merges) {
    return from_two_files(JsonView::read(folder / "vocab.json"), read_text(merges),
                          merges.string());
  }
  if (has_file(folder, "tokenizer.json")) {
    return parse_tokenizer_model(JsonView::read(tokenizer), tokenizer.string());
  }
  throw Error(folder.string(),
              fmt::format("no tokenizer: expected vocab.json and merges.txt, or "
                          "tokenizer.json; vocab.json is {}, merges.txt is {}",
                          has_vocab ? "present" : "missing", has_merges ? "present" : "missing"));
}

Vocabulary parse_vocabulary(std::string_view vocab_json, std::string_view merges_txt,
                            std::string_view name) {
  return from_two_files(JsonView::parse(vocab_json, fmt::format("{}/vocab.json", name)), merges_txt,
                        fmt::format("{}/merges.txt", name));
}

}  // namespace whyclip
