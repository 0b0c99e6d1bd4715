#include "whyclip/render/html.h"

#include <gtest/gtest.h>

#include "whyclip/core/error.h"

namespace whyclip {
namespace html_test {

TEST(EscapeHtml, EscapesEverySpecialCharacter) {
  EXPECT_EQ(escape_html(R"(<b a="1" c='2'>&amp;)"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
}

TEST(EscapeHtml, KeepsUnicode) { EXPECT_EQ(escape_html("“Kätzchen” 猫 🐈"), "“Kätzchen” 猫 🐈"); }

TEST(EscapeHtml, ReplacesInvalidUtf8) {
  EXPECT_EQ(escape_html("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(escape_html("cut \xE2\x80"), "cut \xEF\xBF\xBD");
}

TEST(EscapeHtml, ReplacesControlCharacters) {
  EXPECT_EQ(escape_html(std::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(FillTemplate, ReplacesEveryPlaceholder) {
  EXPECT_EQ(fill_template("<{{a}}|{{b}}|{{a}}>", {{"a", "1"}, {"b", ""}}), "<1||1>");
}

TEST(FillTemplate, DoesNotExpandValuesAgain) {
  EXPECT_EQ(fill_template("{{a}}", {{"a", "{{b}}"}, {"b", "never"}}), "{{b}}");
}

TEST(FillTemplate, RefusesAPlaceholderWithoutAValueByName) {
  try {
    fill_template("{{missing}}", {});
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string_view(error.what()).find("missing"), std::string_view::npos);
  }
}

TEST(FillTemplate, RefusesAnOpenBracePair) { EXPECT_THROW(fill_template("a {{b", {}), Error); }

}  // namespace html_test
}  // namespace whyclip
