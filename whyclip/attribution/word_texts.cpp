#include "whyclip/attribution/word_texts.h"

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/model/embedded_model.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/text/common_words.h"

namespace whyclip {
namespace {

/// Prompts that are embedded at once.
constexpr std::size_t kPromptsAtOnce = 1024;

void add_normalised(std::span<const float> embedding, std::span<double> sum) {
  const auto inverse = double(inverse_norm(embedding));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += inverse * double(embedding[i]);
}

void normalise(std::span<double> x) {
  double square = 0;
  for (const double v : x) square += v * v;
  for (double& v : x) v /= std::sqrt(square);
}

}  // namespace

const TemplateSet& bare_template() {
  static const TemplateSet set{"the words themselves", {"{}"}};
  return set;
}

WordTexts embed_words(const Clip& clip, std::vector<std::string> words,
                      const TemplateSet& templates, const Progress& progress) {
  if (words.empty()) throw Error("words", "expected at least one");
  const auto projection = std::size_t(clip.config().projection);
  const std::size_t each = templates.templates.size(),
                    at_once = std::max<std::size_t>(1, kPromptsAtOnce / each);
  WordTexts result{.words = std::move(words), .directions = {}, .truncated = {}};
  result.directions.assign(result.words.size() * projection, 0.0);
  const auto total = std::int64_t(result.words.size());
  for (std::size_t begin = 0; begin < result.words.size(); begin += at_once) {
    report_progress(progress, "embedding words", std::int64_t(begin), total);
    const std::size_t end = std::min(begin + at_once, result.words.size());
    std::vector<std::string> prompts;
    for (std::size_t w = begin; w < end; ++w) {
      for (const std::string& text : templates.templates) {
        prompts.push_back(fill(text, result.words[w]));
        if (clip.tokenize(prompts.back()).truncated) result.truncated.push_back(prompts.back());
      }
    }
    const Tensor embeddings =
        clip.encode_text(prompts, [&](std::string_view, std::int64_t, std::int64_t) {
          return !progress || progress("embedding words", std::int64_t(begin), total);
        });
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      add_normalised(
          embeddings.row(std::int64_t(p)),
          std::span(result.directions).subspan((begin + p / each) * projection, projection));
    }
    for (std::size_t w = begin; w < end; ++w) {
      normalise(std::span(result.directions).subspan(w * projection, projection));
    }
  }
  report_progress(progress, "embedding words", total, total);
  return result;
}

std::vector<std::string> default_words(const Clip& clip) {
  return clip.is_embedded() ? parse_word_list(embedded_text("words.txt"), "words.txt")
                            : common_words();
}

}  // namespace whyclip
