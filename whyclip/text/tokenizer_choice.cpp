#include "whyclip/text/tokenizer_choice.h"

#include <fmt/format.h>

#include <cstdint>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/text/published_vocabulary.h"

namespace whyclip {
namespace {

TextCleaning parse_clean(const JsonView& clean) {
  const std::string name = clean.string();
  if (name == "lower") return TextCleaning::kLower;
  if (name == "whitespace") return TextCleaning::kWhitespace;
  if (name == "canonicalize") return TextCleaning::kCanonicalize;
  throw Error(clean.where(),
              fmt::format("expected lower, whitespace or canonicalize, got \"{}\"", name));
}

/// Returns whether an option has the value that it has by default.
bool is_default(const JsonView& option) {
  const nlohmann::json& value = option.value();
  return value == false || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         ((value.is_array() || value.is_object()) && value.empty());
}

[[noreturn]] void refuse_option(const JsonView& option) {
  throw Error(option.where(),
              fmt::format("not supported: {}; this option changes the tokens",
                          option.value().dump().substr(0, 100)),
              ErrorCode::kUnsupported);
}

/// Reads tokenizer_kwargs, of which `clean` is supported, and others with their defaults.
TextCleaning parse_options(const JsonView& options, TextCleaning cleaning) {
  for (const std::string& key : options.keys()) {
    if (!options.has(key)) continue;
    const JsonView option = options.at(key);
    if (key == "clean") {
      cleaning = parse_clean(option);
    } else if (key != "context_length" && !is_default(option)) {
      refuse_option(option);
    }
  }
  return cleaning;
}

std::string_view words_for(TextCleaning cleaning) {
  switch (cleaning) {
    case TextCleaning::kNone:
      return "";
    case TextCleaning::kBasic:
      return "lower case, without ftfy";
    case TextCleaning::kLower:
      return "ftfy, lower case";
    case TextCleaning::kWhitespace:
      return "ftfy, white space";
    case TextCleaning::kCanonicalize:
      return "ftfy, lower case, without punctuation";
  }
  return "";
}

}  // namespace

TokenizerChoice open_clip_tokenizer(const JsonView& text_cfg) {
  const bool hugging_face =
      text_cfg.has("hf_tokenizer_name") && !text_cfg.at("hf_tokenizer_name").string().empty();
  TokenizerChoice choice;
  choice.library = hugging_face ? TokenizerLibrary::kHuggingFace : TokenizerLibrary::kOpenClip;
  choice.cleaning = hugging_face ? TextCleaning::kWhitespace : TextCleaning::kLower;
  if (text_cfg.has("tokenizer_kwargs")) {
    choice.cleaning = parse_options(text_cfg.at("tokenizer_kwargs"), choice.cleaning);
  }
  if (text_cfg.has("tokenizer_mode") && !is_default(text_cfg.at("tokenizer_mode"))) {
    refuse_option(text_cfg.at("tokenizer_mode"));
  }
  const std::int64_t size = text_cfg.has("vocab_size")
                                ? text_cfg.at("vocab_size").integer(1, INT32_MAX)
                                : kPublishedTokens;
  choice.published = !hugging_face && size >= kPublishedTokens;
  return choice;
}

bool is_transformers_alone(const TokenizerChoice& choice) {
  return choice.library == TokenizerLibrary::kHuggingFace && choice.cleaning == TextCleaning::kNone;
}

std::string describe_cleaning(const TokenizerChoice& choice) {
  const std::string_view words = words_for(choice.cleaning);
  switch (choice.library) {
    case TokenizerLibrary::kOpenAi:
      return fmt::format("OpenAI's clip ({})", words);
    case TokenizerLibrary::kOpenClip:
      return fmt::format("open_clip ({})", words);
    case TokenizerLibrary::kHuggingFace:
      break;
  }
  const std::string transformers = choice.transformers_major < 5
                                       ? "transformers"
                                       : fmt::format("transformers {}", choice.transformers_major);
  return words.empty() ? transformers : fmt::format("open_clip ({}) and {}", words, transformers);
}

}  // namespace whyclip
