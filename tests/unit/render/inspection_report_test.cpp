#include "whyclip/render/inspection_report.h"

#include <gtest/gtest.h>

#include <limits>
#include <string_view>

#include "tests/support/errors.h"
#include "tests/unit/render/page.h"

namespace whyclip {
namespace inspection_report_test {

using testing::error_of;
using testing::mentions;

InspectionReport small_report() {
  InspectionReport report;
  report.title = "cat.jpg";
  report.headline = "What is the score 2.25 made of?";
  report.source = {.width = 6, .height = 4, .rgb = std::vector<std::uint8_t>(72, 90)};
  report.notes = {"cartoons only"};
  report.quantities = {{"norm", "‖z‖", 5.25, false}, {"dot product", "z·t", 2.5}};
  report.confidences_lede = "Softmax over 2 texts.";
  report.confidences = {{"cat", 0.3125, 0.5125, 0.875, true}, {"dog", 0.25, 0.4875, 0.125, false}};
  report.histograms = {{"image embedding", -2, 0.5, {1, 0, 4, 2}, 0.75}};
  report.beyond_lede = "In both: 1.";
  report.beyond = {{"By the image", {"z", "t"}, {{"92", {1.5, -0.25}}}, "1 of 7"},
                   {"By the text", {"z", "t"}, {}, "No value is beyond 9"}};
  report.products = {{.name = "index 92", .contribution = 3.5},
                     {.name = "6 others", .contribution = -1.25}};
  report.sum = report.logit = 2.25;
  report.settings = {{"model", "toons"}};
  report.description = "From embeddings.";
  return report;
}

TEST(InspectionReport, HasEverySectionAndIsWellFormed) {
  const std::string page = render_inspection(small_report());

  EXPECT_EQ(first_unbalanced(page), "");
  for (const std::string_view part :
       {"What is the score 2.25 made of?", "cartoons only", ">5.2500<", ">+2.5000<", "51.25&nbsp;%",
        "87.50&nbsp;%", "Softmax over 2 texts.", "7 values, highest bar 4", "In both: 1.",
        "−0.2500", "1 of 7", "No value is beyond 9", "index 92", "+3.5000", "−1.2500", "toons",
        "From embeddings."}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
}

TEST(InspectionReport, ShowsTheNoteOfATableWithoutRows) {
  const std::string page = render_inspection(small_report());

  EXPECT_TRUE(contains(page, "<p class=\"caption\">By the text</p>"));
  EXPECT_EQ(count(page, "<caption>By the text"), 0u);
}

TEST(InspectionReport, IsSelfContainedWithoutScript) {
  const std::string page = render_inspection(small_report());

  for (const std::string_view absent : {"<script", "http:", "https:", "{{"}) {
    EXPECT_FALSE(contains(page, absent)) << absent;
  }
  EXPECT_EQ(page, render_inspection(small_report()));
}

TEST(InspectionReport, DrawsABarForEveryCountThatIsNotZero) {
  const std::string page = render_inspection(small_report());

  EXPECT_EQ(count(page, "class=\"count\""), 3u);
  // The highest of four bars from −1 to 1: 96 of 100 high, with a gap of 8 % on each side.
  EXPECT_TRUE(contains(page, R"(x="52.000" y="4.000" width="21.000" height="96.000")"));
  EXPECT_TRUE(contains(page, "<title>4 from 0 to 0.5</title>"));
  // Half as high, and shaded from 0.75 on, which is at 7/8.
  EXPECT_TRUE(contains(page, R"(height="48.000")"));
  EXPECT_TRUE(contains(page, R"(<rect class="beyond" x="87.500" y="0" width="12.500")"));
  EXPECT_TRUE(contains(page, R"(<span style="left:25.000%">−0.5</span>)"));
}

TEST(InspectionReport, ShadesNothingIfAllValuesAreWithinTheThreshold) {
  InspectionReport report = small_report();
  report.histograms[0].threshold = 9;

  const std::string page = render_inspection(report);

  EXPECT_TRUE(contains(page, R"(<rect class="beyond" x="0" y="0" width="0.000")"));
  EXPECT_FALSE(contains(page, "class=\"limit\""));
}

TEST(InspectionReport, EscapesEveryText) {
  const std::string evil = "<img src=x>\"";
  InspectionReport report = small_report();
  report.title = report.headline = report.confidences_lede = report.beyond_lede =
      report.description = evil;
  report.notes = {evil};
  report.quantities[0].name = report.quantities[0].formula = evil;
  report.confidences[0].name = report.histograms[0].name = evil;
  report.beyond[0].caption = report.beyond[0].columns[0] = report.beyond[0].note = evil;
  report.beyond[0].rows[0].first = report.products[0].name = report.products[0].note = evil;
  report.settings = {{evil, evil}};

  const std::string page = render_inspection(report);

  EXPECT_FALSE(contains(page, "<img src=x>"));
  EXPECT_EQ(first_unbalanced(page), "");
}

TEST(InspectionReport, RefusesNumbersThatAreNotFiniteAndRowsThatDoNotFit) {
  const auto error_with = [](auto&& change) {
    InspectionReport report = small_report();
    change(report);
    return error_of([&] { render_inspection(report); });
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(mentions(error_with([](auto& r) { r.quantities[1].value = kNan; }), {"dot product"}));
  EXPECT_TRUE(mentions(error_with([](auto& r) { r.confidences[1].scaled = kNan; }), {"dog"}));
  EXPECT_TRUE(
      mentions(error_with([](auto& r) { r.products[0].contribution = kNan; }), {"index 92"}));
  EXPECT_TRUE(mentions(error_with([](auto& r) { r.logit = kNan; }), {"logit"}));
  EXPECT_TRUE(mentions(error_with([](auto& r) { r.histograms[0].counts.clear(); }),
                       {"bars", "image embedding"}));
  EXPECT_TRUE(mentions(error_with([](auto& r) { r.beyond[0].rows[0].second = {1}; }),
                       {"expected 2", "92", "got 1"}));
}

}  // namespace inspection_report_test
}  // namespace whyclip
