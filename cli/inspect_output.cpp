#include "cli/inspect_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/table.h"
#include "cli/terminal.h"
#include "whyclip/front_end.h"

namespace whyclip::cli {
namespace {

constexpr int kPageWidth = 80;  // where standard output is no terminal

std::string title(std::string_view text, const Terminal& terminal) {
  return "\n" + terminal.bold(wrap(text, terminal.width)) + "\n";
}

std::string sentence(std::string_view text, const Terminal& terminal) {
  return wrap(text, terminal.width) + "\n";
}

std::string quantities_text(const InspectionResult& result, const Terminal& terminal) {
  constexpr int kNumber = 12, kGap = 2;
  const std::vector<ScoreQuantity> quantities = quantities_of(result);
  int name = 0, formula = 0;
  for (const ScoreQuantity& quantity : quantities) {
    name = std::max(name, columns_of(quantity.name));
    formula = std::max(formula, columns_of(quantity.formula));
  }
  const bool narrow = terminal.width > 0 && name + formula + kNumber + 2 * kGap > terminal.width;
  std::string text;
  for (const ScoreQuantity& quantity : quantities) {
    text += pad(quantity.name, name);
    if (!narrow) text += std::string(kGap, ' ') + pad(quantity.formula, formula);
    const bool is_difference = &quantity == &quantities.back();
    const std::string number = is_difference        ? fmt::format("{:+.1e}", quantity.value)
                               : quantity.is_signed ? fmt::format("{:+.5f}", quantity.value)
                                                    : fmt::format("{:.5f}", quantity.value);
    text += fmt::format("{:>{}}\n", number, kNumber);
  }
  return text;
}

std::string confidences_table(const InspectionResult& result, std::size_t top,
                              const Terminal& terminal) {
  const std::vector<std::size_t> shown = shown_confidences(result, top);
  Table table{.rows = {},
              .columns = {"cosine", "logit", "of cosines", "of logits"},
              .value = {},
              .cell = [&](std::size_t row, std::size_t column) {
                const Confidence& c = result.confidences[shown[row]].confidence;
                if (column == 0) return fmt::format("{:+.5f}", c.similarity);
                if (column == 1) return fmt::format("{:+.3f}", c.logit);
                return fmt::format("{:.2f} %", 100 * (column == 2 ? c.unscaled : c.scaled));
              }};
  for (const std::size_t i : shown) table.rows.push_back(result.confidences[i].name);
  return title("what the logit scale does to the choice", terminal) +
         sentence(confidences_sentence(result, top), terminal) + draw_table(table, terminal);
}

/// A bar of eighths of a column for a fraction of `columns`; at least one eighth above zero.
std::string bar(double fraction, int columns) {
  constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = int(std::lround(fraction * columns * 8));
  if (fraction <= 0) return {};
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  return text.empty() ? kEighths[1] : text;
}

/// Edges with as many digits as the bins' width has.
std::vector<std::string> bin_names(const Bins& bins) {
  const int digits = std::max(0, int(-std::floor(std::log10(bins.width) + 1e-9)));
  std::vector<std::string> names;
  std::size_t width = 0;
  for (std::int64_t i = 0; i <= bins.count; ++i) {
    names.push_back(fmt::format("{:.{}f}", bins.edge(i), digits));
    width = std::max(width, names.back().size());
  }
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    ranges.push_back(fmt::format("{:>{}} to {:>{}}", names[i], width, names[i + 1], width));
  }
  return ranges;
}

std::string histogram_text(const InspectionResult& result, const Terminal& terminal) {
  constexpr int kGap = 2, kLeastBar = 3, kMostBar = 24;
  const Distribution& d = result.histogram;
  const std::vector<std::string> names = bin_names(d.bins);
  const std::int64_t most =
      std::max(*std::ranges::max_element(d.image), *std::ranges::max_element(d.text));
  const int count = int(fmt::format("{}", most).size());
  const int available = (terminal.width > 0 ? terminal.width : kPageWidth) - columns_of(names[0]);
  const int columns = std::clamp(available / 2 - 2 * kGap - count + 1, kLeastBar, kMostBar);
  const auto half = [&](std::int64_t n) {
    return std::string(kGap, ' ') + fmt::format("{:>{}} ", n, count) +
           pad(bar(double(n) / double(most), columns), columns);
  };
  const auto stripped = [](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  };
  const int side = kGap + count + 1 + columns;
  std::string text =
      title("how the values are distributed (a bin holds its lower edge)", terminal) +
      stripped(pad("", columns_of(names[0])) +
               pad("  " + fit("image embedding", side - kGap), side) + "  " +
               fit("text embedding", side - kGap));
  const auto empty = [&](std::size_t i) {
    return i < d.image.size() && d.image[i] == 0 && d.text[i] == 0;
  };
  for (std::size_t i = 0; i < d.image.size(); ++i) {
    if (empty(i) && empty(i + 1) && empty(i + 2)) {  // a long gap takes one line
      std::size_t end = i;
      while (empty(end)) ++end;
      text += fmt::format("… {} empty bins\n", end - i);
      i = end - 1;
      continue;
    }
    text += stripped(names[i] + half(d.image[i]) + half(d.text[i]));
  }
  return text;
}

std::string index_table(const InspectionResult& result, const std::vector<int>& indices,
                        const Terminal& terminal) {
  const Inspection& score = result.score;
  Table table{.rows = {},
              .columns = {"image z", "text t", "product", "contribution"},
              .value = [&](std::size_t row, std::size_t column) {
                const auto k = std::size_t(indices[row]);
                const double values[] = {score.image[k], score.text[k], score.products[k],
                                         score.contributions[k]};
                return values[column];
              }};
  for (const int k : indices) table.rows.push_back(fmt::format("index {}", k));
  return draw_table(table, terminal);
}

std::string beyond_text(const InspectionResult& result, std::vector<int> indices, std::string text,
                        std::size_t top, const Terminal& terminal) {
  if (indices.empty()) return sentence(text, terminal);
  if (indices.size() > top) text += fmt::format("; the {} largest:", top);
  indices.resize(std::min(indices.size(), top));
  return sentence(text, terminal) + index_table(result, indices, terminal) + "\n";
}

std::string products_text(const InspectionResult& result, std::size_t top,
                          const Terminal& terminal) {
  const Inspection& score = result.score;
  const LargestProducts largest = largest_products(result, top);
  std::vector<int> indices = largest.positive;
  indices.insert(indices.end(), largest.negative.begin(), largest.negative.end());
  const double factor = score.logit_scale / (score.image_norm * score.text_unit);
  const auto cell = [&](std::size_t row, std::size_t column) -> std::string {
    const bool rest = row == indices.size(), sum = row > indices.size();
    const double contribution = sum    ? score.sum
                                : rest ? largest.rest
                                       : score.contributions[std::size_t(indices[row])];
    if (column == 4) {
      return score.logit == 0
                 ? ""
                 : fmt::format("{:+.1f} %", 100 * contribution / std::abs(score.logit));
    }
    if (column == 3) return fmt::format("{:+.4f}", contribution);
    if (column == 2) return fmt::format("{:+.4f}", contribution / factor);
    if (rest || sum) return "";
    return fmt::format("{:+.4f}",
                       (column == 0 ? score.image : score.text)[std::size_t(indices[row])]);
  };
  Table table{.rows = {},
              .columns = {"image z", "text t", "product", "contribution", "of logit"},
              .value = {},
              .cell = cell};
  for (const int k : indices) table.rows.push_back(fmt::format("index {}", k));
  table.rows.push_back(fmt::format("{} others", largest.others));
  table.rows.push_back("sum");
  return title(fmt::format("products of single indices: the {} largest for the score, then the {} "
                           "largest against it",
                           largest.positive.size(), largest.negative.size()),
               terminal) +
         draw_table(table, terminal) +
         sentence(fmt::format("logit {:+.5f}, residual {:+.1e}", score.model_logit, score.residual),
                  terminal);
}

}  // namespace

std::string inspection_text(const InspectionResult& result, std::size_t top) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(one_line(result.headline), terminal.width)) + "\n\n";
  text += quantities_text(result, terminal);
  text += confidences_table(result, top, terminal);
  text += histogram_text(result, terminal);
  text += title("indices beyond the thresholds", terminal);
  text += beyond_text(result, result.beyond.image, image_beyond_sentence(result), top, terminal);
  text += beyond_text(result, result.beyond.text, text_beyond_sentence(result), top, terminal);
  text += sentence(both_beyond_sentence(result, top), terminal);
  return text + products_text(result, top, terminal);
}

}  // namespace whyclip::cli
