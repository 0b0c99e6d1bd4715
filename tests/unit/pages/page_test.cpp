#include "whyclip/pages/page.h"

#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "tests/support/errors.h"
#include "tests/support/page.h"
#include "whyclip/core/utf8.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/html.h"
#include "whyclip/pages/viewer_files.h"

namespace whyclip {
namespace page_test {

using nlohmann::json;
using testing::between;
using testing::contains;
using testing::count;
using testing::error_of;
using testing::frame_of;
using testing::is_page_of;
using testing::mentions;
using testing::payload_of;
using testing::tables_of;

const std::string kHostile =
    "</script><script>alert('x')</script><!--</noscript></title><img src=x onerror=\"alert(1)\">&\r"
    "\x01\x7F]]>";

constexpr const char* kEmpty = R"({"format":"whyclip explanation 1"})";

json small_result() {
  return {{"format", "whyclip explanation 1"},
          {"image", {{"name", "cat.png"}, {"grid", {{"rows", 1}, {"columns", 2}}}}},
          {"headline", "Why?"},
          {"scores", {{{"name", "cat"}, {"logit", 2.5}}, {{"name", "dog"}, {"logit", -1.5}}}},
          {"attribution", {{"patches", {0.25, -0.5}}}},
          {"settings", {{"model", "toons"}}},
          {"notes", {"slow"}}};
}

TEST(Page, IsOneFileWithTheResultThatNeedsNothingFromOutside) {
  EXPECT_TRUE(is_page_of(html_page(small_result().dump(), {.title = "tab"}), small_result()));
}

TEST(Page, ForTheSameInputHasTheSameBytes) {
  const PageParts parts{.title = "tab", .pictures = {{.file = {std::byte{7}}}}};
  EXPECT_EQ(html_page(small_result().dump(), parts), html_page(small_result().dump(), parts));
}

TEST(Page, KeepsTheOrderAndTheNumbersOfTheJson) {
  const std::string text =
      R"({"format":"whyclip explanation 1","z":0.1,"a":1e-45,"m":[-0.0,16777217,0.30000000000000004]})";
  EXPECT_EQ(payload_of(html_page(text, {})).at("result").dump(), text);
}

TEST(Page, PolicyAllowsItsOwnScriptAndStyleOnly) {
  const std::string page = html_page(small_result().dump(), {});
  const std::string policy = between(page, "Content-Security-Policy\" content=\"", "\">");
  const std::string script = between(page, "<script>", "</script>"),
                    style = between(page, "<style>", "</style>");
  EXPECT_EQ(policy, "default-src 'none'; img-src data: blob:; style-src " + policy_hash(style) +
                        "; script-src " + policy_hash(script) +
                        "; base-uri 'none'; form-action 'none'");
  EXPECT_EQ(script, viewer_file("explanation.js"));
  EXPECT_EQ(style, viewer_file("explanation.css"));
}

TEST(Page, ViewerHasNothingThatABrowserChangesBeforeItHashesIt) {
  for (const char* name : {"explanation.js", "explanation.css", "live.js", "evaluation.css"}) {
    const std::string_view file = viewer_file(name);
    EXPECT_GT(file.size(), 1000U) << name;
    EXPECT_EQ(file.find_first_of(std::string_view("\r\0", 2)), file.npos) << name;
    EXPECT_EQ(to_utf8(code_points(file)), file) << name;  // valid UTF-8
    for (const char* end : {"</script", "</style", "<!--"}) {
      EXPECT_FALSE(contains(file, end)) << name << end;
    }
  }
}

TEST(Page, UnknownViewerFilesAreEmpty) {
  EXPECT_EQ(viewer_file("page.html"), "");
  EXPECT_EQ(viewer_file(""), "");
}

/// The result with a hostile text as every text and as a name of a field at every level.
json hostile(const json& value, const std::string& text) {
  if (value.is_string()) return text;
  if (value.is_array()) {
    json list = json::array();
    for (const json& element : value) list.push_back(hostile(element, text));
    return list;
  }
  if (!value.is_object()) return value;
  json object{{text, text}};
  for (const auto& [key, element] : value.items()) object[key] = hostile(element, text);
  return object;
}

TEST(Page, HostileTextsStayInsideTheirElements) {
  json result = hostile(small_result(), kHostile);
  result["format"] = "whyclip explanation 1";
  const std::string page = html_page(
      result.dump(),
      {.title = kHostile, .pictures = {{.name = kHostile, .type = kHostile, .file = {}}}});
  EXPECT_TRUE(is_page_of(page, result));
  EXPECT_EQ(frame_of(page), frame_of(html_page(small_result().dump(), {})));
  EXPECT_EQ(count(page, "<script"), 2U);
  for (const char* absent : {"<script>alert", "<!--", "<img", "\x01", "\r", "</noscript></title"}) {
    EXPECT_FALSE(contains(page, absent)) << absent;
  }
  EXPECT_TRUE(payload_of(page).at("pictures").contains(kHostile));
}

TEST(Page, HostileTextsInFieldsThatDifferFromRecordToRecordAreEscapedToo) {
  const std::string page =
      html_page(json{{"format", "whyclip tracing 1"},
                     {"layers", {{{"closeness", nullptr}}, {{"closeness", {{"name", kHostile}}}}}}}
                    .dump(),
                {});
  EXPECT_EQ(testing::first_unbalanced(page), "");
  EXPECT_EQ(count(page, "<script"), 2U);
  EXPECT_EQ(count(page, "</noscript"), 1U);
}

TEST(Page, BytesThatAreNoUtf8InTitleAndPictureNamesAreReplaced) {
  const std::string page =
      html_page(kEmpty, {.title = "a\xFFz", .pictures = {{.name = "b\xC3", .file = {}}}});
  EXPECT_EQ(to_utf8(code_points(page)), page);
  EXPECT_TRUE(contains(page, "<title>a\xEF\xBF\xBDz</title>"));
  EXPECT_TRUE(payload_of(page).at("pictures").contains("b\xEF\xBF\xBD"));
}

TEST(Page, HasEveryPictureAsADataAddress) {
  const std::vector<std::byte> file{std::byte{1}, std::byte{2}};
  const json pictures = payload_of(html_page(
      kEmpty,
      {.pictures = {{.name = "image", .file = file},
                    {.name = "animation", .type = "image/webp", .file = file}}}))["pictures"];
  EXPECT_EQ(pictures, (json{{"image", "data:image/png;base64,AQI="},
                            {"animation", "data:image/webp;base64,AQI="}}));
}

TEST(Page, HasALimitIfThereIsOne) {
  EXPECT_EQ(payload_of(html_page(kEmpty, {.limit = 0.25})).at("limit"), 0.25);
  EXPECT_FALSE(payload_of(html_page(kEmpty, {})).contains("limit"));
}

TEST(Page, RefusesWhatIsNoJsonObject) {
  const std::string deep = R"({"a":)" + std::string(100000, '[') + std::string(100000, ']') + "}";
  for (const std::string& text :
       {std::string(), std::string("[1]"), std::string("null"), std::string(R"({"a":1)"),
        std::string("{\"a\":\"\xFF\"}"), std::string(R"({"a":1e999})"), deep, std::string("{}"),
        std::string(R"({"format":"whyclip methods 1"})"),
        std::string(R"({"format":"whyclip live 1"})"), std::string(R"({"format":5})")}) {
    EXPECT_TRUE(mentions(error_of([&] { html_page(text, {}); }), {"page"})) << text.substr(0, 20);
  }
}

TEST(PageImage, IsAPngOfTheImageOfAtMost1600PixelsASide) {
  const auto size_of = [](int width, int height) {
    const Image image{width, height, std::vector<std::uint8_t>(std::size_t(width * height * 3), 9)};
    const PagePicture picture = page_image(image);
    EXPECT_EQ(picture.name, "image");
    EXPECT_EQ(picture.type, "image/png");
    const Image decoded = decode_image(picture.file, "picture");
    return std::pair(decoded.width, decoded.height);
  };
  EXPECT_EQ(size_of(31, 17), std::pair(31, 17));
  EXPECT_EQ(size_of(1600, 1), std::pair(1600, 1));
  const auto [width, height] = size_of(4000, 600);
  EXPECT_LE(width, 1600);
  EXPECT_GT(width, 1200);
  EXPECT_NEAR(double(width) / height, 4000.0 / 600, 0.05);
}

TEST(PageImage, RefusesAnImageWhosePixelsDoNotFitItsSize) {
  EXPECT_TRUE(mentions(error_of([] { page_image({2, 2, {1}}); }), {"2 × 2"}));
}

}  // namespace page_test
}  // namespace whyclip
