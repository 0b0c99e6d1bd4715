#include "whyclip/methods/method.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/errors.h"

namespace whyclip {
namespace registry_test {

using testing::error_of;
using testing::mentions;

TEST(Methods, HaveUniqueNamesAndDescriptions) {
  std::set<std::string> names;
  for (const Method& method : methods()) {
    const MethodInfo& info = method.info;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.summary.empty()) << info.name;
    EXPECT_FALSE(info.reference.empty()) << info.name;
    EXPECT_FALSE(info.cost.empty()) << info.name;
    EXPECT_EQ(find_method(info.name).info.name, info.name);
    EXPECT_NO_THROW(MethodSettings{info}) << info.name;  // the defaults are within their ranges
    for (const MethodOption& option : info.options) {
      EXPECT_NO_THROW(MethodSettings(info, {{option.name, option.default_value}})) << info.name;
    }
  }
}

TEST(Methods, UnknownNameIsAnErrorThatListsTheNames) {
  EXPECT_TRUE(mentions(error_of([] { find_method("gradcam++"); }),
                       {"method", "gradcam++", "contributions", "query-key"}));
}

MethodInfo example() {
  return {.name = "example",
          .options = {MethodOption::count("steps", "number of steps", 32, 1, 100),
                      MethodOption::number("sigma", "width", 0.5, 0, 1),
                      MethodOption::choice("variant", "variant", {"paper", "released"})}};
}

TEST(MethodSettings, HaveDefaultsAndSetValues) {
  const MethodSettings defaults(example()),
      set(example(), {{"steps", "7"}, {"variant", "released"}});
  EXPECT_EQ(defaults.count("steps"), 32);
  EXPECT_EQ(defaults.number("sigma"), 0.5);
  EXPECT_EQ(defaults.word("variant"), "paper");
  EXPECT_EQ(set.count("steps"), 7);
  EXPECT_EQ(set.word("variant"), "released");
}

TEST(MethodSettings, InvalidValuesAreErrorsWithTheOptionsName) {
  const auto with = [](const std::string& name, const std::string& value) {
    return error_of([&] { MethodSettings(example(), {{name, value}}); });
  };
  EXPECT_TRUE(
      mentions(with("step", "3"), {"example", "no option \"step\"", "steps, sigma, variant"}));
  EXPECT_TRUE(mentions(with("steps", "0"), {"example: steps", "1 to 100", "\"0\""}));
  EXPECT_TRUE(mentions(with("steps", "2.5"), {"whole number", "2.5"}));
  EXPECT_TRUE(mentions(with("sigma", "nan"), {"example: sigma"}));
  EXPECT_TRUE(mentions(with("sigma", "1x"), {"example: sigma", "1x"}));
  EXPECT_TRUE(mentions(with("variant", "new"), {"paper, released", "new"}));
}

}  // namespace registry_test
}  // namespace whyclip
