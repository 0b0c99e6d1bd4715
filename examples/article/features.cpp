// The large values of the two embeddings, and the contribution of each index to the score.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "article.h"

namespace article {
namespace {

using namespace whyclip;

std::string edge(const Bins& bins, std::int64_t i) {
  const double at = bins.edge(i);
  return at < 0 ? fmt::format("−{:.3g}", -at) : fmt::format("{:.3g}", at);
}

std::vector<std::pair<std::string, double>> bars_of(std::span<const double> values,
                                                    const Bins& bins) {
  const std::vector<std::int64_t> counts = histogram(values, bins);
  std::vector<std::pair<std::string, double>> bars;
  for (std::int64_t b = 0; b < bins.count; ++b) {
    bars.emplace_back(edge(bins, b) + " … " + edge(bins, b + 1), double(counts[std::size_t(b)]));
  }
  return bars;
}

/// The values beyond the threshold, the largest first.
DocumentTable strong_values(const std::string& caption, std::span<const double> values,
                            double threshold) {
  DocumentTable table{.caption = caption, .columns = {"index", "value"}, .rows = {}};
  constexpr std::size_t kShown = 12;
  std::size_t count = 0;
  for (const int index : by_size(values)) {
    if (std::abs(values[std::size_t(index)]) < threshold) break;
    if (++count <= kShown) {
      table.rows.push_back({std::to_string(index), number(values[std::size_t(index)])});
    }
  }
  if (count > kShown) table.note = "and " + std::to_string(count - kShown) + " more";
  if (count == 0) {
    const int largest = by_size(values)[0];
    table.note = "None; the largest is " + number(values[std::size_t(largest)]) + " at index " +
                 std::to_string(largest) + ".";
  }
  return table;
}

std::string joined(const std::vector<int>& indices) {
  std::string text;
  for (const int index : indices) text += (text.empty() ? "" : ", ") + std::to_string(index);
  return text.empty() ? "none" : text;
}

}  // namespace

void add_features(const Story& story, Page& page) {
  Document& document = page.document;
  const Inspection& i = story.inspection;
  const double threshold = story.options.threshold;
  document.section("Strong features");
  constexpr int kBins = 16;
  const Bins bins = round_bins(i.text, i.image, kBins);
  document.bars("Values of the text embedding", bars_of(i.text, bins));
  document.table(strong_values(fmt::format("Text: |value| ≥ {:g}", threshold), i.text, threshold));
  document.bars("Values of the image embedding", bars_of(i.image, bins));
  document.table(
      strong_values(fmt::format("Image: |value| ≥ {:g}", threshold), i.image, threshold));
  const std::vector<int> text = beyond(i.text, threshold), image = beyond(i.image, threshold),
                         both = overlap(image, text);
  document.paragraph("Strong in both: " + joined(both) + ".");
  page.numbers["strong"] = {{"text", text}, {"image", image}, {"both", both}};
  page.numbers["feature"] = story.feature;

  document.remark(
      "A value that is large in only one embedding matters little: the contribution of an index is "
      "the product, and the products add up to the score.");
  DocumentTable products{.caption = "Contribution of each index to the logit",
                         .columns = {"index", "image", "text", "contribution"},
                         .rows = {}};
  constexpr std::size_t kShown = 10;
  const std::vector<int> order = by_size(i.contributions);
  double shown = 0;
  for (std::size_t k = 0; k < std::min(kShown, order.size()); ++k) {
    const auto index = std::size_t(order[k]);
    products.rows.push_back({std::to_string(index), number(i.image[index]), number(i.text[index]),
                             number(i.contributions[index])});
    shown += i.contributions[index];
  }
  products.rows.push_back({"all others", "", "", number(i.sum - shown)});
  products.rows.push_back({"sum", "", "", number(i.sum)});
  document.table(products);
  page.numbers["sum_of_index_contributions"] = i.sum;
}

}  // namespace article
