#include "whyclip/pages/plain_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "whyclip/pages/html.h"

namespace whyclip {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 100;  // of a table

/// "patch_sum" as "patch sum".
std::string title_of(std::string name) {
  if (name == "in_logits") return "in units of the score";  // which may be a feature
  std::ranges::replace(name, '_', ' ');
  return escape_html(name);
}

bool is_single(const Json& value) { return value.is_primitive() && !value.is_null(); }

std::string cell_text(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return escape_html(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  return value.is_structured() ? "…" : value.dump();
}

std::string row_of(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string text = "<tr>";
  for (const std::string& cell : cells) text += fmt::format("<{0}>{1}</{0}>", tag, cell);
  return text + "</tr>\n";
}

std::string table_of(const std::string& caption, const std::string& rows) {
  if (rows.empty()) return {};
  return fmt::format("<table><caption>{}</caption>\n{}</table>\n", caption, rows);
}

/// The columns of a table of records: where their values are, and their titles.
struct Columns {
  std::vector<Json::json_pointer> values = {};
  std::vector<std::string> titles = {};
};

/// Adds the single values of a record and, at most `depth` levels below, of the objects in it.
void add_columns(const Json& record, const Json::json_pointer& at, int depth, Columns& columns) {
  for (const auto& [key, value] : record.items()) {
    if (value.is_object() && depth > 0) add_columns(value, at / key, depth - 1, columns);
    if (!value.is_primitive()) continue;
    columns.values.push_back(at / key);
    columns.titles.push_back(title_of(key));
  }
}

/// A list of records by the single values of the first one.
std::string records(const std::string& caption, const Json& list) {
  Columns columns;
  add_columns(list[0], Json::json_pointer(), 1, columns);
  if (columns.values.empty()) return {};
  std::string rows = row_of(columns.titles, "th");
  for (std::size_t i = 0; i < std::min(list.size(), kMostRows); ++i) {
    std::vector<std::string> cells;
    for (const Json::json_pointer& value : columns.values) {
      cells.push_back(list[i].contains(value) ? cell_text(list[i].at(value)) : "");
    }
    rows += row_of(cells);
  }
  return table_of(list.size() > kMostRows
                      ? fmt::format("{} (the first {} of {})", caption, kMostRows, list.size())
                      : caption,
                  rows);
}

std::string pairs_of(const std::string& caption, const Json& list) {
  std::string rows;
  for (const Json& pair : list) {
    rows +=
        fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", cell_text(pair[0]), cell_text(pair[1]));
  }
  return table_of(caption, rows);
}

/// Numbers, `columns` in a row.
std::string numbers(const std::string& caption, const Json& list, std::size_t columns) {
  std::string rows;
  std::vector<std::string> cells;
  for (const Json& value : list) {
    cells.push_back(value.is_number() ? fmt::format("{:.4f}", value.get<double>()) : "");
    if (cells.size() < columns) continue;
    rows += row_of(cells);
    cells.clear();
  }
  return table_of(caption, rows);
}

std::size_t grid_columns(const Json& result) {
  const Json* part = &result;
  for (const char* key : {"image", "grid", "columns"}) {
    if (!part->is_object() || !part->contains(key)) return 0;
    part = &part->at(key);
  }
  return part->is_number_unsigned() ? part->get<std::size_t>() : 0;
}

std::string fields_of(const std::string& caption, const Json& object, std::size_t columns,
                      int depth);

std::string list_of(const std::string& caption, const std::string& key, const Json& list,
                    std::size_t columns) {
  if (list.empty()) return {};
  const auto all = [&](auto holds) { return std::ranges::all_of(list, holds); };
  if (all([](const Json& one) { return one.is_object(); })) return records(caption, list);
  const auto is_pair = [](const Json& one) {
    return one.is_array() && one.size() == 2 && one[0].is_string() && one[1].is_string();
  };
  if (all(is_pair)) return pairs_of(caption, list);
  const bool map = key == "patches" && columns > 0 && list.size() % columns == 0;
  if (map) return numbers(caption + ", row by row", list, columns);
  return {};
}

/// Single values in one table, then everything below, at most `depth` levels of it.
std::string fields_of(const std::string& caption, const Json& object, std::size_t columns,
                      int depth) {
  std::string rows, below;
  for (const auto& [key, value] : object.items()) {
    if (key == "headline" || key == "notes" || key == "format") continue;
    const std::string name = title_of(key);
    if (is_single(value)) {
      rows += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", name, cell_text(value));
    } else if (value.is_array()) {
      below += list_of(name, key, value, columns);
    } else if (value.is_object() && depth > 0) {
      below += fields_of(name, value, columns, depth - 1);
    }
  }
  return table_of(caption, rows) + below;
}

}  // namespace

std::string plain_tables(const Json& result) {
  constexpr int kDepth = 2;
  const Json headline = result.value("headline", Json());
  std::string text =
      fmt::format("<h1>{}</h1>\n", headline.is_string() ? cell_text(headline) : "Result");
  const Json notes = result.value("notes", Json::array());
  for (const Json& note : notes.is_array() ? notes : Json::array()) {
    text += fmt::format("<p>{}</p>\n", cell_text(note));
  }
  return text + fields_of("Result", result, grid_columns(result), kDepth);
}

}  // namespace whyclip
