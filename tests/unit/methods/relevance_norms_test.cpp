// The option "norms" of the rule sets that propagate relevance.

#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "tests/unit/methods/methods_of_tiny_prompt.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip {
namespace relevance_norms_test {

using testing::error_of;
using testing::mentions;
using RelevanceNorms = testing::MethodsOfTiny;
using RelevanceNormsOfWords = testing::MethodsOfTinyPrompt;

constexpr const char* kRelevanceSets[] = {"epsilon", "gamma",       "z-plus",
                                          "attnlrp", "attnlrp-vit", "cp-lrp"};

TEST_F(RelevanceNorms, AreFrozenByDefaultAndTheIdentityByOption) {
  const Target target = testing::tiny_targets()[0];
  for (const char* name : kRelevanceSets) {
    const RuleSet set = find_rule_set(name);
    const auto map_of = [&](const RuleSet& one) {
      return attribute(context.recorded(), {&target, 1}, one)[0].patches;
    };
    EXPECT_EQ(patches(name), map_of(set)) << name;
    EXPECT_EQ(patches(name, {{"norms", "frozen"}}), map_of(set)) << name;
    EXPECT_EQ(patches(name, {{"norms", "identity"}}), map_of(with_identity_norms(set))) << name;
    EXPECT_FALSE(testing::all_close(patches(name), patches(name, {{"norms", "identity"}}), 1e-2))
        << name;
  }
}

TEST_F(RelevanceNorms, AreNoOptionWithoutRelevance) {
  for (const char* name : {"contributions", "gradient", "decompx", "alti"}) {
    EXPECT_TRUE(mentions(error_of([&] {
                           patches(name, {{"norms", "identity"}});
                         }),
                         {name, "\"norms\""}));
  }
}

TEST_F(RelevanceNormsOfWords, ChangeTheWordsToo) {
  for (const char* name : kRelevanceSets) {
    const std::vector<double> frozen = words(name).words,
                              identity = words(name, {{"norms", "identity"}}).words;
    EXPECT_EQ(frozen, words(name, {{"norms", "frozen"}}).words) << name;
    EXPECT_NE(frozen, identity) << name;
  }
}

}  // namespace relevance_norms_test
}  // namespace whyclip
