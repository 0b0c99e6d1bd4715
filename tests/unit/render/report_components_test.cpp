#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tests/support/errors.h"
#include "tests/unit/render/page.h"
#include "whyclip/image/encode.h"
#include "whyclip/render/base64.h"
#include "whyclip/render/colormap.h"
#include "whyclip/render/report.h"

namespace whyclip {
namespace report_components_test {

using testing::error_of;
using testing::mentions;

/// Running totals 1.5, 5.25, 8.75, 8; within the blocks the maximum is 10, the end of the scale.
Report network_report() {
  Report report;
  report.title = report.headline = "cat.jpg";
  report.source = {.width = 4, .height = 4, .rgb = std::vector<std::uint8_t>(48, 90)};
  report.grid = {.rows = 2, .columns = 2, .area = {.left = 0, .top = 0, .width = 4, .height = 4}};
  report.values = {7.5F, -0.25F, 1.125F, 0};
  report.target = 8;
  report.components.embedding = 1;
  report.components.embedding_bias = 0.5;
  report.components.blocks = {
      {.name = "block 0",
       .heads = {2, -1},
       .head_tokens = {{0.5F, 1.5F, 0, 0, 0}, {0, 0, -1, 0.123456F, -0.123456F}},
       .attention_bias = 0.25,
       .mlp = 3,
       .mlp_bias = -0.5},
      {.name = "block 1",
       .heads = {4.75, 0},
       .head_tokens = {{0, 4, 0.25F, 0.25F, 0.25F}, {0, 0, 0, 0, 0}},
       .attention_bias = 0,
       .mlp = -2,
       .mlp_bias = 0.75}};
  report.components.last_bias = -0.75;
  report.components.sum = 8;
  report.components.residual = 2.5e-7;
  return report;
}

Report streaming_report() {
  Report report = network_report();
  report.components.stream = {{1, 4, 0, -2, 0}, {5, 0, 1, 0, 0}, {8, 0, 0, 0, 0}};
  return report;
}

/// The text between two others, the first occurrence.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t start = text.find(begin);
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start + begin.size());
  return text.substr(0, text.find(end));
}

std::string_view layers(std::string_view page) {
  return between(page, "<section aria-labelledby=\"layers-h\">", "</section>");
}

nlohmann::json data_of(std::string_view page) {
  return nlohmann::json::parse(
      between(page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}

TEST(ReportComponents, FormAWaterfallFromZeroToTheScore) {
  const std::string page = render_report(network_report());
  const std::string_view section = layers(page);
  EXPECT_TRUE(contains(section, "--zero:0.000%;--target:80.000%"));
  for (const std::string_view bar :
       {"left:0.000%;width:15.000%", "left:15.000%;width:37.500%", "left:52.500%;width:35.000%",
        "left:80.000%;width:7.500%", "left:0.000%;width:80.000%"}) {
    EXPECT_TRUE(contains(section, bar)) << bar;
  }
  for (const std::string_view total : {">1.5000<", ">5.2500<", ">8.7500<", ">8.0000<"}) {
    EXPECT_TRUE(contains(section, total)) << total;
  }
  EXPECT_TRUE(contains(section, "Residual (logit minus sum): <b>+2.5e-07</b>"));
}

TEST(ReportComponents, FoldAttentionMlpAndBiasesOfABlock) {
  const std::string page = render_report(network_report());
  const std::string_view section = layers(page);
  EXPECT_EQ(count(section, "class=\"fold\""), 3U);
  EXPECT_EQ(count(section, "attention <small>2 heads</small>"), 2U);
  // Block 1: its heads from 5.25 to 10, its MLP back to 8, its bias to 8.75.
  for (const std::string_view bar : {"left:52.500%;width:47.500%", "left:80.000%;width:20.000%"}) {
    EXPECT_TRUE(contains(section, bar)) << bar;
  }
}

TEST(ReportComponents, GiveEveryFoldedBodyAUniqueId) {
  Report report = network_report();
  report.ledger = {{.name = "one", .contribution = 3, .group = "all"},
                   {.name = "two", .contribution = 5, .group = "all"}};
  const std::string page = render_report(report);
  for (const std::string_view id : {"\"group-0\"", "\"layer-0\"", "\"layer-2\"", "\"layer-6\""}) {
    EXPECT_EQ(count(page, "id=" + std::string(id)), 1U) << id;
    EXPECT_EQ(count(page, "aria-controls=" + std::string(id)), 1U) << id;
  }
}

TEST(ReportComponents, ShowEveryHeadInTheColourOfItsContribution) {
  const std::string page = render_report(network_report());
  const std::string_view table = between(page, "<table class=\"heads\"", "</table>");
  EXPECT_EQ(count(table, "<tr><th scope=\"row\">"), 2U);
  const std::string full = hex(diverging(1)) + "ff";
  EXPECT_TRUE(contains(table, "<td class=\"strong\" style=\"background:" + full +
                                  "\" title=\"block 1, head 0: +4.7500\">4.75</td>"));
  const HeatColour weak = heat_colour(-1 / 4.75);
  EXPECT_TRUE(contains(table, "<td style=\"background:" + hex(weak.colour)));
  EXPECT_TRUE(contains(table, "title=\"block 0, head 1: −1.0000\">−1.00</td>"));
  EXPECT_TRUE(contains(table, "title=\"block 1, head 1: 0\">0</td>"));
  EXPECT_TRUE(contains(between(page, "class=\"legend grid-legend\"", "</p>"), "+4.75"));
}

TEST(ReportComponents, ShowTheSumOfTheHeadsAndTheMlp) {
  const std::string page = render_report(network_report());
  const std::string_view table = between(page, "<table class=\"heads\"", "</table>");
  EXPECT_EQ(count(table, "class=\"total "), 4U);
  for (const std::string_view total : {">+1.00<", ">+3.00<", ">+4.75<", ">−2.00<"}) {
    EXPECT_TRUE(contains(table, total)) << total;
  }
}

TEST(ReportComponents, ShowSmallNumbersWithMoreDecimals) {
  Report report = network_report();
  report.components.blocks[0].heads = {0.0042, -0.0005};
  report.components.blocks[1].heads = {0, 0.00001};
  const std::string page = render_report(report);
  EXPECT_TRUE(contains(page, ">0.0042</td>"));
  EXPECT_TRUE(contains(page, ">−0.0005</td>"));
  EXPECT_TRUE(contains(page, "title=\"block 1, head 1: +1.0e-05\">0</td>"));
}

TEST(ReportComponents, WriteTheTokensOfEveryHeadWithFourDigitsForTheScript) {
  const nlohmann::json data = data_of(render_report(streaming_report()));
  EXPECT_EQ(data.at("heads"), nlohmann::json::parse("[[2,-1],[4.75,0]]"));
  ASSERT_EQ(data.at("head_tokens").size(), 2U);
  EXPECT_EQ(data.at("head_tokens")[0],
            nlohmann::json::parse("[[0.5,1.5,0,0,0],[0,0,-1,0.1235,-0.1235]]"));
  EXPECT_EQ(data.at("head_tokens")[1], nlohmann::json::parse("[[0,4,0.25,0.25,0.25],[0,0,0,0,0]]"));
  EXPECT_EQ(data.at("stream"), nlohmann::json::parse("[[1,4,0,-2,0],[5,0,1,0,0],[8,0,0,0,0]]"));
  EXPECT_EQ(data.at("stream_patches"), nlohmann::json::parse("[2,1,0]"));
}

TEST(ReportComponents, ShowTheResidualStreamOnOneScale) {
  const std::string page = render_report(streaming_report());
  EXPECT_EQ(count(page, "<figure "), 3U);
  EXPECT_TRUE(contains(page, "title=\"before block 0: patches +2.0000, class token +1.0000\""));
  EXPECT_TRUE(contains(page, "title=\"after the last block: patches 0, class token +8.0000\""));
  Image second{.width = 2, .height = 2, .rgb = {}};
  for (const double contribution : {0.0, 0.25, 0.0, 0.0}) {
    const Colour colour = diverging(contribution);
    second.rgb.insert(second.rgb.end(), {colour.r, colour.g, colour.b});
  }
  EXPECT_TRUE(contains(page,
                       "alt=\"Contributions of the patches before block 1\" "
                       "src=\"data:image/png;base64," +
                           base64(encode_png(second)) + "\""));
}

TEST(ReportComponents, MayHaveNoStream) {
  const std::string page = render_report(network_report());
  EXPECT_FALSE(contains(page, "<figure "));
  EXPECT_FALSE(contains(page, "Residual stream"));
  EXPECT_TRUE(data_of(page).at("stream").empty());
}

TEST(ReportComponents, AreReadableWithoutAScript) {
  const std::string page = render_report(streaming_report());
  const std::string_view still = std::string_view(page).substr(0, page.find("<script"));
  for (const std::string_view expected : {">4.75</td>", "Layer by layer", "<figure ", "MLP bias"}) {
    EXPECT_TRUE(contains(still, expected)) << expected;
  }
  EXPECT_TRUE(contains(still, "<div class=\"look script\""));  // hidden until the script runs
}

TEST(ReportComponents, CloseEveryTagInOrderAndNeedNoNetwork) {
  const std::string page = render_report(streaming_report());
  EXPECT_EQ(first_unbalanced(page), "");
  for (const std::string_view address :
       {"http://", "https://", "@import", "<link", " src=\"/", "{{"}) {
    EXPECT_FALSE(contains(page, address)) << address;
  }
  EXPECT_EQ(page, render_report(streaming_report()));
}

TEST(ReportComponents, DoNotChangeAPageWithoutBlocks) {
  Report without = network_report();
  without.components = {};
  const std::string page = render_report(without);
  for (const std::string_view part :
       {"heads", "look-image", "head_tokens", "grid-legend", "data-all", "id=\"shown\"", "{{"}) {
    EXPECT_FALSE(contains(page, part)) << part;
  }
  Report empty = network_report();
  empty.components.blocks.clear();
  EXPECT_EQ(render_report(empty), page);
}

TEST(ReportComponents, EscapeTheNamesOfBlocks) {
  const std::string hostile = "</script><script>alert('x')</script>\"'><img src=x>&\xFF";
  Report report = streaming_report();
  report.quantity = hostile;
  for (ReportBlock& block : report.components.blocks) block.name += hostile;
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_FALSE(contains(page, "<img src=x"));
  EXPECT_FALSE(contains(page, "\xFF"));
  EXPECT_TRUE(contains(page, "title=\"block 0&lt;/script&gt;"));
  EXPECT_TRUE(contains(page, "data-name=\"before block 1&lt;/script&gt;"));
  EXPECT_EQ(count(page, "<script"), 2U);
  EXPECT_EQ(first_unbalanced(page), "");
}

TEST(ReportComponents, MayAllBeZero) {
  Report report = streaming_report();
  for (ReportBlock& block : report.components.blocks) {
    block.heads.assign(2, 0);
    block.head_tokens.assign(2, std::vector<float>(5, 0.0F));
  }
  for (std::vector<float>& row : report.components.stream) row.assign(5, 0.0F);
  const std::string page = render_report(report);
  EXPECT_FALSE(contains(page, "nan"));
  const std::string_view table = between(page, "<table class=\"heads\"", "</table>");
  EXPECT_EQ(count(table, ">0</td>"), 4U + 2U);  // heads and their sums
}

std::string error_after(void (*change)(ReportComponents&)) {
  Report report = streaming_report();
  change(report.components);
  return error_of([&] { render_report(report); });
}

TEST(ReportComponents, RefuseNumbersThatAreNotFinite) {
  EXPECT_TRUE(
      mentions(error_after([](ReportComponents& c) { c.blocks[1].heads[1] = std::nan(""); }),
               {"report", "finite", "block 1, head 1"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) {
                         c.blocks[0].head_tokens[1][3] = std::numeric_limits<float>::infinity();
                       }),
                       {"finite", "block 0, head 1, token 3"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.blocks[1].mlp = std::nan(""); }),
                       {"finite", "block 1, MLP"}));
  EXPECT_TRUE(
      mentions(error_after([](ReportComponents& c) { c.blocks[1].attention_bias = std::nan(""); }),
               {"finite", "block 1, attention bias"}));
  EXPECT_TRUE(
      mentions(error_after([](ReportComponents& c) { c.blocks[0].mlp_bias = std::nan(""); }),
               {"finite", "block 0, MLP bias"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.last_bias = std::nan(""); }),
                       {"finite", "the last bias"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.embedding = std::nan(""); }),
                       {"finite", "the embedding"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.embedding_bias = std::nan(""); }),
                       {"finite", "the bias before the blocks"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.sum = std::nan(""); }),
                       {"finite", "the sum of the components"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.residual = std::nan(""); }),
                       {"finite", "the residual of the components"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.stream[2][4] = std::nanf(""); }),
                       {"finite", "the residual stream, row 2, token 4"}));
}

TEST(ReportComponents, RefuseShapesThatDoNotFit) {
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.blocks[1].heads.pop_back(); }),
                       {"block 1", "expected 2 heads", "got 1"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.blocks[0].head_tokens.pop_back(); }),
                       {"block 0", "expected 2 heads with tokens", "got 1"}));
  EXPECT_TRUE(
      mentions(error_after([](ReportComponents& c) { c.blocks[1].head_tokens[1].push_back(0); }),
               {"block 1, head 1", "expected 5 tokens", "got 6"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.blocks[0].heads.clear(); }),
                       {"block 0", "at least one head"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.stream.pop_back(); }),
                       {"the residual stream", "expected 3 rows", "got 2"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.stream[1].pop_back(); }),
                       {"the residual stream, row 1", "expected 5 tokens", "got 4"}));
}

TEST(ReportComponents, RefuseBlocksWithoutAUniqueName) {
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.blocks[1].name = "block 0"; }),
                       {"a unique name", "'block 0' twice"}));
  EXPECT_TRUE(mentions(error_after([](ReportComponents& c) { c.blocks[1].name.clear(); }),
                       {"a unique name", "''"}));
}

}  // namespace report_components_test
}  // namespace whyclip
