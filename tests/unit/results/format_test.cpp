#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "whyclip/explain.h"

namespace whyclip {
namespace format_test {

using testing::error_of;
using testing::mentions;

std::string refusal(const std::string& text) {
  return error_of([&] { explanation_from_json(text, "result.json"); });
}

TEST(ResultFormat, OfANewerVersionIsRefusedByName) {
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip explanation 2"})"),
                       {"result.json", "whyclip explanation 2", "newer"}));
}

TEST(ResultFormat, OfAnotherKindIsRefusedByName) {
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip comparison 1"})"),
                       {"result.json", "whyclip comparison 1", "whyclip explanation 1"}));
}

TEST(ResultFormat, ThatIsNoneOfOursIsRefused) {
  EXPECT_TRUE(mentions(refusal(R"({"model": "x"})"), {"result.json", "not a result of whyclip"}));
  EXPECT_TRUE(mentions(refusal("[1, 2]"), {"result.json", "not a result of whyclip"}));
  EXPECT_TRUE(mentions(refusal(R"({"format": 3})"), {"result.json", "not a result of whyclip"}));
}

TEST(ResultFormat, CutOffAndBrokenTextAreToldApart) {
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip expl)"), {"result.json", "cut off"}));
  EXPECT_TRUE(mentions(refusal(""), {"result.json", "cut off"}));
  EXPECT_TRUE(mentions(refusal("{]}"), {"result.json", "not JSON", "byte 2"}));
}

TEST(ResultFormat, FieldOfAnotherTypeIsNamed) {
  EXPECT_TRUE(mentions(
      refusal(R"({"format": "whyclip explanation 1", "model": {"name": 1, "logit_scale": 2}})"),
      {"model.name", "text"}));
  EXPECT_TRUE(
      mentions(refusal(R"({"format": "whyclip explanation 1", "model": []})"), {"model", "object"}));
}

}  // namespace format_test
}  // namespace whyclip
