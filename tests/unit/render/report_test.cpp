#include "whyclip/render/report.h"

#include <gtest/gtest.h>

#include <limits>
#include <string_view>

#include "tests/unit/render/page.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace report_test {

Report small_report() {
  Report report;
  report.title = "cat.jpg";
  report.headline = "Why did CLIP score cat.jpg 24.3125 for “a photo of a cat.”?";
  report.source = {.width = 6, .height = 4, .rgb = std::vector<std::uint8_t>(72, 90)};
  report.grid = {.rows = 2, .columns = 2, .area = {.left = 1, .top = 0, .width = 4, .height = 4}};
  report.values = {7.5F, -0.25F, 1.125F, 0};
  report.ledger = {
      {.name = "4 patches", .contribution = 8.375, .group = "patches", .note = "see the image"},
      {.name = "class token", .contribution = 12.0625, .group = "embeddings"},
      {.name = "positions", .contribution = -1.5, .group = "embeddings"},
      {.name = "mlp.up bias", .contribution = 5.375, .group = "block 0"}};
  report.sum = 24.3125;
  report.target = 24.3125;
  report.residual = 4.1e-7;
  report.scores = {{.name = "cat", .logit = 24.3125, .probability = 0.875, .explained = true},
                   {.name = "dog", .logit = 22.25, .probability = 0.125, .explained = false}};
  report.settings = {{"model", "toons"}, {"method", "contributions"}};
  report.notes = {"this model knows cartoons only"};
  report.description = "Frozen gains.";
  return report;
}

TEST(Report, ShowsTheScoreTheContributionsAndTheResidual) {
  const std::string page = render_report(small_report());
  for (const std::string_view expected :
       {"Why did CLIP score cat.jpg 24.3125", ">24.3125<", "+8.3750", "+12.0625", "−1.5000",
        "+5.3750", "+4.1e-07", "class token", "mlp.up bias", "see the image", "87.50", "22.2500",
        "toons", "this model knows cartoons only", "Frozen gains."}) {
    EXPECT_TRUE(contains(page, expected)) << expected;
  }
}

TEST(Report, ValuesInOtherUnitsAreNoPartOfTheScore) {
  Report report = small_report();
  report.ledger.clear();
  EXPECT_TRUE(contains(render_report(report), "30.8"));  // 7.5 of 24.3125
  EXPECT_TRUE(contains(render_report(report), "in units of the logit"));

  report.in_units = false;
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "30.8"));
  EXPECT_FALSE(contains(page, "red: in favour; in units of the logit"));
  EXPECT_TRUE(contains(page, "in the method's own units"));
}

TEST(Report, ValuesThatDoNotAddUpHaveNoPercentages) {
  Report report = small_report();
  report.ledger.clear();
  report.additive = false;
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "30.8"));  // 7.5 of 24.3125
  EXPECT_TRUE(contains(page, "in units of the logit"));
  EXPECT_TRUE(contains(page, "\"target\":0,"));  // the script shows none either
}

TEST(Report, UnsignedValuesAreNeitherForNorAgainst) {
  Report report = small_report();
  EXPECT_TRUE(contains(render_report(report), "patches against"));
  EXPECT_TRUE(contains(render_report(report), "blue: against"));
  EXPECT_TRUE(contains(render_report(report), "\"signed\":true"));

  report.values = {7.5F, 0.25F, 1.125F, 0};
  report.is_signed = false;
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "patches against"));
  EXPECT_FALSE(contains(page, "patches in favour"));
  EXPECT_FALSE(contains(page, "blue: against"));
  EXPECT_TRUE(contains(page, "red: high values"));
  EXPECT_TRUE(contains(page, "class=\"legend unsigned\""));
  EXPECT_TRUE(contains(page, "<span id=\"least\">0</span>"));
  EXPECT_TRUE(contains(page, "\"signed\":false"));
  EXPECT_EQ(first_unbalanced(page), "");
}

TEST(Report, TheRestIsNotFromTheImageOnlyIfTheSourcesAreKnown) {
  Report report = small_report();
  EXPECT_TRUE(contains(render_report(report), "not from the image"));
  report.by_source = false;
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "not from the image"));
  EXPECT_FALSE(contains(page, "every source of the score"));
  EXPECT_TRUE(contains(page, "not on the patches"));
}

TEST(Report, ShowsTheContributionOfEveryPatchWithoutAScript) {
  const std::string page = render_report(small_report());
  EXPECT_EQ(count(page, "<rect "), 4U);
  EXPECT_TRUE(contains(page, "<title>row 0, column 1: −0.2500</title>"));
  EXPECT_TRUE(contains(page, "<title>row 1, column 0: +1.1250</title>"));
  EXPECT_TRUE(contains(page, "left:16.6667%;top:0.0000%;width:66.6667%;height:100.0000%"));
}

TEST(Report, FoldsAdjacentEntriesOfOneGroupButNotASingleEntry) {
  const std::string page = render_report(small_report());
  EXPECT_EQ(count(page, "class=\"fold\""), 1U);
  EXPECT_TRUE(contains(page, "embeddings <small>2 sources"));
  EXPECT_TRUE(contains(page, "+10.5625"));
}

TEST(Report, EndsTheWaterfallAtTheTarget) {
  Report report = small_report();
  report.ledger = {{.name = "one", .contribution = 3}, {.name = "two", .contribution = -4}};
  report.sum = report.target = -1;
  const std::string page = render_report(report);
  // The scale runs from −1 to 3: zero lies at a quarter, the target at the left end.
  EXPECT_TRUE(contains(page, "--zero:25.000%;--target:0.000%"));
  EXPECT_TRUE(contains(page, "left:25.000%;width:75.000%"));
  EXPECT_TRUE(contains(page, "left:0.000%;width:100.000%"));
}

TEST(Report, WritesNegativeScoresWithAMinusSign) {
  Report report = small_report();
  report.target = report.sum = -0.3065;
  const std::string page = render_report(report);
  EXPECT_TRUE(contains(page, ">−0.3065<"));
  EXPECT_FALSE(contains(page, ">-0.3065<"));
}

TEST(Report, EscapesHostileTexts) {
  constexpr std::string_view kHostile = "</script><script>alert('x')</script>\"'><img src=x>&\xFF";
  Report report = small_report();
  const std::string hostile(kHostile);
  report.title = report.headline = report.quantity = report.scores_heading = report.description =
      hostile;
  report.ledger[1] = {.name = hostile, .contribution = 1, .group = hostile, .note = hostile};
  report.ledger[2].group = hostile;
  report.scores[0].name = hostile;
  report.settings = {{hostile, hostile}};
  report.notes = {hostile};
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_FALSE(contains(page, "<img src=x"));
  EXPECT_FALSE(contains(page, "\xFF"));
  EXPECT_TRUE(contains(page, "&lt;script&gt;alert(&#39;x&#39;)"));
  EXPECT_EQ(count(page, "<script"), 2U);
  EXPECT_EQ(first_unbalanced(page), "");
}

TEST(Report, DoesNotExpandPlaceholdersInTexts) {
  Report report = small_report();
  report.headline = "{{data}} {{nothing}}";
  EXPECT_TRUE(contains(render_report(report), "<h1>{{data}} {{nothing}}</h1>"));
}

TEST(Report, ClosesEveryTagInOrder) {
  EXPECT_EQ(first_unbalanced(render_report(small_report())), "");
}

TEST(Report, OmitsSectionsWithoutContent) {
  Report report = small_report();
  report.ledger.clear();
  report.scores.clear();
  report.settings.clear();
  report.notes.clear();
  report.description.clear();
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "Ledger"));
  EXPECT_FALSE(contains(page, "Settings"));
  EXPECT_FALSE(contains(page, "class=\"notes\""));
  EXPECT_EQ(first_unbalanced(page), "");
}

TEST(Report, NeedsNoNetwork) {
  const std::string page = render_report(small_report());
  for (const std::string_view address :
       {"http://", "https://", "//cdn", "@import", "<link", " src=\"/"}) {
    EXPECT_FALSE(contains(page, address)) << address;
  }
  EXPECT_EQ(count(page, "data:image/png;base64,"), 1U);
}

TEST(Report, IsDeterministic) {
  EXPECT_EQ(render_report(small_report()), render_report(small_report()));
}

TEST(Report, ReducesALargeImage) {
  Report report = small_report();
  report.source = {.width = 4000, .height = 2000, .rgb = {}};
  std::uint32_t state = 1;  // noise, which does not compress
  for (int i = 0; i < 4000 * 2000 * 3; ++i) {
    state = state * 1664525U + 1013904223U;
    report.source.rgb.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  report.grid.area = {.left = 1000, .top = 0, .width = 2000, .height = 2000};
  const std::string page = render_report(report);
  EXPECT_LT(page.size(), 6'000'000U);  // 1600 × 800 × 3 bytes in base64, and the page
  EXPECT_TRUE(contains(page, "left:25.0000%;top:0.0000%;width:50.0000%;height:100.0000%"));
}

TEST(Report, ShowsAMapOfZerosAndExtremeImages) {
  Report report = small_report();
  report.values = {0, 0, 0, 0};
  report.target = report.sum = 0;
  report.ledger.clear();
  EXPECT_EQ(first_unbalanced(render_report(report)), "");
  for (const auto& [width, height] : {std::pair{1, 1}, std::pair{20000, 3}}) {
    report.source = {
        .width = width,
        .height = height,
        .rgb = std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 5)};
    EXPECT_EQ(first_unbalanced(render_report(report)), "") << width;
  }
}

TEST(Report, RefusesNumbersThatAreNotFinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Report report = small_report();
  report.ledger[1].contribution = kInfinity;
  EXPECT_THROW(render_report(report), Error);
  report = small_report();
  report.residual = kInfinity;
  EXPECT_THROW(render_report(report), Error);
  report = small_report();
  report.values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(render_report(report), Error);
}

}  // namespace report_test
}  // namespace whyclip
