#include "whyclip/pages/result_pages.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/page.h"
#include "whyclip/core/utf8.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/html.h"
#include "whyclip/pages/page.h"

namespace whyclip {
namespace result_pages_test {

using nlohmann::json;
using testing::between;
using testing::contains;
using testing::count;
using testing::is_page_of;
using testing::payload_of;
using testing::tables_of;

const Image& cat_and_dog() {
  static const Image image =
      read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  return image;
}

const Explanation& full() {
  static const Explanation e =
      explain(Clip::embedded(), cat_and_dog(),
              {.target = {.classifier = {.templates = "simple"}, .class_name = "cat"},
               .image_name = "photos/cat_and_dog.jpg",
               .regions = "blocks:2x2",
               .words = true,
               .interaction = true,
               .certify = true});
  return e;
}

std::size_t picture_bytes(const std::string& page) {
  const json payload = payload_of(page);
  std::size_t bytes = 0;
  for (const auto& picture : payload.at("pictures")) {
    bytes += picture.get<std::string>().size();
  }
  return bytes;
}

TEST(ResultPages, OfAnExplanationHasTheResultAndTheImage) {
  const std::string page = page_of(full(), cat_and_dog());
  EXPECT_TRUE(is_page_of(page, json::parse(to_json(full()))));
  EXPECT_EQ(between(page, "<title>", "</title>"), "cat_and_dog.jpg · cat · whyclip");
  const json payload = payload_of(page);
  EXPECT_EQ(payload.at("pictures").size(), 1U);
  const std::string image = payload.at("pictures").at("image");
  EXPECT_EQ(image, "data:image/png;base64," + base64(page_image(cat_and_dog()).file));
  EXPECT_FALSE(payload.contains("limit"));
  EXPECT_EQ(payload_of(page_of(full(), cat_and_dog(), 2.5)).at("limit"), 2.5);
}

TEST(ResultPages, OfAnExplanationIsSmall) {
  constexpr std::size_t kMost = 250'000;  // bytes, without the image
  const Explanation plain = explain(Clip::embedded(), cat_and_dog(), {.certify = true});
  const std::string page = page_of(plain, cat_and_dog());
  EXPECT_LE(page.size() - picture_bytes(page), kMost);
}

TEST(ResultPages, WithoutScriptsHaveTheRankingTheMapAndTheSettings) {
  const std::string tables = tables_of(page_of(full(), cat_and_dog()));
  for (const ScoreRow& row : full().scores) {
    EXPECT_TRUE(contains(tables, "<tr><td>" + row.name + "</td>")) << row.name;
  }
  const std::string map = between(tables, "<caption>patches, row by row</caption>", "</table>");
  EXPECT_EQ(count(map, "<tr>"), 12U);
  EXPECT_EQ(count(map, "<td>"), 144U);
  for (const auto& [name, value] : full().settings) {
    EXPECT_TRUE(contains(tables, "<th>" + name + "</th>")) << name;
  }
  EXPECT_TRUE(contains(tables, "<h1>Why did CLIP score cat_and_dog.jpg"));
}

TEST(ResultPages, OfAWholeImageHaveItsRowsAndColumns) {
  const Explanation e = explain(Clip::embedded(), cat_and_dog(), {.view = View::kWholeImage});
  const std::string map = between(tables_of(page_of(e, cat_and_dog())),
                                  "<caption>patches, row by row</caption>", "</table>");
  EXPECT_EQ(count(map, "<tr>"), 12U);
  EXPECT_EQ(count(map, "<td>"), 12U * 16);
}

TEST(ResultPages, HostileNamesClassesPromptsAndNotesStayInsideTheirElements) {
  const std::string hostile = "</script></noscript><script>alert(1)</script><!--\"'\x01\xFF";
  Explanation e = full();
  e.image.name = e.target.name = e.headline = e.description = e.model.name = hostile;
  e.scores[0].name = e.attribution.method = e.certificate->sentence = hostile;
  e.regions->at(0).name = hostile;
  e.notes = e.empty_regions = {hostile};
  e.settings = {{hostile, hostile}};
  const std::string page = page_of(e, cat_and_dog());
  EXPECT_TRUE(is_page_of(page, json::parse(to_json(e))));
  EXPECT_EQ(testing::frame_of(page), testing::frame_of(page_of(full(), cat_and_dog())));
  EXPECT_EQ(count(page, "<script"), 2U);
  EXPECT_EQ(count(page, "</noscript"), 1U);
  EXPECT_EQ(to_utf8(code_points(page)), page);  // valid UTF-8
}

TEST(ResultPages, OfEveryOtherResultHaveItsJson) {
  const Clip clip = Clip::embedded();
  const Image& image = cat_and_dog();
  const auto expect = [](const auto& result, const std::string& page) {
    EXPECT_TRUE(is_page_of(page, json::parse(to_json(result))));
  };
  const Comparison comparison =
      compare(clip, image, {.methods = {"contributions", "gae"}, .removal = false});
  expect(comparison, page_of(comparison, image));
  EXPECT_TRUE(contains(tables_of(page_of(comparison, image)), "<td>gae</td>"));
  const InspectionResult inspection = inspect(clip, image);
  expect(inspection, page_of(inspection, image));
  const RegionTable regions = whyclip::regions(clip, image);
  expect(regions, page_of(regions, image));
  const ImageConcepts concepts = whyclip::concepts(clip, image);
  expect(concepts, page_of(concepts, image));
}

TEST(ResultPages, WithoutContentArePages) {
  EXPECT_TRUE(is_page_of(page_of(DescribedHeads()), json::parse(to_json(DescribedHeads()))));
  EXPECT_TRUE(is_page_of(page_of(Evaluation()), json::parse(to_json(Evaluation()))));
  const Image pixel{1, 1, {0, 0, 0}};
  EXPECT_TRUE(is_page_of(page_of(Explanation(), pixel), json::parse(to_json(Explanation()))));
  EXPECT_TRUE(is_page_of(page_of(Comparison(), pixel), json::parse(to_json(Comparison()))));
}

}  // namespace result_pages_test
}  // namespace whyclip
