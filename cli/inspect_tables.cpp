#include "cli/inspect_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/images.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

/// The indices of `chosen` by |value|, the largest first.
std::vector<int> sorted_by_size(std::vector<int> chosen, const std::vector<double>& values) {
  std::ranges::stable_sort(chosen, [&](int a, int b) {
    return std::abs(values[std::size_t(a)]) > std::abs(values[std::size_t(b)]);
  });
  return chosen;
}

BeyondThreshold beyond_of(const std::vector<double>& values, double threshold, std::string name,
                          std::string symbol) {
  BeyondThreshold result{.embedding = std::move(name),
                         .symbol = std::move(symbol),
                         .indices = sorted_by_size(beyond(values, threshold), values),
                         .text = {}};
  if (!result.indices.empty()) {
    result.text =
        fmt::format("{} of the {} values of the {} embedding have |{}| ≥ {}", result.indices.size(),
                    values.size(), result.embedding, result.symbol, threshold);
    return result;
  }
  const int largest = by_size(values)[0];
  result.text = fmt::format(
      "No value of the {} embedding has |{}| ≥ {}: the largest |value| is {:.4g}, of index {}",
      result.embedding, result.symbol, threshold, std::abs(values[std::size_t(largest)]), largest);
  return result;
}

}  // namespace

std::string classifier_of(const Inspected& inspected) {
  const Inspection& score = inspected.score;
  const std::string value = score.target_kind == "contrast"
                                ? fmt::format("{:+.2f}", score.model_logit)
                                : fmt::format("{:.2f}", score.model_logit);
  return fmt::format("What is the score {} of {} for “{}” made of?", value,
                     one_line(shown_name(inspected.path)), one_line(score.target_name));
}

std::vector<ReportQuantity> quantities_of(const Inspection& score) {
  const bool contrast = score.target_kind == "contrast";
  std::vector<ReportQuantity> quantities{
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

std::vector<std::size_t> shown_choices(const Inspected& inspected) {
  const std::vector<Confidence>& all = inspected.confidences;
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return all[a].logit > all[b].logit; });
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool explained = inspected.names[order[i]] == inspected.score.target_name;
    if (i < inspected.top || explained) shown.push_back(order[i]);
  }
  return shown;
}

std::string choices_text(const Inspected& inspected) {
  const std::size_t all = inspected.confidences.size(), shown = shown_choices(inspected).size();
  if (all == 1) return "With a single text there is no choice: both are 100 %. Give more of them.";
  std::string text = fmt::format(
      "Softmax over {} texts: of the bare cosines, and of the logits, which are {:.4g} times as "
      "large.",
      all, inspected.score.logit_scale);
  if (shown < all) text += fmt::format(" {} of them are shown.", shown);
  return text;
}

Distribution distribution_of(const Inspection& score) {
  constexpr int kMostBins = 24;
  Distribution result;
  result.bins = round_bins(score.image, score.text, kMostBins);
  result.image = histogram(score.image, result.bins);
  result.text = histogram(score.text, result.bins);
  return result;
}

BeyondThreshold beyond_image(const Inspected& inspected) {
  return beyond_of(inspected.score.image, inspected.image_threshold, "image", "z");
}

BeyondThreshold beyond_text(const Inspected& inspected) {
  return beyond_of(inspected.score.text, inspected.text_threshold, "text", "t");
}

InBoth in_both(const Inspected& inspected) {
  const Inspection& score = inspected.score;
  const std::vector<int> image = beyond(score.image, inspected.image_threshold),
                         text = beyond(score.text, inspected.text_threshold);
  InBoth both{sorted_by_size(overlap(image, text), score.products), {}};
  // As many as two independent choices of indices contribution on average.
  const double chance = double(image.size()) * double(text.size()) / double(score.image.size());
  both.text = fmt::format("In both: {} (by chance {:.1f})", both.indices.size(), chance);
  if (image.empty() || text.empty()) both.text = "In both: none";
  if (both.indices.empty()) return both;
  const std::size_t shown = std::min(inspected.top, both.indices.size());
  both.text += fmt::format(
      ", by the size of their products: {}",
      fmt::join(both.indices.begin(), both.indices.begin() + std::ptrdiff_t(shown), ", "));
  if (shown < both.indices.size()) {
    both.text += fmt::format(" and {} more", both.indices.size() - shown);
  }
  double contributions = 0;
  for (const int k : both.indices) contributions += score.contributions[std::size_t(k)];
  both.text += fmt::format("; together {:+.4f} of the logit {:+.4f}", contributions, score.logit);
  return both;
}

LargestProducts largest_products(const Inspected& inspected) {
  const std::vector<double>& contributions = inspected.score.contributions;
  LargestProducts result;
  for (const int k : by_size(contributions)) {
    const double contribution = contributions[std::size_t(k)];
    std::vector<int>& side = contribution < 0 ? result.negative : result.positive;
    if (contribution != 0 && side.size() < inspected.top) {
      side.push_back(k);
    } else {
      ++result.others;
      result.rest += contribution;
    }
  }
  return result;
}

}  // namespace whyclip::cli
