#include "whyclip/render/leaderboard.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/errors.h"
#include "tests/unit/render/page.h"

namespace whyclip {
namespace leaderboard_test {

using testing::error_of;
using testing::mentions;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

LeaderboardCell cell(double value, double low, double high) {
  return {.value = value, .low = low, .high = high, .images = 300};
}

LeaderboardCell none(std::string reason) { return {.reason = std::move(reason)}; }

/// Four rows; higher "insertion" and lower "deletion" are better, "entropy" is not ranked.
Leaderboard small_leaderboard() {
  Leaderboard board;
  board.title = "tab";
  board.headline = "Which methods deserve trust?";
  board.columns = {
      {.name = "insertion",
       .category = "faithfulness",
       .description = "score while patches are inserted"},
      {.name = "deletion",
       .category = "faithfulness",
       .description = "score while patches are removed",
       .higher_is_better = false},
      {.name = "entropy", .category = "complexity", .description = "how spread", .ranked = false}};
  board.rows = {
      {.name = "gae",
       .family = "attention",
       .seconds = 0.25,
       .cells = {cell(0.5, 0.4375, 0.5625), cell(6, 5.5, 6.5), cell(1.25, 1, 1.5)}},
      {.name = "rise",
       .family = "perturbation",
       .settings = "masks=300",
       .seconds = 12.5,
       .cells = {cell(0.75, 0.6875, 0.8125), cell(4, 3.5, 4.5), none("its values have no unit")}},
      {.name = "rollout",
       .family = "attention",
       .seconds = 0.125,
       .cells = {cell(0.5, 0.46875, 0.71875), cell(12, 11.5, 12.25), cell(-0.0625, -0.125, 0)}},
      {.name = "random",
       .family = "baseline",
       .baseline = true,
       .cells = {cell(0.25, 0.1875, 0.3125), cell(10, 9, 11), cell(3, 2.5, 3.5)}}};
  board.curves = {{.name = "by token removal",
                   .fractions = {0, 0.5, 1},
                   .most_first = {{10, 4, 0}, {10, 2, 0}, {}, {10, 5, 0}},
                   .least_first = {{10, 8, 0}, {10, 9, 0}, {}, {10, 5, 0}}}};
  board.agreement = {
      {1.0, -0.3125, std::nullopt}, {-0.3125, 1.0, 0.875}, {std::nullopt, 0.875, 1.0}};
  board.settings = {{"model", "toons"}};
  board.notes = {"four rows only"};
  return board;
}

std::string without(const std::string& page, std::string_view part) {
  const std::size_t at = page.find(part);
  return at == std::string::npos ? page : page.substr(at + part.size());
}

/// The page from the heading of a category to its end.
std::string category(const std::string& page, int index) {
  const std::string rest = without(page, "<h2 id=\"category-" + std::to_string(index) + "\"");
  return rest.substr(0, rest.find("</section>"));
}

/// A category's row from its name to its end.
std::string row(const std::string& page, int index, const std::string& name) {
  const std::string rest = without(category(page, index), "<th scope=\"row\">" + name);
  return rest.substr(0, rest.find("</tr>"));
}

TEST(LeaderboardRanks, CountFromTheBestAndShareTheRankOfEqualValues) {
  using Ranks = std::vector<std::optional<int>>;
  EXPECT_EQ(ranks_in(small_leaderboard(), 0), (Ranks{2, 1, 2, 4}));
}

TEST(LeaderboardRanks, CountFromTheLowestIfLowerIsBetter) {
  using Ranks = std::vector<std::optional<int>>;
  EXPECT_EQ(ranks_in(small_leaderboard(), 1), (Ranks{2, 1, 4, 3}));
}

TEST(LeaderboardRanks, SkipRowsWithoutAValue) {
  Leaderboard board = small_leaderboard();
  board.rows[1].cells[0] = none("failed");
  using Ranks = std::vector<std::optional<int>>;
  EXPECT_EQ(ranks_in(board, 0), (Ranks{1, std::nullopt, 1, 3}));
}

TEST(LeaderboardRanks, AreEmptyInAColumnThatIsNotRanked) {
  EXPECT_EQ(ranks_in(small_leaderboard(), 2), std::vector<std::optional<int>>(4));
}

TEST(LeaderboardRanks, RefuseAnUnknownColumn) {
  EXPECT_TRUE(
      mentions(error_of([] { ranks_in(small_leaderboard(), 3); }), {"column 3", "below 3"}));
}

TEST(Leaderboard, HasEveryNumberWithItsInterval) {
  const std::string page = render_leaderboard(small_leaderboard());
  for (const char* part :
       {"0.500", "<small>0.438 … 0.562</small>", "6.00", "<small>5.50 … 6.50</small>", "1.25",
        "0.750", "4.00", "12.0", "<small>11.5 … 12.2</small>", "−0.0625",
        "<small>−0.125 … 0</small>", "<small>9.00 … 11.0</small>", "3.00", "12.5", "masks=300",
        "perturbation", "Which methods deserve trust?", "four rows only", "toons"}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
}

TEST(Leaderboard, WritesThreeDigitsAndAnExponentForSmallAndLargeNumbers) {
  Leaderboard board = small_leaderboard();
  board.rows[0].cells[0] = cell(0.99961, 0.0000123449, 12345.6);
  board.rows[1].cells[0] = cell(-9.996, -23456789, -0.000456);
  const std::string page = render_leaderboard(board);
  EXPECT_TRUE(contains(row(page, 0, "gae"), ">1.00<"));
  EXPECT_TRUE(contains(row(page, 0, "gae"), "<small>1.23e−05 … 12300</small>"));
  EXPECT_TRUE(contains(row(page, 0, "rise"), ">−10.0<"));
  EXPECT_TRUE(contains(row(page, 0, "rise"), "<small>−2.35e+07 … −0.000456</small>"));
}

TEST(Leaderboard, SortsACategoryByMeanRank) {
  const std::string table = category(render_leaderboard(small_leaderboard()), 0);
  // Means: rise 1, gae 2, rollout 3, random 3.5.
  EXPECT_LT(table.find(">rise<"), table.find(">gae<"));
  EXPECT_LT(table.find(">gae<"), table.find(">rollout<"));
  EXPECT_LT(table.find(">rollout<"), table.find(">random <"));
  EXPECT_TRUE(contains(table, R"(<td class="mean" data-v="3.5">3.5</td>)"));
}

TEST(Leaderboard, TintsByRankAndShowsTheRank) {
  const std::string page = render_leaderboard(small_leaderboard());
  EXPECT_TRUE(contains(row(page, 0, "gae"),
                       R"(style="--t:0.67"><i><span class="hidden">rank </span>2</i>)"));
  EXPECT_FALSE(contains(category(page, 1), "--t:"));  // not ranked
}

TEST(Leaderboard, MarksTheBestAndThoseWithOverlappingIntervals) {
  const std::string page = render_leaderboard(small_leaderboard());
  EXPECT_TRUE(contains(row(page, 0, "rise"), "<b>0.750</b>"));
  // 0.469 … 0.719 overlaps 0.688 … 0.813, 0.438 … 0.563 does not.
  EXPECT_TRUE(contains(row(page, 0, "rollout"), R"(<span class="near">0.500</span>)"));
  EXPECT_FALSE(contains(row(page, 0, "gae"), "class=\"near\""));
}

TEST(Leaderboard, MarksRowsThatAreWorseThanRandomOrNotDistinguishable) {
  Leaderboard board = small_leaderboard();
  board.rows[0].cells[1] = cell(9.5, 8.75, 10.25);
  const std::string page = render_leaderboard(board);
  EXPECT_EQ(count(row(page, 0, "rollout"), "worse than random"), 1U);  // 11.5 is above 11
  EXPECT_EQ(count(row(page, 0, "gae"), "not distinguishable from random"), 1U);
  EXPECT_FALSE(contains(row(page, 0, "rise"), "random"));
  EXPECT_FALSE(contains(row(page, 0, "random"), "distinguishable"));
}

TEST(Leaderboard, ComparesWithTheBestOfTheBaselines) {
  Leaderboard board = small_leaderboard();
  board.rows.push_back(board.rows[3]);
  board.rows.back().name = "centre";
  board.rows.back().cells[0] = cell(0.625, 0.59375, 0.65625);
  board.curves.clear();
  const std::string page = render_leaderboard(board);
  EXPECT_TRUE(contains(row(page, 0, "gae"), "worse than random"));
}

TEST(Leaderboard, GivesTheReasonForAMissingValue) {
  const std::string page = render_leaderboard(small_leaderboard());
  EXPECT_TRUE(contains(row(page, 1, "rise"), R"(title="its values have no unit")"));
  EXPECT_TRUE(contains(row(page, 1, "rise"), "none: its values have no unit"));
}

TEST(Leaderboard, ShowsTheNumberOfImagesIfItIsSmaller) {
  Leaderboard board = small_leaderboard();
  board.rows[0].cells[0].images = 17;
  EXPECT_EQ(count(render_leaderboard(board), "17 images"), 1U);
  EXPECT_EQ(count(render_leaderboard(small_leaderboard()), "300 images"), 0U);
}

TEST(Leaderboard, DoesNotListARowWithFewRanksAsBest) {
  Leaderboard board = small_leaderboard();
  board.columns[2].ranked = true;
  board.columns[2].category = "faithfulness";
  board.rows[1].cells[1] = none("failed");  // one rank of three remains, the first
  const std::string page = render_leaderboard(board);
  const std::string table = category(page, 0);
  EXPECT_GT(table.find(">rise<"), table.find(">random <"));
  EXPECT_TRUE(contains(row(page, 0, "rise"), "1.0 <small>over 1 of 3</small>"));
  const std::string best = without(page, "<figure class=\"best\">");
  EXPECT_FALSE(contains(best.substr(0, best.find("</figure>")), ">rise<"));
}

TEST(Leaderboard, ListsFiveBestMethodsAndEveryBaseline) {
  Leaderboard board = small_leaderboard();
  board.curves.clear();
  for (int i = 0; i < 4; ++i) {
    board.rows.insert(board.rows.begin(), board.rows[0]);
    board.rows[0].name = "gae " + std::to_string(i);
  }
  const std::string best = without(render_leaderboard(board), "<figure class=\"best\">");
  const std::string first = best.substr(0, best.find("</figure>"));
  EXPECT_EQ(count(first, "<li>"), 5U);
  EXPECT_EQ(count(first, "<li class=\"baseline\">"), 1U);
  EXPECT_TRUE(contains(first, ">rise</span>"));
  EXPECT_FALSE(contains(first, ">rollout</span>"));
}

TEST(Leaderboard, DrawsAPanelForEveryRowWithACurve) {
  const std::string page = render_leaderboard(small_leaderboard());
  EXPECT_EQ(count(page, "<use href=\"#frame-0\"/>"), 3U);
  // From 0 to 10 in steps of 5: the top is 6, the bottom 88; fractions from 30 to 164.
  EXPECT_TRUE(contains(page, R"(<path class="most-first" d="M30.0 6.0L97.0 71.6L164.0 88.0"/>)"));
  EXPECT_TRUE(contains(page, R"(aria-label="rise: most first 3.50, least first 7.00")"));
  EXPECT_EQ(count(page, "class=\"by-chance\" d=\"M30.0"), 2U);
}

TEST(Leaderboard, ListsThePairsWithLeastAgreementAndTheMatrixInHundredths) {
  const std::string page = render_leaderboard(small_leaderboard());
  EXPECT_TRUE(contains(page, "<tr><td>insertion</td><td>deletion</td><td class=\"number\">−0.312"));
  EXPECT_TRUE(contains(page, R"(title="deletion, entropy: 0.875">88</td>)"));
  EXPECT_TRUE(contains(page, R"(title="insertion, entropy: none">·</td>)"));
}

TEST(Leaderboard, IsOneWellFormedSelfContainedFile) {
  const std::string page = render_leaderboard(small_leaderboard());
  EXPECT_EQ(first_unbalanced(page), "");
  for (const char* absent : {"http://", "https://", "src=", "url(", "@import", "{{"}) {
    EXPECT_FALSE(contains(page, absent)) << absent;
  }
  EXPECT_EQ(count(page, "href=\""), count(page, "href=\"#"));
  EXPECT_EQ(page, render_leaderboard(small_leaderboard()));
}

TEST(Leaderboard, EscapesHostileTexts) {
  const std::string hostile = "</script><script>alert('x')</script>\"'><img src=x>&\xFF";
  Leaderboard board = small_leaderboard();
  board.title = board.headline = hostile;
  board.columns[0] = {.name = hostile, .category = hostile, .description = hostile};
  board.rows[0].name = board.rows[0].family = board.rows[0].settings = hostile;
  board.rows[3].name = board.rows[1].cells[2].reason = board.curves[0].name = hostile;
  board.settings = {{hostile, hostile}};
  board.notes = {hostile};
  const std::string page = render_leaderboard(board);
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_FALSE(contains(page, "<img"));
  EXPECT_FALSE(contains(page, "\xFF"));
  EXPECT_EQ(count(page, "<script"), 1U);
  EXPECT_EQ(first_unbalanced(page), "");
}

TEST(Leaderboard, OmitsEmptySections) {
  EXPECT_EQ(first_unbalanced(render_leaderboard({})), "");
  Leaderboard board = small_leaderboard();
  board.curves.clear();
  board.agreement.clear();
  const std::string page = render_leaderboard(board);
  EXPECT_FALSE(contains(page, "curves-h"));
  EXPECT_FALSE(contains(page, "agreement-h"));
}

template <class Change>
std::string refusal(Change change) {
  Leaderboard board = small_leaderboard();
  change(board);
  return error_of([&] { render_leaderboard(board); });
}

TEST(Leaderboard, RefusesCellsThatDoNotFit) {
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[1].cells.pop_back(); }),
                       {"rise", "expected 3 cells", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[1].cells[2].low = 1; }),
                       {"rise, entropy", "interval alone"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[1].high.reset(); }),
                       {"gae, deletion", "both ends"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[1].low = 7; }),
                       {"gae, deletion", "7 to 6.5"}));
}

TEST(Leaderboard, RefusesNumbersThatAreNotFinite) {
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[0].value = kNaN; }),
                       {"gae, insertion", "finite", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[0].high = kInfinity; }),
                       {"gae, insertion", "finite", "inf"}));
  EXPECT_TRUE(
      mentions(refusal([](auto& b) { b.rows[1].seconds = kNaN; }), {"rise, seconds", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].most_first[1][1] = kNaN; }),
                       {"curve by token removal, rise", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].fractions[2] = kNaN; }),
                       {"curve by token removal", "0 to 1", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement[0][1] = kNaN; }),
                       {"agreement, insertion", "-1 to 1", "nan"}));
}

TEST(Leaderboard, RefusesCurvesAndAgreementThatDoNotFit) {
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].least_first.pop_back(); }),
                       {"curve by token removal", "expected 4 rows", "got 3"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].most_first[0].pop_back(); }),
                       {"gae", "expected 3 values", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) {
                         b.curves[0].fractions = {0, 1, 0.5};
                       }),
                       {"rising order"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement.pop_back(); }),
                       {"agreement", "expected 3 rows", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement[1].pop_back(); }),
                       {"agreement, deletion", "expected 3 values", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement[1][0] = 1.5; }),
                       {"agreement, deletion", "-1 to 1", "1.5"}));
}

TEST(LeaderboardCsv, HasOneLinePerRowAndQuotesFieldsIfNeeded) {
  Leaderboard board = small_leaderboard();
  board.columns.resize(1);
  board.columns[0].name = "insertion, \"score\"";
  board.rows.resize(2);
  board.rows[0].cells = {cell(-1.0 / 3, -0.5, 1e-7)};
  board.rows[1].cells = {none("failed")};
  board.rows[1].settings = "masks=300,seed=1";
  board.rows[1].baseline = true;
  board.curves.clear();
  board.agreement.clear();
  EXPECT_EQ(leaderboard_csv(board),
            "method,family,settings,baseline,seconds,\"insertion, \"\"score\"\"\","
            "\"insertion, \"\"score\"\" low\",\"insertion, \"\"score\"\" high\"\r\n"
            "gae,attention,,no,0.25,-0.333333333,-0.5,1e-07\r\n"
            "rise,perturbation,\"masks=300,seed=1\",yes,12.5,,,\r\n");
}

TEST(LeaderboardCsv, RefusesNumbersThatAreNotFinite) {
  Leaderboard board = small_leaderboard();
  board.rows[0].cells[0].value = kNaN;
  EXPECT_TRUE(mentions(error_of([&] { leaderboard_csv(board); }), {"gae, insertion", "nan"}));
}

}  // namespace leaderboard_test
}  // namespace whyclip
