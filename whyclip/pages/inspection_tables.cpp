#include "whyclip/pages/inspection_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace whyclip {
namespace {

std::string beyond_sentence(const std::vector<int>& indices, const std::vector<double>& values,
                            double threshold, std::string_view embedding, std::string_view symbol) {
  if (!indices.empty()) {
    return fmt::format("{} of the {} values of the {} embedding have |{}| ≥ {}", indices.size(),
                       values.size(), embedding, symbol, threshold);
  }
  const int largest = by_size(values)[0];
  return fmt::format(
      "No value of the {} embedding has |{}| ≥ {}: the largest |value| is {:.4g}, of index {}",
      embedding, symbol, threshold, std::abs(values[std::size_t(largest)]), largest);
}

}  // namespace

std::vector<ScoreQuantity> quantities_of(const InspectionResult& result) {
  const Inspection& score = result.score;
  const bool contrast = result.target.kind == "contrast";
  std::vector<ScoreQuantity> quantities{
      {"norm of the image embedding", "‖z‖", score.image_norm, false},
      {"norm of the text embedding", "‖t‖", score.text_norm, false},
      {"dot product", "z·t", score.dot},
      {"cosine", "z·t / (‖z‖‖t‖)", score.similarity},
      {"logit scale", "", score.logit_scale, false}};
  if (contrast) {
    quantities.push_back({"length of the difference", "of vectors of length 1",
                          score.text_norm / score.text_unit, false});
  }
  quantities.push_back(
      {"logit, recomposed", contrast ? "scale · cosine · length" : "scale · cosine", score.logit});
  quantities.push_back({"logit of the model", "", score.model_logit});
  quantities.push_back({"difference", "", score.model_logit - score.logit});
  return quantities;
}

std::vector<std::size_t> shown_confidences(const InspectionResult& result, std::size_t top) {
  const std::vector<NamedConfidence>& all = result.confidences;
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return all[a].confidence.logit > all[b].confidence.logit;
  });
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i < top || all[order[i]].explained) shown.push_back(order[i]);
  }
  return shown;
}

std::string confidences_sentence(const InspectionResult& result, std::size_t top) {
  const std::size_t all = result.confidences.size(), shown = shown_confidences(result, top).size();
  if (all == 1) return "With a single text there is no choice: both are 100 %. Give more of them.";
  std::string text = fmt::format(
      "Softmax over {} texts: of the bare cosines, and of the logits, which are {:.4g} times as "
      "large.",
      all, result.score.logit_scale);
  if (shown < all) text += fmt::format(" {} of them are shown.", shown);
  return text;
}

std::string image_beyond_sentence(const InspectionResult& result) {
  return beyond_sentence(result.beyond.image, result.score.image, result.thresholds.image, "image",
                         "z");
}

std::string text_beyond_sentence(const InspectionResult& result) {
  return beyond_sentence(result.beyond.text, result.score.text, result.thresholds.text, "text",
                         "t");
}

std::string both_beyond_sentence(const InspectionResult& result, std::size_t top) {
  const Inspection& score = result.score;
  const BeyondThresholds& beyond = result.beyond;
  if (beyond.image.empty() || beyond.text.empty()) return "In both: none";
  // The expected size of the intersection of two independent random sets of these sizes.
  const double chance =
      double(beyond.image.size()) * double(beyond.text.size()) / double(score.image.size());
  std::string text = fmt::format("In both: {} (by chance {:.1f})", beyond.both.size(), chance);
  if (beyond.both.empty()) return text;
  const std::size_t shown = std::min(top, beyond.both.size());
  text += fmt::format(
      ", by the size of their products: {}",
      fmt::join(beyond.both.begin(), beyond.both.begin() + std::ptrdiff_t(shown), ", "));
  if (shown < beyond.both.size()) {
    text += fmt::format(" and {} more", beyond.both.size() - shown);
  }
  double contributions = 0;
  for (const int k : beyond.both) contributions += score.contributions[std::size_t(k)];
  return text + fmt::format("; together {:+.4f} of the logit {:+.4f}", contributions, score.logit);
}

LargestProducts largest_products(const InspectionResult& result, std::size_t top) {
  LargestProducts largest;
  for (const int k : result.order) {
    const double contribution = result.score.contributions[std::size_t(k)];
    std::vector<int>& side = contribution < 0 ? largest.negative : largest.positive;
    if (contribution != 0 && side.size() < top) {
      side.push_back(k);
    } else {
      ++largest.others;
      largest.rest += contribution;
    }
  }
  return largest;
}

}  // namespace whyclip
