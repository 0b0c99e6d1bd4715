// What `whyclip deoptimise` answers and writes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/cli/command.h"
#include "tests/support/golden.h"
#include "tests/support/page.h"
#include "whyclip/image/decode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace deoptimise_test {

using nlohmann::json;
using testing::CommandTest;
using testing::contains;
using testing::Golden;
using testing::is_page_of;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class DeoptimiseCommand : public CommandTest {
 protected:
  Ran deoptimise(std::vector<std::string> options) const {
    options.insert(options.begin(), {"deoptimise", "-q", "-t", "simple", toons_image("cat")});
    return run(options);
  }
  json deoptimise_json(std::vector<std::string> options) const {
    options.push_back("--json");
    const Ran ran = deoptimise(options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
};

json change_by(const json& document, const std::string& reduction) {
  for (const json& change : document.at("changes")) {
    if (change.at("reduction") == reduction) return change;
  }
  return {};
}

const std::vector<std::string> kGoldenPrompt{"-p", "a rendering of a cat.", "--no-removal"};

std::vector<std::string> with(std::vector<std::string> options,
                              const std::vector<std::string>& more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

TEST_F(DeoptimiseCommand, LossesOfTheArticlesRunsEqualPyTorch) {
  const Golden golden("toons/cat");
  const std::string feature = std::to_string(golden.integers("deopt.feature_index")[0]);
  const std::vector<std::pair<std::string, std::vector<std::string>>> runs{
      {"dot_squared", kGoldenPrompt},
      {"positive", with(kGoldenPrompt, {"--loss", "positive"})},
      {"strong", with(kGoldenPrompt, {"--feature", "strong"})},
      {"detractors", with(kGoldenPrompt, {"--feature", "detractors"})},
      {"feature", {"--feature", feature, "--no-removal"}}};
  for (const auto& [name, options] : runs) {
    const json document = deoptimise_json(options);
    const auto losses = document.at("runs")[0].at("losses").get<std::vector<double>>();
    const std::vector<float> expected = golden.floats("deopt." + name + ".losses");
    ASSERT_EQ(losses.size(), expected.size() + 1) << name;  // and after the last step
    for (std::size_t s = 0; s < expected.size(); ++s) {
      EXPECT_NEAR(losses[s], expected[s], 1e-4 * double(expected[0])) << name << s;
    }
  }
}

TEST_F(DeoptimiseCommand, JsonHasRunsChannelReductionsAndChecks) {
  const json document = deoptimise_json(
      {"--class", "cat", "--restarts", "2", "--controls", "2", "--steps", "3", "--rate", "0.001"});
  ASSERT_EQ(document.at("runs").size(), 4U);
  EXPECT_FALSE(document.at("runs")[1].at("control").get<bool>());
  EXPECT_TRUE(document.at("runs")[2].at("control").get<bool>());
  EXPECT_TRUE(document.at("runs")[0].at("diverged_after_step").is_null());
  for (const char* reduction : {"max", "most-varied", "boosted", "norm"}) {
    const json change = change_by(document, reduction);
    EXPECT_EQ(change.at("no_map"), "") << reduction;
    EXPECT_EQ(change.at("patches").size(), 144U) << reduction;
  }
  EXPECT_EQ(document.at("effects").size(), 144U);
  for (const char* check : {"removal", "control_removal", "control"}) {
    const double correlation = document.at("check").at(check).get<double>();
    EXPECT_LE(std::abs(correlation), 1) << check;
  }
}

/// The layer norm that reads patch embeddings takes the mean over their channels away.
TEST_F(DeoptimiseCommand, TheMeanOfPlainDescentIsNoMapButAReason) {
  const Ran ran = deoptimise({"--class", "cat", "--reduction", "mean", "-o", path("out")});
  EXPECT_TRUE(refused(ran, {"reduction mean", "is zero", "layer norm", "norm", "adam", "pixels"}));
  const json document = deoptimise_json({"--class", "cat", "--no-removal"});
  for (const json& change : document.at("changes")) {
    const bool mean = change.at("reduction") == "mean";
    EXPECT_EQ(contains(change.at("no_map").get<std::string>(), "layer norm"), mean);
  }
}

TEST_F(DeoptimiseCommand, TheMeanOfAdamAndOfPixelsIsAMap) {
  for (const std::vector<std::string>& how :
       {std::vector<std::string>{"--optimiser", "adam"}, {"--variable", "pixels"}}) {
    const json document =
        deoptimise_json(with({"--class", "cat", "--reduction", "mean", "--no-removal"}, how));
    EXPECT_EQ(change_by(document, "mean").at("no_map"), "") << how[1];
  }
}

TEST_F(DeoptimiseCommand, AChangeOfRoundingSizeIsNoMapButAReason) {
  const Ran ran = deoptimise(
      {"--class", "cat", "--rate", "1e-12", "--no-removal", "--controls", "0", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_TRUE(contains(ran.output, "No map: no value changed"));
  EXPECT_FALSE(contains(ran.output, "Patches with the largest change"));
}

TEST_F(DeoptimiseCommand, SameCallHasTheSameAnswerAndAnotherSeedAnother) {
  const std::vector<std::string> call{"--class", "cat", "--restarts", "2", "--no-removal"};
  const json first = deoptimise_json(call);
  EXPECT_EQ(deoptimise_json(with(call, {"--threads", "1"})), first);
  const json other = deoptimise_json(with(call, {"--seed", "1"}));
  EXPECT_EQ(other.at("runs")[0], first.at("runs")[0]);
  EXPECT_NE(other.at("runs")[1], first.at("runs")[1]);
  EXPECT_NE(other.at("runs")[2], first.at("runs")[2]);
}

TEST_F(DeoptimiseCommand, WritesOverlayPageAndAnimation) {
  const Ran ran = deoptimise({"--class", "cat", "--animate", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.cat.deoptimised.html", "cat.cat.deoptimised.json",
                                      "cat.cat.deoptimised.npz", "cat.cat.deoptimised.overlay.png",
                                      "cat.cat.deoptimised.webp"}));
  const std::string page = read_text(path("out/cat.cat.deoptimised.html"));
  json document = json::parse(read_text(path("out/cat.cat.deoptimised.json")));
  document["detail"] = testing::result_of(page).at("detail");  // in the page and the arrays only
  EXPECT_TRUE(is_page_of(page, document));
  const std::string film = testing::payload_of(page).at("pictures").at("animation");
  EXPECT_TRUE(film.starts_with("data:image/webp;base64,"));
  EXPECT_GT(document.at("changes").size(), 3U);
  EXPECT_EQ(document.at("effects").size(), 144U);
  for (const char* line : {"from the image", "random direction 1", "Written:"}) {
    EXPECT_TRUE(contains(ran.output, line)) << line;
  }
}

TEST_F(DeoptimiseCommand, PixelsGiveTheImageEdited) {
  const Ran ran =
      deoptimise({"--class", "cat", "--variable", "pixels", "--optimiser", "adam", "--loss",
                  "logit", "--rate", "0.05", "--no-removal", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const Image before = read_image(toons_image("cat")),
              after = read_image(path("out/cat.cat.deoptimised.edited.png"));
  ASSERT_EQ(after.width, before.width);
  ASSERT_EQ(after.height, before.height);
  // Four steps of adam move a normalised value by at most 0.2: 14 of 255.
  int most = 0;
  for (std::size_t i = 0; i < before.rgb.size(); ++i) {
    most = std::max(most, std::abs(int(before.rgb[i]) - int(after.rgb[i])));
  }
  EXPECT_GT(most, 8);
  EXPECT_LE(most, 16);
}

TEST_F(DeoptimiseCommand, RunThatDivergesIsToldAndShown) {
  const Ran ran = deoptimise({"--class", "cat", "--rate", "1e30", "--no-removal", "-o", path("o")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_TRUE(contains(ran.output, "Run 0 diverged: after step 1")) << ran.output;
  EXPECT_EQ(files_in("o").size(), 4U);
}

TEST_F(DeoptimiseCommand, WrongClassifiersAreRefused) {
  EXPECT_TRUE(refused(deoptimise({"--feature", "128"}), {"feature 128", "0 to 127"}));
  EXPECT_TRUE(refused(deoptimise({"--class", "cat", "--feature", "strong:99"}),
                      {"threshold", "99", "largest"}));
  EXPECT_TRUE(refused(deoptimise({"--feature", "3", "--loss", "logit"}),
                      {"loss", "features have no logit"}));
  EXPECT_TRUE(refused(deoptimise({"--l2", "-1"}), {"l2", "at least 0"}));
  EXPECT_TRUE(refused(deoptimise({"--momentum", "1"}), {"momentum", "less than 1"}));
  EXPECT_TRUE(refused(deoptimise({"--json", "--animate"}), {"--animate", "--out"}));
  EXPECT_TRUE(refused(deoptimise({"--steps", "0"}), {"--steps"}, testing::kWrongUsage));
  EXPECT_TRUE(refused(deoptimise({"--rate", "0"}), {"--rate"}, testing::kWrongUsage));
  EXPECT_TRUE(refused(deoptimise({"--loss", "square"}), {"--loss"}, testing::kWrongUsage));
}

}  // namespace deoptimise_test
}  // namespace whyclip
