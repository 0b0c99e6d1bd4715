#include "whyclip/pages/document.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "tests/support/errors.h"
#include "tests/support/page.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace document_test {

using nlohmann::json;
using testing::error_of;
using testing::mentions;

Image grey(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(std::size_t(width * height * 3), 90)};
}

/// The only block of a document.
template <class Add>
json block(Add add) {
  Document page("tab", "heading");
  add(page);
  const json blocks = json::parse(page.json()).at("blocks");
  EXPECT_EQ(blocks.size(), 1U);
  return blocks.at(0);
}

TEST(Document, HasItsHeadingItsNotesAndItsBlocksInOrder) {
  Document page("tab", "heading <b>");
  page.notes(std::vector<std::string>{"careful"});
  page.section("First");
  page.part("Parts");
  page.notes(std::vector<std::string>{"slow"});
  page.paragraph("words < more words");
  page.remark("remarkable");
  EXPECT_EQ(json::parse(page.json()),
            (json{{"format", "whyclip document 1"},
                  {"headline", "heading <b>"},
                  {"notes", {"careful", "slow"}},
                  {"blocks",
                   {{{"type", "section"}, {"text", "First"}},
                    {{"type", "part"}, {"text", "Parts"}},
                    {{"type", "paragraph"}, {"text", "words < more words"}},
                    {{"type", "remark"}, {"text", "remarkable"}}}}}));
}

TEST(Document, WithoutContentIsADocument) {
  EXPECT_EQ(json::parse(Document("t", "h").json()), (json{{"format", "whyclip document 1"},
                                                          {"headline", "h"},
                                                          {"notes", json::array()},
                                                          {"blocks", json::array()}}));
}

TEST(Document, PageHasTheDocument) {
  Document page("tab </title>", "heading");
  page.paragraph("</script>");
  const std::string html = page.html();
  EXPECT_TRUE(testing::is_page_of(html, json::parse(page.json())));
  EXPECT_TRUE(testing::contains(html, "<title>tab &lt;/title&gt;</title>"));
  EXPECT_EQ(page.html(), html);
}

TEST(Document, TableHasItsColumnsRowsAndNote) {
  EXPECT_EQ(block([](Document& page) {
              page.table({.caption = "numbers",
                          .columns = {"name", "value"},
                          .rows = {{"a", "1.5"}, {"b", "−2"}},
                          .note = "two"});
            }),
            (json{{"type", "table"},
                  {"caption", "numbers"},
                  {"columns", {"name", "value"}},
                  {"rows", json::array({{"a", "1.5"}, {"b", "−2"}})},
                  {"text_columns", 1},
                  {"note", "two"}}));
}

TEST(Document, TableMayBeEmpty) {
  EXPECT_EQ(block([](Document& page) { page.table({.caption = "none"}); }).at("rows"),
            json::array());
}

TEST(Document, BarsHaveNamesAndValues) {
  EXPECT_EQ(block([](Document& page) {
              page.bars("spread",
                        std::vector<std::pair<std::string, double>>{{"0 to 1", 4}, {"1 to 2", 2}});
            }),
            (json{{"type", "bars"},
                  {"caption", "spread"},
                  {"bars",
                   {{{"name", "0 to 1"}, {"value", 4.0}}, {{"name", "1 to 2"}, {"value", 2.0}}}}}));
}

TEST(Document, ChartHasLabelsAndLinesWithGaps) {
  EXPECT_EQ(
      block([](Document& page) {
        page.chart({.caption = "falling",
                    .labels = {"0", "1", "2"},
                    .lines = {{"ours", {3.0, 2.0, 1.0}}, {"theirs", {3.0, std::nullopt, 2.5}}}});
      }),
      (json{{"type", "chart"},
            {"caption", "falling"},
            {"labels", {"0", "1", "2"}},
            {"lines",
             {{{"name", "ours"}, {"values", {3.0, 2.0, 1.0}}},
              {{"name", "theirs"}, {"values", {3.0, nullptr, 2.5}}}}}}));
}

TEST(Document, FiguresAreDataAddresses) {
  const json figures = block([](Document& page) {
    page.figures(std::vector<DocumentFigure>{
        {.caption = "small", .image = grey(4, 3)},
        {.caption = "film", .file = {std::byte{1}, std::byte{2}}, .file_type = "image/webp"}});
  });
  EXPECT_EQ(figures.at("type"), "figures");
  EXPECT_EQ(figures.at("figures").at(0).at("caption"), "small");
  EXPECT_TRUE(figures.at("figures").at(0).at("picture").get<std::string>().starts_with(
      "data:image/png;base64,iVBOR"));
  EXPECT_EQ(figures.at("figures").at(1),
            (json{{"caption", "film"}, {"picture", "data:image/webp;base64,AQI="}}));
}

TEST(Document, ReplacesBytesThatAreNoUtf8) {
  Document page("t", "a\xFFz");
  page.notes(std::vector<std::string>{"\xC3"});
  page.remark("b\xE2\x80");
  page.table({.caption = "\xFF", .columns = {"\xFE"}, .rows = {{"\xFD"}}});
  const json document = json::parse(page.json());
  EXPECT_EQ(document.at("headline"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(document.at("blocks").at(0).at("text"), "b\xEF\xBF\xBD");
  EXPECT_EQ(document.at("blocks").at(1).at("rows"), json::parse(R"([["\ufffd"]])"));
}

TEST(Document, RefusesARowOfAnotherLength) {
  Document page("t", "h");
  EXPECT_TRUE(mentions(error_of([&] {
                         page.table({.caption = "odd", .columns = {"a", "b"}, .rows = {{"1"}}});
                       }),
                       {"table odd", "expected 2 cells", "got 1"}));
  EXPECT_EQ(json::parse(page.json()).at("blocks").size(), 0U);
}

TEST(Document, RefusesLinesThatDoNotFit) {
  Document page("t", "h");
  const auto refusal = [&](std::vector<DocumentChart::Line> lines) {
    return error_of([&] { page.chart({.caption = "c", .labels = {"0"}, .lines = lines}); });
  };
  EXPECT_TRUE(mentions(refusal({{"1", {1}}, {"2", {1}}, {"3", {1}}, {"4", {1}}, {"5", {1}}}),
                       {"chart c", "at most 4", "got 5"}));
  EXPECT_TRUE(
      mentions(refusal({{"long", {1, 2}}}), {"chart c", "expected 1 values of \"long\"", "got 2"}));
  EXPECT_TRUE(mentions(refusal({{"odd", {std::numeric_limits<double>::quiet_NaN()}}}),
                       {"chart c", "\"odd\" is not finite"}));
}

TEST(Document, RefusesAnImageWhosePixelsDoNotFitItsSize) {
  Document page("t", "h");
  EXPECT_TRUE(mentions(error_of([&] {
                         page.figures(std::vector<DocumentFigure>{{.image = {2, 2, {1}}}});
                       }),
                       {"2 × 2"}));
}

}  // namespace document_test
}  // namespace whyclip
