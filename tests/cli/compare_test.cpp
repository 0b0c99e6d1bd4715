// What `whyclip methods` and `whyclip compare` answer and write.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/image/decode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace compare_test {

using nlohmann::json;
using testing::CommandTest;
using testing::contains;
using testing::is_page_of;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class CompareCommand : public CommandTest {
 protected:
  Ran compare(std::vector<std::string> options) const {
    options.insert(options.begin(), {"compare", "-q", "-t", "simple", toons_image("cat")});
    return run(options);
  }
};

TEST_F(CompareCommand, MethodsListHasEveryMethodWithItsOptions) {
  const json document = run({"methods", "--json"}).json();
  bool contributions = false;
  for (const json& method : document.at("methods")) {
    for (const char* key : {"name", "family", "summary", "reference", "cost"}) {
      EXPECT_FALSE(method.at(key).get<std::string>().empty()) << method;
    }
    contributions = contributions || method.at("name") == "contributions";
  }
  EXPECT_TRUE(contributions);
  const Ran text = run({"methods"});
  EXPECT_EQ(text.status, 0);
  for (const json& method : document.at("methods")) {
    EXPECT_TRUE(contains(text.output, method.at("name").get<std::string>())) << method;
  }
}

TEST_F(CompareCommand, ContributionsAreThoseOfExplain) {
  const json compared =
      compare({"--class", "cat", "--methods", "contributions,query-key", "--json"}).json();
  const json explained =
      run({"explain", "-q", "-t", "simple", "--class", "cat", "--json", toons_image("cat")}).json();
  ASSERT_EQ(compared.at("methods").size(), 2U);
  EXPECT_EQ(compared.at("methods")[0].at("attribution").at("patches"),
            explained.at("attribution").at("patches"));
  EXPECT_NEAR(compared.at("target").at("value").get<double>(),
              explained.at("target").at("value").get<double>(), 1e-5);
  for (const json& method : compared.at("methods")) {
    const json& map = method.at("attribution");
    EXPECT_LE(std::abs(map.at("residual").get<double>()), 1e-4) << map.at("method");
    EXPECT_LE(std::abs(method.at("removal_correlation").get<double>()), 1) << map.at("method");
  }
  EXPECT_EQ(compared.at("agreement")[0][0].get<double>(), 1);
  EXPECT_EQ(compared.at("agreement")[0][1], compared.at("agreement")[1][0]);
  EXPECT_EQ(compared.at("removal_effects").size(), 144U);
}

/// The names of the methods of a list in JSON.
std::vector<std::string> names_in(const json& document) {
  std::vector<std::string> names;
  for (const json& method : document.at("methods")) names.push_back(method.at("name"));
  return names;
}

/// The names of the methods of a comparison in JSON.
std::vector<std::string> compared_in(const json& document) {
  std::vector<std::string> names;
  for (const json& method : document.at("methods")) {
    names.push_back(method.at("attribution").at("method"));
  }
  return names;
}

TEST_F(CompareCommand, NameOfAMethodIsThatMethodThoughAFamilyHasItToo) {
  const json compared =
      compare({"--class", "cat", "--methods", "gradient", "--no-removal", "--json"}).json();
  EXPECT_EQ(compared_in(compared), std::vector<std::string>{"gradient"});
  EXPECT_EQ(names_in(run({"methods", "--json", "gradient"}).json()),
            std::vector<std::string>{"gradient"});
}

TEST_F(CompareCommand, FamilyIsSpeltWithItsPrefix) {
  const std::vector<std::string> family{"saliency",   "input-x-gradient", "integrated-gradients",
                                        "smoothgrad", "vargrad",          "expected-gradients"};
  EXPECT_EQ(names_in(run({"methods", "--json", "family:gradient"}).json()), family);
  EXPECT_EQ(compared_in(compare({"--class", "cat", "--methods", "family:cam", "--no-removal",
                                 "--json", "--set", "score-cam.channels=2"})
                            .json()),
            names_in(run({"methods", "--json", "cam"}).json()));
}

TEST_F(CompareCommand, FamilyThatDoesNotExistIsNamedWithThoseThatDo) {
  EXPECT_TRUE(refused(compare({"--class", "cat", "--methods", "family:gradients"}),
                      {"family", "\"gradients\"", "contribution", "gradient", "interaction"}));
}

TEST_F(CompareCommand, LedgersAreThereOnRequest) {
  const std::vector<std::string> call{"--class", "cat",         "--methods", "query-key,gae,alti",
                                      "--json",  "--no-removal"};
  std::vector<std::string> with = call;
  with.emplace_back("--ledger");
  const json plain = compare(call).json().at("methods"), full = compare(with).json().at("methods");
  for (std::size_t m = 0; m < 3; ++m) {
    const json &without = plain[m].at("attribution"), &map = full[m].at("attribution");
    EXPECT_TRUE(without.at("ledger").is_null()) << map.at("method");
    EXPECT_EQ(map.at("ledger").is_null(), map.at("method") != "query-key");
    EXPECT_EQ(map.at("patches"), without.at("patches")) << map.at("method");
  }
}

TEST_F(CompareCommand, WritesSheetPageAndMaps) {
  const Ran ran = compare({"--class", "cat", "--methods", "contributions,attnlrp,alti",
                           "--no-removal", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.cat.compared.html", "cat.cat.compared.json",
                                      "cat.cat.compared.npz", "cat.cat.compared.png"}));
  const json document = json::parse(read_text(path("out/cat.cat.compared.json")));
  EXPECT_TRUE(is_page_of(read_text(path("out/cat.cat.compared.html")), document));
  std::set<std::string> names;
  for (const json& method : document.at("methods")) {
    names.insert(method.at("attribution").at("method").get<std::string>());
  }
  EXPECT_EQ(names, (std::set<std::string>{"contributions", "attnlrp", "alti"}));
  EXPECT_EQ(document.at("agreement").size(), 3U);
  const Image sheet = read_image(path("out/cat.cat.compared.png"));
  EXPECT_EQ(sheet.width, 4 * 252 + 12);  // the image and three maps
  EXPECT_TRUE(contains(ran.output, "Rank correlation of the maps"));
}

TEST_F(CompareCommand, WrongListsAndOptionsAreRefused) {
  EXPECT_TRUE(
      refused(compare({"--methods", "gradcam++"}), {"method", "gradcam++", "contributions"}));
  EXPECT_TRUE(refused(compare({"--set", "contributions"}), {"--set", "METHOD.OPTION=VALUE"}));
  EXPECT_TRUE(refused(compare({"--set", "contributions.steps=3"}),
                      {"contributions", "no option \"steps\""}));
  EXPECT_TRUE(refused(compare({"--set", "none.steps=3"}), {"method", "none"}));
}

TEST_F(CompareCommand, MethodsListCanBeAFamilyOrAMethod) {
  const json some = run({"methods", "cam", "gae", "--json"}).json().at("methods");
  std::set<std::string> names;
  for (const json& method : some) names.insert(method.at("name").get<std::string>());
  EXPECT_TRUE(names.contains("gae"));
  EXPECT_TRUE(names.contains("grad-cam"));
  EXPECT_FALSE(names.contains("rollout"));
  EXPECT_TRUE(refused(run({"methods", "gradcam++"}), {"method", "gradcam++", "contributions"}));
}

TEST_F(CompareCommand, MethodsSayWhatTheyCanAttributeTo) {
  const auto units = [&](const char* name) {
    return run({"methods", name, "--json"}).json().at("methods")[0].at("units");
  };
  EXPECT_EQ(units("gae"), json({"patches", "words"}));
  EXPECT_EQ(units("saliency"), json({"patches", "pixels", "words"}));
  EXPECT_EQ(units("shapley"), json({"patches", "regions", "words"}));
  EXPECT_EQ(units("exclip"), json({"pairs"}));
}

TEST_F(CompareCommand, WordsAreThoseOfThePromptAndOfTheLedger) {
  const Ran ran =
      run({"compare", "-q", toons_image("cat"), "-p", "a drawing of a cat.", "--methods",
           "contributions,gae,shapley,exclip", "--words", "--no-removal", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const json document = ran.json(), words = document.at("words");
  EXPECT_EQ(document.at("methods").size(), 3U);  // exclip has pairs only
  EXPECT_EQ(words.at("prompts"), json({"a drawing of a cat."}));
  EXPECT_EQ(words.at("words"), json({"a", "drawing", "of", "a", "cat", "."}));
  ASSERT_EQ(words.at("methods").size(), 3U);
  ASSERT_EQ(words.at("pairs").size(), 2U);  // of contributions and exclip
  const json ledger =
      run({"ledger", "-q", toons_image("cat"), "-p", "a drawing of a cat.", "--words", "--json"})
          .json();
  const json& expected = ledger.at("words").at("prompts")[0].at("words");
  for (std::size_t w = 0; w < 6; ++w) {
    EXPECT_NEAR(words.at("methods")[0].at("values")[w].get<double>(),
                expected[w].at("contribution").get<double>(), 1e-6);
  }
  for (const json& method : words.at("pairs")) {
    EXPECT_EQ(method.at("maps").size(), 6U);
    EXPECT_LE(std::abs(method.at("residual").get<double>()), 0.02) << method.at("method");
  }
}

TEST_F(CompareCommand, WordsOfManyPromptsAreAddedUp) {
  const json words = compare({"--class", "cat", "--versus", "dog", "--methods",
                              "contributions,raw-attention", "--words", "--no-removal", "--json"})
                         .json()
                         .at("words");
  EXPECT_GT(words.at("prompts").size(), 1U);
  EXPECT_EQ(words.at("pair_rows"), json({"class name", "other words"}));
  const json names = words.at("words");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  EXPECT_TRUE(std::ranges::find(names, "cat") != names.end());
}

TEST_F(CompareCommand, RegionsArePartsAndSums) {
  const json document = compare({"--class", "cat", "--methods", "contributions,occlusion",
                                 "--regions", "blocks:2x2", "--no-removal", "--json"})
                            .json();
  EXPECT_EQ(document.at("regions").size(), 4U);
  for (const json& method : document.at("methods")) {
    const json& map = method.at("attribution");
    double sum = 0;
    for (const json& contribution : method.at("regions")) sum += contribution.get<double>();
    EXPECT_EQ(method.at("regions").size(), 4U);
    if (map.at("method") == "contributions") {
      EXPECT_NEAR(sum, map.at("patch_sum").get<double>(), 1e-4);
    }
  }
  const json occluded = document.at("methods")[1].at("attribution").at("patches");
  EXPECT_EQ(occluded[0], occluded[5 * 12 + 5]);  // of 12 × 12 the first block
  EXPECT_NE(occluded[0], occluded[6]);
}

TEST_F(CompareCommand, AChannelReductionThatIsAlwaysZeroIsNoMapButAReason) {
  const std::vector<std::string> call{"--class",     "cat",
                                      "--methods",   "deoptimisation,raw-attention",
                                      "--set",       "deoptimisation.reduction=mean",
                                      "--no-removal"};
  std::vector<std::string> shown = call, printed = call;
  shown.insert(shown.end(), {"-o", path("out")});
  printed.push_back("--json");
  const Ran ran = compare(shown);
  ASSERT_EQ(ran.status, 0) << ran.errors;
  for (const char* part :
       {"deoptimisation reduction=mean: zero for every patch", "no map", "layer norm"}) {
    EXPECT_TRUE(contains(ran.output, part)) << part;
  }
  EXPECT_FALSE(contains(ran.output, "raw-attention: zero"));
  const json method = compare(printed).json().at("methods")[1];  // in the registry's order
  const json& map = method.at("attribution");
  ASSERT_EQ(map.at("method"), "deoptimisation");
  for (const json& value : map.at("patches")) EXPECT_EQ(value.get<double>(), 0);
  EXPECT_TRUE(contains(map.at("notes")[0].get<std::string>(), "layer norm"));
}

TEST_F(CompareCommand, PairsWithinTheImageAndThePromptAreCounted) {
  const auto pairs = [&](const char* which) {
    return compare({"-p", "a drawing of a cat.", "--methods", "fixlip", "--words", "--no-removal",
                    "--regions", "blocks:2x2", "--set", std::string("fixlip.pairs=") + which,
                    "--json"})
        .json()
        .at("words")
        .at("pairs")[0];
  };
  const json all = pairs("all"), across = pairs("across");
  EXPECT_EQ(all.at("maps"), across.at("maps"));
  EXPECT_NE(all.at("alone"), across.at("alone"));
  EXPECT_EQ(all.at("patches_alone").size(), 144U);
  EXPECT_NE(all.at("word_pairs").get<double>(), 0);
  EXPECT_NE(all.at("patch_pairs").get<double>(), 0);
  EXPECT_EQ(across.at("word_pairs").get<double>(), 0);
  EXPECT_EQ(across.at("patch_pairs").get<double>(), 0);
}

TEST_F(CompareCommand, PairsNeedWordsToSpeakOf) {
  EXPECT_TRUE(refused(compare({"--methods", "exclip"}), {"exclip", "--words"}));
  EXPECT_TRUE(
      refused(compare({"--feature", "3", "--methods", "gae", "--words"}), {"feature 3", "words"}));
}

TEST_F(CompareCommand, WordsStandOnThePage) {
  const Ran ran = run({"compare", "-q", toons_image("cat"), "-p", "a drawing of a cat.",
                       "--methods", "contributions,gae,fixlip", "--words", "--no-removal",
                       "--regions", "blocks:3x3", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_TRUE(contains(ran.output, "Which words counted"));
  const std::string stem = path("out/cat.a-drawing-of-a-cat.compared");
  const json document = json::parse(read_text(stem + ".json"));
  EXPECT_TRUE(is_page_of(read_text(stem + ".html"), document));
  EXPECT_EQ(document.at("words").at("words").size(), 6U);
  EXPECT_EQ(document.at("words").at("pairs").back().at("method"), "fixlip");
  EXPECT_EQ(document.at("regions").back().at("name"), "block r2c2");
}

}  // namespace compare_test
}  // namespace whyclip
