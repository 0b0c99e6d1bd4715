#include "whyclip/render/line_chart.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/errors.h"
#include "tests/unit/render/page.h"

namespace whyclip {
namespace line_chart_test {

using testing::error_of;
using testing::mentions;

TEST(LineChart, DrawsValuesFromZeroToOneOverItsHeight) {
  const std::string svg = line_chart({"cosine", {"a", "b"}, {{"way", {1.0, 0.0}}}});
  // One is at the top (12), zero at the bottom (188); x ranges from 44 + 8 to 388 − 8.
  EXPECT_TRUE(contains(svg, R"(<path d="M52.0 12.0L380.0 188.0"/>)")) << svg;
  EXPECT_EQ(count(svg, "<circle "), 2u);
}

TEST(LineChart, LeavesAGapForAMissingValue) {
  const std::string svg =
      line_chart({"cosine", {"a", "b", "c", "d"}, {{"way", {1.0, std::nullopt, 0.5, 0.5}}}});
  EXPECT_EQ(count(svg, "<circle "), 3u);
  EXPECT_TRUE(contains(svg, "d=\"M52.0 12.0M"));  // a move instead of a line
}

TEST(LineChart, DrawsNegativeValuesAndWritesMinusSigns) {
  const std::string svg = line_chart({"cosine", {"a", "b"}, {{"way", {1.0, -0.5}}}});
  EXPECT_TRUE(contains(svg, ">−0.5<")) << svg;
  EXPECT_FALSE(contains(svg, ">-0.5<"));
}

TEST(LineChart, IsLogarithmicForLargeValues) {
  const std::string svg = line_chart({"norm", {"a", "b"}, {{"way", {1.0, 1000.0}}}});
  for (const char* power : {">1<", ">10<", ">100<", ">1e+03<"}) {
    EXPECT_TRUE(contains(svg, power)) << power << svg;
  }
  EXPECT_TRUE(contains(svg, "M52.0 188.0L380.0 12.0"));  // from the bottom to the top
}

TEST(LineChart, ShowsSomeOfManyLabelsAndAlwaysTheLast) {
  LineChart chart{"cosine", {}, {{"way", {}}}};
  for (int i = 0; i < 50; ++i) {
    chart.labels.push_back("block " + std::to_string(i));
    chart.lines[0].values.push_back(0.5);
  }
  const std::string svg = line_chart(chart);
  EXPECT_LE(count(svg, ">block "), 14u);
  EXPECT_TRUE(contains(svg, ">block 0<"));
  EXPECT_TRUE(contains(svg, ">block 49<"));
}

TEST(LineChart, EscapesNames) {
  const std::string svg = line_chart({"a\"b", {"<b>"}, {{"way", {0.5}}}});
  EXPECT_TRUE(contains(svg, "&lt;b&gt;"));
  EXPECT_FALSE(contains(svg, "<b>"));
}

TEST(LineChart, RefusesInvalidLines) {
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(mentions(error_of([] {
                         line_chart({"cosine", {"a"}, {{"way", {kNaN}}}});
                       }),
                       {"cosine", "finite"}));
  EXPECT_TRUE(mentions(error_of([] {
                         line_chart({"cosine", {"a", "b"}, {{"way", {1.0}}}});
                       }),
                       {"chart", "2", "1"}));
}

}  // namespace line_chart_test
}  // namespace whyclip
