#include "whyclip/text/normalizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <utility>

#include "whyclip/text/clean_text.h"

namespace whyclip {
namespace {

std::string_view words_for(NormalizerStep step) {
  switch (step) {
    case NormalizerStep::kCompose:
      return "NFC";
    case NormalizerStep::kCollapseWhiteSpace:
      return "white space collapsed";
    case NormalizerStep::kLowerCase:
      return "lower case";
  }
  return "";
}

}  // namespace

const std::vector<NormalizerStep>& clip_normalizer() {
  static const std::vector<NormalizerStep> steps = {
      NormalizerStep::kCompose, NormalizerStep::kCollapseWhiteSpace, NormalizerStep::kLowerCase};
  return steps;
}

std::vector<Character> normalize(std::vector<Character> text,
                                 const std::vector<NormalizerStep>& steps) {
  for (const NormalizerStep step : steps) {
    switch (step) {
      case NormalizerStep::kCompose:
        text = compose(std::move(text));
        break;
      case NormalizerStep::kCollapseWhiteSpace:
        collapse_white_space(text);
        break;
      case NormalizerStep::kLowerCase:
        text = lower_case_each(std::move(text));
        break;
    }
  }
  return text;
}

std::string describe(const std::vector<NormalizerStep>& steps) {
  std::vector<std::string_view> words;
  for (const NormalizerStep step : steps) words.push_back(words_for(step));
  return words.empty() ? "unchanged" : fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace whyclip
