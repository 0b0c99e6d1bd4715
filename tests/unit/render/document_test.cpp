#include "whyclip/render/document.h"

#include <gtest/gtest.h>

#include <cstddef>

#include "tests/support/errors.h"
#include "tests/unit/render/page.h"

namespace whyclip {
namespace document_test {

using testing::error_of;
using testing::mentions;

Image grey(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(std::size_t(width * height * 3), 90)};
}

Document everything() {
  Document page("tab", "heading <b>");
  page.notes(std::vector<std::string>{"careful & slow"});
  page.section("First");
  page.paragraph("words < more words");
  page.remark("remarkable");
  page.table(
      {.caption = "numbers", .columns = {"name", "value"}, .rows = {{"a", "1.5"}, {"b", "−2"}}});
  page.bars("spread", std::vector<std::pair<std::string, double>>{{"0 to 1", 4}, {"1 to 2", 2}});
  page.section("Second");
  page.part("Parts");
  page.figures(std::vector<DocumentFigure>{
      {.caption = "small", .image = grey(4, 3)},
      {.caption = "film", .file = {std::byte{1}, std::byte{2}}, .file_type = "image/webp"}});
  page.chart({.caption = "falling",
              .labels = {"0", "1", "2"},
              .lines = {{"ours", {3.0, 2.0, 1.0}}, {"theirs", {3.0, std::nullopt, 2.5}}}});
  return page;
}

TEST(Document, IsOneWellFormedSelfContainedPage) {
  const std::string html = everything().html();
  EXPECT_EQ(first_unbalanced(html), "");
  EXPECT_EQ(count(html, "<section"), 2U);
  EXPECT_EQ(count(html, "</section>"), 2U);
  for (const char* absent : {"<script", "http://", "https://", "src=\"/", "{{"}) {
    EXPECT_FALSE(contains(html, absent)) << absent;
  }
  EXPECT_EQ(everything().html(), html);
}

TEST(Document, EscapesEveryText) {
  const std::string html = everything().html();
  EXPECT_TRUE(contains(html, "heading &lt;b&gt;"));
  EXPECT_TRUE(contains(html, "careful &amp; slow"));
  EXPECT_TRUE(contains(html, "words &lt; more words"));
}

TEST(Document, AlignsTheNumbersOfATable) {
  const std::string html = everything().html();
  EXPECT_TRUE(contains(html, R"(<th scope="row">a</th><td class="number">1.5</td>)"));
  EXPECT_TRUE(
      contains(html, R"(<th scope="col">name</th><th scope="col" class="number">value</th>)"));
}

TEST(Document, ScalesBarsToTheLargest) {
  const std::string html = everything().html();
  EXPECT_TRUE(contains(html, R"(<span>0 to 1</span><i style="--part:1.0000"></i><b>4</b>)"));
  EXPECT_TRUE(contains(html, R"(<span>1 to 2</span><i style="--part:0.5000"></i><b>2</b>)"));
}

TEST(Document, WritesTheSizeOrTheTypeOfImages) {
  const std::string html = everything().html();
  EXPECT_TRUE(
      contains(html, R"(<img class="tiny" width="4" height="3" src="data:image/png;base64,)"));
  EXPECT_TRUE(contains(html, R"(src="data:image/webp;base64,AQI=")"));
}

TEST(Document, NamesEveryLineOfAChart) {
  const std::string html = everything().html();
  EXPECT_TRUE(contains(html, "ours</li>"));
  EXPECT_TRUE(contains(html, "theirs</li>"));
  EXPECT_TRUE(contains(html, R"(aria-label="falling")"));
}

TEST(Document, RefusesInconsistentContent) {
  Document page("t", "h");
  EXPECT_TRUE(mentions(error_of([&] {
                         page.table({.caption = "odd", .columns = {"a", "b"}, .rows = {{"1"}}});
                       }),
                       {"table odd", "expected 2 cells", "got 1"}));
  EXPECT_TRUE(mentions(
      error_of([&] {
        page.chart(
            {.caption = "many",
             .labels = {"0"},
             .lines = {{"1", {1.0}}, {"2", {1.0}}, {"3", {1.0}}, {"4", {1.0}}, {"5", {1.0}}}});
      }),
      {"chart many", "at most 4"}));
  EXPECT_TRUE(mentions(
      error_of([&] {
        page.figures(std::vector<DocumentFigure>{{.caption = "broken", .image = {2, 2, {1}}}});
      }),
      {"broken"}));
}

}  // namespace document_test
}  // namespace whyclip
