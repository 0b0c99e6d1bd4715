#include "whyclip/render/tracing_page.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/errors.h"
#include "tests/unit/render/page.h"

namespace whyclip {
namespace tracing_page_test {

using testing::error_of;
using testing::mentions;

TracingPage small_page() {
  TracingPage page;
  page.title = "cat.png";
  page.headline = "Tracing of cat.png";
  page.target = -12.25;
  page.source = {.width = 6, .height = 4, .rgb = std::vector<std::uint8_t>(72, 90)};
  page.grid = {.rows = 2, .columns = 2, .area = {.left = 1, .top = 0, .width = 4, .height = 4}};
  page.maps = {{.heading = "As published", .caption = "All of it.", .values = {8, -2, 0, 1}},
               {.heading = "Mended", .caption = "", .values = {1, -0.5F, 0.25F, 0}}};
  page.layers = {"ln_pre", "embedding"};
  page.variants = {{.name = "float64",
                    .layers = {TracingPageCloseness{0.9375, 1.25}, std::nullopt},
                    .contributions = {}},
                   {.name = "mended",
                    .layers = {TracingPageCloseness{1, 1}, TracingPageCloseness{1, 1}},
                    .contributions = {0.75, -13}}};
  page.rows = {"patches", "sum"};
  page.findings = {{"Where it departs", "At the scores."}};
  page.settings = {{"model", "toons"}};
  page.notes = {"cartoons only"};
  page.description = "How it is done.";
  return page;
}

TEST(TracingPage, ShowsAllOfItsContent) {
  const std::string page = render_tracing_page(small_page());
  for (const char* part : {"Tracing of cat.png", "−12.2500", "As published", "All of it.", "0.9375",
                           "1.2500", "+0.7500", "−13.0000", "Where it departs", "At the scores.",
                           "toons", "cartoons only", "How it is done.", "ln_pre"}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
}

TEST(TracingPage, DrawsEachMapOnTheCommonScaleAndOnItsOwn) {
  const std::string page = render_tracing_page(small_page());
  EXPECT_EQ(count(page, "<rect "), 16u);  // two maps of four patches, twice
  // The mended map's 1 is an eighth of the common scale and the end of its own scale.
  EXPECT_TRUE(contains(page, "fill-opacity=\"0.125\"><title>row 0, column 0: +1.0000"));
  EXPECT_TRUE(contains(page, "fill-opacity=\"1.000\"><title>row 0, column 0: +1.0000"));
  EXPECT_EQ(common_scale(small_page().maps), 8);
}

TEST(TracingPage, IsOneFileWithoutScript) {
  const std::string page = render_tracing_page(small_page());
  EXPECT_EQ(first_unbalanced(page), "");
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "src=\"http"));
  EXPECT_EQ(page, render_tracing_page(small_page()));
}

TEST(TracingPage, KeepsTheStyleOfASingleVariant) {
  TracingPage page = small_page();
  page.variants.erase(page.variants.begin());
  page.maps.erase(page.maps.begin());
  const std::string html = render_tracing_page(page);
  EXPECT_TRUE(contains(html, "class=\"variant variant-2\""));
  EXPECT_FALSE(contains(html, "class=\"variant variant-0\""));
  EXPECT_FALSE(contains(html, "id=\"own\""));  // nothing to compare with
}

TEST(TracingPage, EscapesHostileText) {
  TracingPage page = small_page();
  page.headline = page.variants[0].name = page.findings[0].second = page.maps[0].heading =
      "<script>alert(1)</script>";
  EXPECT_FALSE(contains(render_tracing_page(page), "<script>"));
}

TEST(TracingPage, RefusesInconsistentContent) {
  TracingPage page = small_page();
  page.variants[0].layers.pop_back();
  EXPECT_TRUE(mentions(error_of([&] { render_tracing_page(page); }), {"float64", "2", "1"}));
  page = small_page();
  page.variants[1].contributions = {1};
  EXPECT_TRUE(mentions(error_of([&] { render_tracing_page(page); }), {"mended", "2", "1"}));
  page = small_page();
  page.target = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(mentions(error_of([&] { render_tracing_page(page); }), {"target", "finite"}));
  page = small_page();
  page.variants.resize(4);
  EXPECT_TRUE(mentions(error_of([&] { render_tracing_page(page); }), {"3", "4"}));
  page = small_page();
  page.maps[0].values.pop_back();
  EXPECT_NE(error_of([&] { render_tracing_page(page); }), "(no error)");
}

}  // namespace tracing_page_test
}  // namespace whyclip
