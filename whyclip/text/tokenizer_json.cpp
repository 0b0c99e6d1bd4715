#include "whyclip/text/tokenizer_json.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// The patterns of CLIPConverter (transformers 4) and CLIPTokenizer (transformers 5).
constexpr std::string_view kPattern4 =
    R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";
constexpr std::string_view kSpecial5 = R"(<\|startoftext\|>|<\|endoftext\|>|)";

std::optional<WordPattern> pattern_of(std::string_view regex) {
  if (regex == kPattern4) return WordPattern::kTransformers4;
  const bool is_5 = regex.starts_with(kSpecial5) && regex.substr(kSpecial5.size()) == kPattern4;
  return is_5 ? std::optional(WordPattern::kTransformers5) : std::nullopt;
}

[[noreturn]] void refuse(const JsonView& section, std::string_view expected) {
  throw Error(section.where(),
              fmt::format("not supported: {}; expected {} of a CLIP tokenizer",
                          section.value().dump().substr(0, 200), expected),
              ErrorCode::kUnsupported);
}

/// Refuses a section that is null or absent.
[[noreturn]] void refuse_missing(const JsonView& json, std::string_view name,
                                 std::string_view expected) {
  if (json.value().contains(name)) {
    throw Error(fmt::format("{}: {}", json.where(), name),
                fmt::format("not supported: null; expected {} of a CLIP tokenizer", expected),
                ErrorCode::kUnsupported);
  }
  throw Error(fmt::format("{}: {}", json.where(), name),
              fmt::format("is left out; expected {} of a CLIP tokenizer", expected),
              ErrorCode::kUnsupported);
}

bool flag(const JsonView& view, std::string_view key) {
  return view.has(key) && view.at(key).boolean();
}

/// The elements of a Sequence, or the section alone.
std::vector<JsonView> sequence(const JsonView& section, std::string_view field) {
  if (section.at("type").string() != "Sequence") return {section};
  return section.at(field).items();
}

NormalizerStep parse_step(const JsonView& step) {
  const std::string type = step.at("type").string();
  if (type == "NFC") return NormalizerStep::kCompose;
  if (type == "Lowercase") return NormalizerStep::kLowerCase;
  if (type == "Replace" && step.at("pattern").has("Regex") && step.at("content").string() == " " &&
      step.at("pattern").at("Regex").string() == "\\s+") {
    return NormalizerStep::kCollapseWhiteSpace;
  }
  refuse(step, "NFC, Replace of \\s+ by a blank and Lowercase, the normalizer");
}

bool is_clip_split(const JsonView& step) {
  return step.at("type").string() == "Split" && step.at("pattern").has("Regex") &&
         pattern_of(step.at("pattern").at("Regex").string()) &&
         step.at("behavior").string() == "Removed" && flag(step, "invert");
}

bool is_byte_alphabet(const JsonView& step) {
  return step.at("type").string() == "ByteLevel" && !flag(step, "add_prefix_space");
}

/// The name of an item of a template; empty for the text itself.
std::string template_token(const JsonView& item) {
  return item.has("SpecialToken") ? item.at("SpecialToken").at("id").string() : std::string();
}

}  // namespace

AddedToken parse_added_token(const JsonView& token) {
  return {.content = token.at("content").string(),
          .single_word = flag(token, "single_word"),
          .lstrip = flag(token, "lstrip"),
          .rstrip = flag(token, "rstrip"),
          .normalized = flag(token, "normalized")};
}

std::vector<NormalizerStep> parse_normalizer(const JsonView& tokenizer_json) {
  std::vector<NormalizerStep> steps;
  if (!tokenizer_json.has("normalizer")) return steps;
  for (const JsonView& step : sequence(tokenizer_json.at("normalizer"), "normalizers")) {
    steps.push_back(parse_step(step));
  }
  return steps;
}

WordPattern parse_pre_tokenizer(const JsonView& tokenizer_json) {
  constexpr std::string_view kExpected = "Split and ByteLevel, the pre_tokenizer";
  if (!tokenizer_json.has("pre_tokenizer")) {
    refuse_missing(tokenizer_json, "pre_tokenizer", kExpected);
  }
  const JsonView section = tokenizer_json.at("pre_tokenizer");
  const std::vector<JsonView> steps = sequence(section, "pretokenizers");
  if (steps.size() != 2 || !is_clip_split(steps[0]) || !is_byte_alphabet(steps[1])) {
    refuse(section, kExpected);
  }
  return *pattern_of(steps[0].at("pattern").at("Regex").string());
}

StartAndEnd parse_post_processor(const JsonView& tokenizer_json) {
  constexpr std::string_view kExpected =
      "RobertaProcessing or TemplateProcessing with a start and an end token";
  if (!tokenizer_json.has("post_processor")) {
    refuse_missing(tokenizer_json, "post_processor", kExpected);
  }
  const JsonView section = tokenizer_json.at("post_processor");
  const std::string type = section.at("type").string();
  if (type == "RobertaProcessing") {
    const std::vector<JsonView> start = section.at("cls").items(), end = section.at("sep").items();
    if (start.size() == 2 && end.size() == 2)
      return StartAndEnd{start[0].string(), end[0].string()};
  } else if (type == "TemplateProcessing") {
    const std::vector<JsonView> items = section.at("single").items();
    if (items.size() == 3 && items[1].has("Sequence")) {
      const StartAndEnd ends = {template_token(items[0]), template_token(items[2])};
      if (!ends.start.empty() && !ends.end.empty()) return ends;
    }
  }
  refuse(section, kExpected);
}

}  // namespace whyclip
