#include "whyclip/zero_shot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace {

/// Normalises the rows and returns their previous norms.
std::vector<double> normalise_rows(Tensor& rows) {
  std::vector<double> norms;
  for (std::int64_t r = 0; r < rows.rows(); ++r) {
    const float inverse = inverse_norm(rows.row(r));
    for (float& value : rows.row(r)) value *= inverse;
    norms.push_back(1 / double(inverse));
  }
  return norms;
}

ZeroShot embed(const Clip& clip, std::vector<Prompt> prompts, const Progress& progress) {
  ZeroShot result;
  std::vector<std::string> texts;
  for (const Prompt& prompt : prompts) {
    texts.push_back(prompt.text);
    if (clip.tokenize(prompt.text).truncated) result.truncated.push_back(prompt.text);
  }
  result.prompts = std::move(prompts);
  result.prompt_embeddings = clip.encode_text(texts, progress);
  result.prompt_norms = normalise_rows(result.prompt_embeddings);
  return result;
}

/// Sets the members `probability` to the softmax of the members `logit`.
template <class Score>
void fill_probabilities(std::vector<Score>& scores) {
  if (scores.empty()) return;
  const double most = std::max_element(scores.begin(), scores.end(), [](auto& a, auto& b) {
                        return a.logit < b.logit;
                      })->logit;
  double sum = 0;
  for (Score& score : scores) sum += score.probability = std::exp(score.logit - most);
  for (Score& score : scores) score.probability /= sum;
}

template <class Score>
std::vector<Score> compare(const Tensor& embeddings, std::span<const float> image,
                           double inverse_norm_of_image, double scale) {
  std::vector<Score> scores;
  for (std::int64_t r = 0; r < embeddings.rows(); ++r) {
    const double dot = kernels::dot(embeddings.row(r).data(), image.data(), embeddings.width());
    const double similarity = dot * inverse_norm_of_image;
    scores.push_back({similarity, scale * similarity, 0});
  }
  fill_probabilities(scores);
  return scores;
}

}  // namespace

ZeroShot zero_shot_classes(const Clip& clip, std::span<const std::string> classes,
                           const TemplateSet& templates, const Progress& progress) {
  if (classes.size() < 2) {
    throw Error("classes", fmt::format("expected at least two to choose between, got {}{}",
                                       classes.size(), classes.empty() ? "" : ": " + classes[0]));
  }
  std::vector<Prompt> prompts;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    for (const std::string& text : templates.templates) {
      const std::size_t name = position_of_name(text);
      prompts.push_back({fill(text, classes[c]), int(c), name, name + classes[c].size()});
    }
  }
  ZeroShot result = embed(clip, std::move(prompts), progress);
  result.classes.assign(classes.begin(), classes.end());
  result.class_embeddings =
      Tensor::zeros(std::int64_t(classes.size()), result.prompt_embeddings.width());
  for (std::size_t p = 0; p < result.prompts.size(); ++p) {
    const std::span<float> sum = result.class_embeddings.row(result.prompts[p].class_index);
    const std::span<const float> prompt = result.prompt_embeddings.row(std::int64_t(p));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += prompt[i];
  }
  normalise_rows(result.class_embeddings);
  return result;
}

ZeroShot zero_shot_prompts(const Clip& clip, std::span<const std::string> prompts,
                           const Progress& progress) {
  if (prompts.empty()) throw Error("prompts", "expected at least one");
  std::vector<Prompt> list;
  for (const std::string& prompt : prompts) list.push_back({.text = prompt});
  return embed(clip, std::move(list), progress);
}

Scores score(const Clip& clip, const ZeroShot& zero_shot, std::span<const float> image_embedding) {
  const double inverse = inverse_norm(image_embedding), scale = clip.logit_scale();
  Scores scores;
  scores.prompts =
      compare<PromptScore>(zero_shot.prompt_embeddings, image_embedding, inverse, scale);
  scores.classes = compare<ClassScore>(zero_shot.class_embeddings, image_embedding, inverse, scale);
  return scores;
}

}  // namespace whyclip
