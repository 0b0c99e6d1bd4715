#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace true_effects_test {

using testing::error_of;
using testing::mentions;
using Values = std::vector<double>;

const std::string kHash(64, 'a');

/// The fields of an effects.json for the set below.
struct Effects {
  std::string format = "whyclip effects 1";
  std::string dataset = "small";
  std::string hash = kHash;
  std::string file = "a.png";
  std::string full = "[3, 1]";
  std::string things = "[[2, 0.5]]";
  std::string parts = "[[1.5, 0.25], [0.5, 0.25]]";
  std::string more = "";
};

class TrueEffectsTest : public ::testing::Test {
 protected:
  TrueEffectsTest() {
    folder_.images({"a.png", "b.png"});
    folder_.grey("a.labels.png", {"12"});
    folder_.write("dataset.json", R"({"format":"whyclip dataset 1","name":"small",
      "classes":["cat","dog"],"images":[{"file":"a.png","labels":"a.labels.png","things":[
      {"name":"cat","parts":[{"name":"tail","label":1},{"name":"head","label":2}]}]},
      {"file":"b.png"}]})");
  }
  Dataset open(const Effects& effects) {
    folder_.write("effects.json",
                  R"({"format":")" + effects.format + R"(","dataset":")" + effects.dataset +
                      R"(","model":{"name":"toons","weights_sha256":")" + effects.hash +
                      R"("},"templates":"imagenet","images":[{"file":")" + effects.file +
                      R"(","full":)" + effects.full + R"(,"empty":[1, 0.5],"things":)" +
                      effects.things + R"(,"parts":)" + effects.parts + "}" + effects.more + "]}");
    return open_dataset(folder_.path());
  }
  std::string refusal(const Effects& effects) {
    return error_of([&] { open(effects); });
  }
  testing::SetFolder folder_;
};

TEST_F(TrueEffectsTest, AreReadFromTheFolderOfTheSet) {
  const Dataset set = open({});
  const std::optional<TrueEffects> effects = set.effects(0);

  ASSERT_TRUE(effects);
  EXPECT_EQ(effects->full, (Values{3, 1}));
  EXPECT_EQ(effects->empty, (Values{1, 0.5}));
  EXPECT_EQ(effects->things, (std::vector<Values>{{2, 0.5}}));
  EXPECT_EQ(effects->parts, (std::vector<Values>{{1.5, 0.25}, {0.5, 0.25}}));
}

TEST_F(TrueEffectsTest, NameTheModelThatTheyWereMeasuredWith) {
  const Dataset set = open({});

  ASSERT_TRUE(set.effects_model());
  EXPECT_EQ(set.effects_model()->name, "toons");
  EXPECT_EQ(set.effects_model()->weights_sha256, kHash);
  EXPECT_EQ(set.effects_model()->templates, "imagenet");
}

TEST_F(TrueEffectsTest, MayBeMissingForAnImageOrForTheSet) {
  EXPECT_FALSE(open({}).effects(1));
  std::filesystem::remove(folder_.path() / "effects.json");
  EXPECT_FALSE(open_dataset(folder_.path()).effects(0));
  EXPECT_FALSE(open_dataset(folder_.path()).effects_model());
}

TEST_F(TrueEffectsTest, RefusesOtherCountsThanTheSetHas) {
  EXPECT_TRUE(mentions(refusal({.full = "[3]"}),
                       {"effects.json: images[0].full", "each class", "2, got 1"}));
  EXPECT_TRUE(mentions(refusal({.things = "[[2, 0.5], [1, 1]]"}),
                       {"images[0].things", "each thing", "1, got 2"}));
  EXPECT_TRUE(mentions(refusal({.things = "[[2]]"}), {"things[0]", "each class"}));
  EXPECT_TRUE(
      mentions(refusal({.parts = "[[2, 1]]"}), {"images[0].parts", "each part", "2, got 1"}));
}

TEST_F(TrueEffectsTest, RefusesUnknownAndDuplicateImages) {
  EXPECT_TRUE(mentions(refusal({.file = "c.png"}), {"images[0].file", "c.png is not in"}));
  EXPECT_TRUE(
      mentions(refusal({.more = R"(,{"file":"a.png"})"}), {"images[1].file", "appears twice"}));
}

TEST_F(TrueEffectsTest, RefusesEffectsOfAnotherSetOrFormat) {
  EXPECT_TRUE(mentions(refusal({.dataset = "large"}), {"effects.json: dataset", "small", "large"}));
  EXPECT_TRUE(
      mentions(refusal({.format = "whyclip effects 9"}), {"effects.json: format", "effects 9"}));
}

TEST_F(TrueEffectsTest, RefusesAnInvalidHash) {
  EXPECT_TRUE(mentions(refusal({.hash = "abc"}), {"model.weights_sha256", "\"abc\""}));
  EXPECT_TRUE(mentions(refusal({.hash = std::string(64, 'G')}), {"64 hexadecimal digits"}));
}

TEST_F(TrueEffectsTest, RefusesScoresThatAreNotNumbers) {
  EXPECT_TRUE(mentions(refusal({.full = "[3, null]"}), {"images[0].full", "list of numbers"}));
  EXPECT_TRUE(mentions(refusal({.things = "3"}), {"images[0].things", "expected a list"}));
}

}  // namespace true_effects_test
}  // namespace whyclip
