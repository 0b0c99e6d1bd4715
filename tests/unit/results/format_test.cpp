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

TEST(ResultFormat, FieldOfAnotherTypeIsNamedWithItsFile) {
  EXPECT_TRUE(mentions(
      refusal(R"({"format": "whyclip explanation 1", "model": {"name": 1, "logit_scale": 2}})"),
      {"[result.json: model.name]", "text"}));
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip explanation 1", "model": []})"),
                       {"[result.json: model]", "object"}));
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip explanation 1"})"),
                       {"[result.json: model] is missing"}));
}

TEST(ResultFormat, VersionsThatNoIntHoldsAreNewerOrOlder) {
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip explanation 99999999999999999999"})"),
                       {"newer format"}));
  for (const char* version : {"-1", "0", "-99999999999999999999"}) {
    EXPECT_TRUE(
        mentions(refusal(std::string(R"({"format": "whyclip explanation )") + version + R"("})"),
                 {"older format"}))
        << version;
  }
}

TEST(ResultFormat, TextAfterTheEndIsNotCalledCutOff) {
  for (const char* after : {"x", "{", "\"", "\"a\"", "]"}) {
    const std::string message =
        refusal(std::string(R"({"format": "whyclip explanation 1"} )") + after);
    EXPECT_TRUE(mentions(message, {"result.json", "is not JSON: text after the end"})) << after;
    EXPECT_EQ(message.find("cut off"), message.npos) << after;
  }
}

TEST(ResultFormat, NumberThatNoDoubleHoldsIsRefused) {
  EXPECT_TRUE(mentions(refusal(R"({"format": "whyclip explanation 1", "a": 1e999})"),
                       {"result.json", "out of range"}));
}

TEST(ResultFormat, NestingWithoutEndIsRefused) {
  EXPECT_TRUE(mentions(refusal(std::string(2'000'000, '[')), {"result.json", "nested too deeply"}));
}

}  // namespace format_test
}  // namespace whyclip
