// The lists of methods and of rules.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/errors.h"
#include "whyclip/list_methods.h"
#include "whyclip/list_rules.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;

TEST(MethodList, HasEveryMethodOrThoseOfTheNames) {
  EXPECT_EQ(list_methods().methods.size(), methods().size());
  const MethodList some = list_methods({"family:gradient", "gae"});
  EXPECT_EQ(some.methods.size(), 7U);
  EXPECT_TRUE(mentions(error_of([] { list_methods({"gea"}); }), {"gea", "gae"}));
}

TEST(MethodList, JsonLosesNothing) {
  const std::string text = to_json(list_methods());
  EXPECT_TRUE(text.starts_with("{\n \"format\": \"whyclip methods 1\""));
  EXPECT_EQ(to_json(methods_from_json(text)), text);
}

TEST(MethodList, JsonHasDefaultsRangesAndQuickValues) {
  const MethodList list = methods_from_json(to_json(list_methods({"rise"})));
  const std::vector<MethodOption>& options = list.methods.at(0).info.options;
  const auto masks = std::ranges::find(options, "masks", &MethodOption::name);
  ASSERT_NE(masks, options.end());
  EXPECT_EQ(masks->default_value, "1000");
  EXPECT_EQ(masks->quick, "80");
  EXPECT_EQ(masks->least, 10);
  EXPECT_EQ(masks->most, 1000000);
  EXPECT_TRUE(masks->whole);
}

TEST(MethodList, JsonThatIsCutOffIsRefusedByName) {
  const std::string text = to_json(list_methods());
  EXPECT_TRUE(mentions(error_of([&] { methods_from_json(text.substr(0, 500), "a.json"); }),
                       {"a.json", "cut off"}));
}

TEST(RuleList, JsonLosesNothing) {
  const std::string text = to_json(list_rules());
  EXPECT_TRUE(text.starts_with("{\n \"format\": \"whyclip rules 1\""));
  const RuleList again = rules_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.rule_sets.at(0).name, "contributions");
  EXPECT_EQ(again.rule_sets.at(0).quantity, "gradient");
  EXPECT_FALSE(again.rules.empty());
}

TEST(RuleList, JsonThatIsCutOffIsRefusedByName) {
  EXPECT_TRUE(
      mentions(error_of([] { rules_from_json(to_json(list_rules()).substr(0, 500), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace
}  // namespace whyclip
