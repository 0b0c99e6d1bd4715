#include "cli/inspect_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

#include "cli/images.h"
#include "cli/inspect_tables.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kPageWidth = 80;  // where standard output is no terminal

std::string title(std::string_view text, const Terminal& terminal) {
  return "\n" + terminal.bold(wrap(text, terminal.width)) + "\n";
}

std::string sentence(std::string_view text, const Terminal& terminal) {
  return wrap(text, terminal.width) + "\n";
}

std::string quantities_text(const Inspected& inspected, const Terminal& terminal) {
  constexpr int kNumber = 12, kGap = 2;
  const std::vector<ReportQuantity> quantities = quantities_of(inspected.score);
  int name = 0, formula = 0;
  for (const ReportQuantity& quantity : quantities) {
    name = std::max(name, columns_of(quantity.name));
    formula = std::max(formula, columns_of(quantity.formula));
  }
  const bool narrow = terminal.width > 0 && name + formula + kNumber + 2 * kGap > terminal.width;
  std::string text;
  for (const ReportQuantity& quantity : quantities) {
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

std::string choices_table(const Inspected& inspected, const Terminal& terminal) {
  const std::vector<std::size_t> shown = shown_choices(inspected);
  Table table{.rows = {},
              .columns = {"cosine", "logit", "of cosines", "of logits"},
              .value = {},
              .cell = [&](std::size_t row, std::size_t column) {
                const Confidence& c = inspected.confidences[shown[row]];
                if (column == 0) return fmt::format("{:+.5f}", c.similarity);
                if (column == 1) return fmt::format("{:+.3f}", c.logit);
                return fmt::format("{:.2f} %", 100 * (column == 2 ? c.unscaled : c.scaled));
              }};
  for (const std::size_t choice : shown) table.rows.push_back(inspected.names[choice]);
  return title("what the logit scale does to the choice", terminal) +
         sentence(choices_text(inspected), terminal) + draw_table(table, terminal);
}

/// A bar of eighths of a column; what is not zero is seen.
std::string bar(double contribution, int columns) {
  constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = int(std::lround(contribution * columns * 8));
  if (contribution <= 0) return {};
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

std::string histogram_text(const Inspected& inspected, const Terminal& terminal) {
  constexpr int kGap = 2, kLeastBar = 3, kMostBar = 24;
  const Distribution d = distribution_of(inspected.score);
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
    if (empty(i) && empty(i + 1) && empty(i + 2)) {  // a long gap is told in one line
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

std::string index_table(const Inspected& inspected, const std::vector<int>& indices,
                        const Terminal& terminal) {
  const Inspection& score = inspected.score;
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

std::string beyond_block(const Inspected& inspected, const BeyondThreshold& found,
                         const Terminal& terminal) {
  if (found.indices.empty()) return sentence(found.text, terminal);
  std::vector<int> shown = found.indices;
  shown.resize(std::min(shown.size(), inspected.top));
  std::string text = found.text;
  if (shown.size() < found.indices.size()) text += fmt::format("; the {} largest:", shown.size());
  return sentence(text, terminal) + index_table(inspected, shown, terminal) + "\n";
}

std::string products_text(const Inspected& inspected, const Terminal& terminal) {
  const Inspection& score = inspected.score;
  const LargestProducts largest = largest_products(inspected);
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

/// With a minus sign as the page's other numbers have it.
std::string typeset(double value) {
  return fmt::format("{}{:.3f}", value < 0 ? "−" : "+", std::abs(value));
}

std::string page(const Inspected& inspected) {
  const Inspection& score = inspected.score;
  InspectionReport report;
  report.title = fmt::format("{} · {} · whyclip", shown_name(inspected.path), score.target_name);
  report.headline = classifier_of(inspected);
  report.source = inspected.source;
  report.notes = inspected.notes;
  report.quantities = quantities_of(score);
  report.confidences_lede = choices_text(inspected);
  for (const std::size_t i : shown_choices(inspected)) {
    const Confidence& c = inspected.confidences[i];
    report.confidences.push_back({inspected.names[i], c.similarity, c.unscaled, c.scaled,
                                  inspected.names[i] == score.target_name});
  }
  const Distribution d = distribution_of(score);
  report.histograms = {
      {"image embedding", d.bins.first, d.bins.width, d.image, inspected.image_threshold},
      {"text embedding", d.bins.first, d.bins.width, d.text, inspected.text_threshold}};
  report.beyond_lede = in_both(inspected).text + ".";
  for (const BeyondThreshold& found : {beyond_image(inspected), beyond_text(inspected)}) {
    ReportTable table{.caption = fmt::format("By the {} embedding", found.embedding),
                      .columns = {"image z", "text t", "contribution"},
                      .note = found.text + "."};
    for (std::size_t i = 0; i < std::min(inspected.top, found.indices.size()); ++i) {
      const auto k = std::size_t(found.indices[i]);
      table.rows.push_back(
          {fmt::format("{}", k), {score.image[k], score.text[k], score.contributions[k]}});
    }
    report.beyond.push_back(std::move(table));
  }
  const LargestProducts largest = largest_products(inspected);
  const auto add = [&](int index) {
    const auto k = std::size_t(index);
    report.products.push_back(
        {.name = fmt::format("index {}", k),
         .contribution = score.contributions[k],
         .note = fmt::format("z {} · t {}", typeset(score.image[k]), typeset(score.text[k]))});
  };
  for (const int k : largest.positive) add(k);
  for (const int k : largest.negative) add(k);
  report.products.push_back(
      {.name = fmt::format("{} others", largest.others), .contribution = largest.rest});
  report.sum = score.sum;
  report.logit = score.model_logit;
  report.residual = score.residual;
  report.settings = inspected.settings;
  report.description =
      "z and t are the embeddings before normalisation. The text embedding of a class or of a "
      "contrast is a direction, the (difference of) normalised means of normalised prompts; it is "
      "shown as long as its prompts are on average. The contribution of an index is scale · z·t / "
      "(‖z‖‖t‖) of its two values; the contributions of all indices add up to the logit.";
  return render_inspection(report);
}

}  // namespace

Json to_json(const Inspected& inspected) {
  const Inspection& score = inspected.score;
  Json choices = Json::array(), settings = Json::object();
  for (std::size_t i = 0; i < inspected.names.size(); ++i) {
    const Confidence& c = inspected.confidences[i];
    choices.push_back({{"name", inspected.names[i]},
                       {"similarity", c.similarity},
                       {"logit", c.logit},
                       {"unscaled", c.unscaled},
                       {"scaled", c.scaled}});
  }
  for (const auto& [name, value] : inspected.settings) settings[name] = value;
  const Distribution d = distribution_of(score);
  Json edges = Json::array();
  for (std::int64_t i = 0; i <= d.bins.count; ++i) edges.push_back(d.bins.edge(i));
  return {
      {"model", inspected.model},
      {"path", inspected.path},
      {"target",
       {{"kind", score.target_kind}, {"name", score.target_name}, {"logit", score.model_logit}}},
      {"image_norm", score.image_norm},
      {"text_norm", score.text_norm},
      {"text_unit", score.text_unit},
      {"dot", score.dot},
      {"similarity", score.similarity},
      {"logit_scale", score.logit_scale},
      {"logit", score.logit},
      {"sum", score.sum},
      {"residual", score.residual},
      {"confidences", choices},
      {"histogram", {{"edges", edges}, {"image", d.image}, {"text", d.text}}},
      {"thresholds", {{"image", inspected.image_threshold}, {"text", inspected.text_threshold}}},
      {"beyond",
       {{"image", beyond_image(inspected).indices},
        {"text", beyond_text(inspected).indices},
        {"both", in_both(inspected).indices}}},
      {"order", by_size(score.contributions)},
      {"image", score.image},
      {"text", score.text},
      {"products", score.products},
      {"contributions", score.contributions},
      {"settings", settings},
      {"notes", inspected.notes}};
}

std::string to_text(const Inspected& inspected) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(classifier_of(inspected), terminal.width)) + "\n\n";
  text += quantities_text(inspected, terminal);
  text += choices_table(inspected, terminal);
  text += histogram_text(inspected, terminal);
  text += title("indices beyond the thresholds", terminal);
  text += beyond_block(inspected, beyond_image(inspected), terminal);
  text += beyond_block(inspected, beyond_text(inspected), terminal);
  text += sentence(in_both(inspected).text, terminal);
  return text + products_text(inspected, terminal);
}

std::vector<FileToWrite> files_of(const Inspected& inspected, const std::filesystem::path& folder) {
  const std::string stem = file_stem(inspected.name, inspected.path, inspected.score.target_name);
  const std::string html = page(inspected);
  const std::string json =
      to_json(inspected).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  return {{folder / (stem + ".inspect.json"), [=](const auto& path) { write_file(path, json); }},
          {folder / (stem + ".inspect.html"), [=](const auto& path) { write_file(path, html); }}};
}

}  // namespace whyclip::cli
