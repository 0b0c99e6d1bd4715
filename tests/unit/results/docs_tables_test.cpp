// The tables of docs/methods.md and docs/metrics.md are made from the registries.
// WHYCLIP_WRITE_TABLES=1 writes them anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/data.h"
#include "whyclip/methods/method.h"
#include "whyclip/metrics/metric.h"

namespace whyclip {
namespace docs_tables_test {

/// Text for a cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '_') result += '\\';
    result += c;
  }
  return result;
}

std::string options_of(const std::vector<MethodOption>& options) {
  std::string text;
  for (const MethodOption& option : options) {
    text += fmt::format("{}`{}` = {}", text.empty() ? "" : "; ", option.name,
                        cell(option.default_value));
  }
  return text;
}

std::string methods_table() {
  std::string text =
      "| method | family | what it computes | reference | cost | signed | adds up | units | options "
      "and defaults |\n|---|---|---|---|---|---|---|---|---|\n";
  for (const Method& method : methods()) {
    const MethodInfo& info = method.info;
    std::string units;
    for (const Unit unit : method.units()) {
      units += (units.empty() ? "" : ", ") + std::string(name_of(unit));
    }
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} | {} |\n", info.name,
                        name_of(info.family), cell(info.summary), cell(info.reference),
                        cell(info.cost), info.is_signed ? "yes" : "no",
                        info.complete ? "yes" : "no", units, options_of(info.options));
  }
  return text;
}

std::string metrics_table() {
  std::string text =
      "| metric | category | better | what it measures | protocol | reference | options and "
      "defaults |\n|---|---|---|---|---|---|---|\n";
  for (const Metric& metric : metrics()) {
    const MetricInfo& info = metric.info;
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", info.name,
                        name_of(info.category), name_of(info.better), cell(info.summary),
                        cell(info.protocol), cell(info.reference), options_of(info.options));
  }
  return text;
}

void expect_current(const std::string& file, const std::string& table) {
  const std::string begin = "<!-- generated from the registry: begin -->\n",
                    end = "<!-- generated from the registry: end -->";
  const std::filesystem::path path = testing::repository_file(file);
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  const std::string text = content.str();
  const std::size_t from = text.find(begin), to = text.find(end);
  ASSERT_NE(from, text.npos) << file;
  ASSERT_NE(to, text.npos) << file;
  const std::size_t first = from + begin.size();
  if (std::getenv("WHYCLIP_WRITE_TABLES") != nullptr) {
    std::ofstream(path) << text.substr(0, first) << table << text.substr(to);
    return;
  }
  EXPECT_EQ(text.substr(first, to - first), table)
      << file << " is not current: run results_test with WHYCLIP_WRITE_TABLES=1";
}

TEST(DocsTables, OfMethodsIsCurrent) { expect_current("docs/methods.md", methods_table()); }

TEST(DocsTables, OfMetricsIsCurrent) { expect_current("docs/metrics.md", metrics_table()); }

}  // namespace docs_tables_test
}  // namespace whyclip
