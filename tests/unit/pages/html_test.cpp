#include "whyclip/pages/html.h"

#include <gtest/gtest.h>

#include <span>
#include <string_view>

namespace whyclip {
namespace html_test {

std::string encoded(std::string_view text) { return base64(std::as_bytes(std::span(text))); }

TEST(EscapeHtml, EscapesEverySpecialCharacter) {
  EXPECT_EQ(escape_html(R"(<b a="1" c='2'>&amp;)"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
}

TEST(EscapeHtml, KeepsUnicodeLinesAndTabs) {
  EXPECT_EQ(escape_html("“Kätzchen” 猫 🐈\n\t"), "“Kätzchen” 猫 🐈\n\t");
}

TEST(EscapeHtml, ReplacesInvalidUtf8) {
  EXPECT_EQ(escape_html("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(escape_html("cut \xE2\x80"), "cut \xEF\xBF\xBD");
}

TEST(EscapeHtml, ReplacesControlCharacters) {
  const std::string replaced = "a\xEF\xBF\xBD|";
  EXPECT_EQ(escape_html(std::string_view("a\0|", 3)), replaced);
  for (const char* control : {"a\x1B|", "a\r|", "a\x7F|", "a\xC2\x85|"}) {
    EXPECT_EQ(escape_html(control), replaced) << control;
  }
}

TEST(Base64, ReproducesTheTestVectorsOfRfc4648) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, EncodesBytesAbove127) { EXPECT_EQ(encoded("\xFF\xFE\xFB"), "//77"); }

TEST(PolicyHash, ReproducesTheTestVectorsOfSha256) {
  // The digests of FIPS 180-4's examples, in base64: none, one and two blocks.
  EXPECT_EQ(policy_hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
  EXPECT_EQ(policy_hash("abc"), "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
  EXPECT_EQ(policy_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "'sha256-JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE='");
}

}  // namespace html_test
}  // namespace whyclip
