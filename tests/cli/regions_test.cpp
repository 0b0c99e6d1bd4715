// What `whyclip regions` answers and writes: regions of every form, propagated forward.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/cli/command.h"
#include "tests/cli/npz.h"
#include "tests/support/golden.h"
#include "tests/support/page.h"
#include "whyclip/extend.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace regions_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::read_npz;
using testing::refused;
using testing::toons_image;

constexpr double kTolerance = 1e-5;  // × (1 + |logit|), the project's promise

std::array<int, 3> in(bool inside) { return {inside ? 255 : 0, 0, 0}; }

class RegionsCommand : public CommandTest {
 protected:
  Ran regions(std::vector<std::string> options) const {
    options.insert(options.begin(), {"regions", "-q", "-t", "simple", toons_image("cat_and_dog")});
    return run(options);
  }
  json regions_json(std::vector<std::string> options) const {
    options.push_back("--json");
    const Ran ran = regions(options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
  /// The drawing program's mask of a thing, as a PNG.
  std::string golden_mask(const std::string& thing) const {
    const testing::Golden golden("toons/cat_and_dog");
    const StoredTensor& mask = golden.file().at("mask." + thing);
    return draw(thing + ".png", 96, 96, [&](int x, int y) {
      return in(mask.bytes[std::size_t(y * 96 + x)] != std::byte{0});
    });
  }
  std::string mask(const std::string& name, int left, int right, int size = 96) const {
    return draw(name, size, size, [&](int x, int) { return in(x >= left && x < right); });
  }
  void refuses(const std::string& spec, std::initializer_list<std::string_view> parts) const {
    EXPECT_TRUE(refused(regions({"--regions", spec, "-o", path("out")}), parts)) << spec;
    EXPECT_EQ(files_in("out"), std::vector<std::string>{});
  }
};

void expect_whole(const json& document) {
  for (const json& target : document.at("targets")) {
    ASSERT_EQ(target.at("contributions").size(), document.at("sources").size());
    double sum = 0;
    for (const json& contribution : target.at("contributions")) sum += contribution.get<double>();
    const double logit = target.at("value");
    EXPECT_NEAR(sum, logit, kTolerance * (1 + std::abs(logit))) << target.at("name");
  }
  EXPECT_LT(document.at("completeness_error"), 1e-5);
}

TEST_F(RegionsCommand, JsonHasEverySourceOfEveryClass) {
  const json document = regions_json({});

  EXPECT_EQ(document.at("image").at("grid").at("rows"), 12);
  EXPECT_EQ(document.at("empty_regions"), json::array());
  EXPECT_EQ(document.at("targets").size(), 10u);
  ASSERT_EQ(document.at("sources").size(), 9u + 3u);
  EXPECT_EQ(document.at("sources")[4].at("name"), "block r1c1");
  EXPECT_EQ(document.at("sources")[4].at("patches").size(), 16u);
  EXPECT_EQ(document.at("sources")[9].at("name"), "class token");
  EXPECT_EQ(document.at("sources")[9].at("patches"), json::array());
  EXPECT_EQ(document.at("regions"), 9);
  expect_whole(document);
}

TEST_F(RegionsCommand, RegionsOfEveryFormHaveTheContributionsOfTheirPatches) {
  const json patches = regions_json({"--regions", "patches"});
  ASSERT_EQ(patches.at("sources").size(), 147u);
  EXPECT_EQ(patches.at("sources")[14].at("name"), "r1c2");
  const std::string labels = draw("labels.png", 96, 96, [](int x, int y) {
    return std::array<int, 3>{y < 32 ? 200 : 0, x < 40 ? 90 : 0, 7};
  });
  const std::string masks = mask("a.png", 0, 24) + "," + mask("b.png", 48, 96);

  for (const std::string& form : {std::string("blocks:2x5"), std::string("slic:7"),
                                  std::string("slic:7:30"), labels, masks}) {
    const json document = regions_json({"--regions", form});
    expect_whole(document);
    const std::size_t count = document.at("sources").size() - 3;
    EXPECT_GT(count, 2u) << form;
    std::size_t seen = 0;
    for (std::size_t r = 0; r < count; ++r) {
      const json& own = document.at("sources")[r].at("patches");
      seen += own.size();
      for (std::size_t t = 0; t < 10; ++t) {
        double sum = 0;
        for (const json& p : own) {
          sum += patches.at("targets")[t].at("contributions")[p.get<std::size_t>()].get<double>();
        }
        EXPECT_NEAR(document.at("targets")[t].at("contributions")[r].get<double>(), sum, 1e-4);
      }
    }
    EXPECT_EQ(seen, 144u) << form;
  }
}

TEST_F(RegionsCommand, EachThingSpeaksMostForItsOwnClass) {
  const json document =
      regions_json({"--regions", golden_mask("cat") + "," + golden_mask("dog"), "-c", "cat,dog"});

  expect_whole(document);
  EXPECT_EQ(document.at("sources")[0].at("name"), "cat");
  EXPECT_EQ(document.at("sources")[2].at("name"), "rest");
  const json &cat = document.at("targets")[0].at("contributions"),
             &dog = document.at("targets")[1].at("contributions");
  EXPECT_GT(cat[0].get<double>() - cat[1].get<double>(), 0.5);  // logits
  EXPECT_GT(dog[1].get<double>() - dog[0].get<double>(), 0.5);
}

TEST_F(RegionsCommand, VectorsTimesTheDirectionOfATargetAreItsContributions) {
  const json document = regions_json({"-o", path("out"), "-p", "a cat", "-p", "two dogs"});
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat_and_dog.regions.html", "cat_and_dog.regions.json",
                                      "cat_and_dog.regions.npz"}));
  EXPECT_EQ(json::parse(read_text(path("out/cat_and_dog.regions.json"))), document);
  EXPECT_TRUE(testing::is_page_of(read_text(path("out/cat_and_dog.regions.html")), document));
  auto arrays = read_npz(path("out/cat_and_dog.regions.npz"));
  const std::vector<float>&vectors = arrays["vectors"].values,
        &embedding = arrays["embedding"].values;
  const std::size_t width = embedding.size(), sources = document.at("sources").size();
  ASSERT_EQ(vectors.size(), sources * width);
  double squares = 0;
  for (const float value : embedding) squares += double(value) * value;

  const Clip clip = Clip::embedded();
  const std::vector<std::string> prompts{"a cat", "two dogs"};
  const ZeroShot classifier = zero_shot_prompts(clip, prompts);
  for (int t = 0; t < 2; ++t) {
    const std::vector<float> direction = prompt_target(clip, classifier, t).direction;
    for (std::size_t s = 0; s < sources; ++s) {
      double dot = 0;
      for (std::size_t i = 0; i < width; ++i) {
        dot += double(direction[i]) * double(vectors[s * width + i]);
      }
      EXPECT_NEAR(document.at("targets")[std::size_t(t)].at("contributions")[s].get<double>(),
                  dot / std::sqrt(squares), 1e-5);
    }
  }
  for (std::size_t i = 0; i < width; ++i) {
    double sum = 0;
    for (std::size_t s = 0; s < sources; ++s) sum += double(vectors[s * width + i]);
    EXPECT_NEAR(sum, double(embedding[i]), 1e-5 * std::sqrt(squares));
  }
}

TEST_F(RegionsCommand, BackwardPassBackGivesTheSameContributions) {
  for (const char* rules : {"contributions", "query-key"}) {
    const json forward = regions_json({"--regions", "blocks:2x2", "--method", rules});
    const json back = run({"ledger", "-q", "-t", "simple", toons_image("cat_and_dog"), "--class",
                           "cat", "--regions", "blocks:2x2", "--method", rules, "--json"})
                          .json();
    EXPECT_EQ(forward.at("targets")[0].at("name"), "cat");
    for (std::size_t r = 0; r < 4; ++r) {
      EXPECT_NEAR(forward.at("targets")[0].at("contributions")[r].get<double>(),
                  back.at("regions")[r].at("contribution").get<double>(), 1e-3)
          << rules;  // 1e-4 of the largest contribution, about 10
    }
  }
}

TEST_F(RegionsCommand, TableHasTheBestClassesAndTheirLogits) {
  const Ran ran = regions({"--top", "2", "-c", "cat,dog,tree"});

  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.errors, "");
  for (const char* part : {"dog", "cat", "block r2c2", "class token", "sum", "logit"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(ran.output.find("tree"), std::string::npos);
}

TEST_F(RegionsCommand, ThreadsAndCacheChangeNoByte) {
  const std::vector<std::string> base{"--regions", "slic:5", "--json", "--method", "decompx"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return regions(more).output;
  };
  const std::string one = with({"--no-cache", "--threads", "1"});

  EXPECT_FALSE(one.empty());
  EXPECT_EQ(with({"--threads", "2"}), one);  // cold
  EXPECT_EQ(with({"--threads", "1"}), one);  // warm
}

TEST_F(RegionsCommand, ForwardRuleSetsWorkAndOthersAreRefusedWithTheirNames) {
  const json rules = run({"rules", "--json"}).json();
  int forward = 0;
  for (const json& set : rules.at("rule_sets")) {
    const std::string name = set.at("name");
    if (set.at("propagates_forward")) {
      const json document = regions_json({"--method", name, "-c", "cat,dog"});
      EXPECT_EQ(document.at("method"), name);
      if (set.at("complete")) expect_whole(document);
      ++forward;
    } else {
      EXPECT_TRUE(refused(regions({"--method", name}),
                          {name, "contributions, query-key, decompx, contextual"}));
    }
  }
  EXPECT_EQ(forward, 4);
}

TEST_F(RegionsCommand, SpecificationsThatMeanNothingListTheForms) {
  for (const char* spec : {"", "nonsense", "blocks", "blocks:3", "blocks:3x3x3", "slic:", "slic:a",
                           "slic:4:10:3", ",", "a.png,", "labels.png"}) {
    refuses(spec, {"regions", "blocks:ROWSxCOLUMNS", "slic:COUNT", spec});
  }
}

TEST_F(RegionsCommand, NumbersOutOfRangeAreNamed) {
  refuses("blocks:0x3", {"12 × 12", "0 × 3"});
  refuses("blocks:13x1", {"12 × 12", "13 × 1"});
  refuses("slic:1", {"2 to 144", "1"});
  refuses("slic:200", {"2 to 144", "200"});
  refuses("slic:4:0", {"compactness", "0"});
  refuses("slic:4:1e300", {"compactness", "1e+300"});
}

TEST_F(RegionsCommand, MasksThatOverlapAreNamedWithTheirPixels) {
  refuses(mask("a.png", 0, 48) + "," + mask("b.png", 40, 96), {"\"a\"", "\"b\"", "768"});
}

TEST_F(RegionsCommand, EmptyMaskIsNamed) {
  refuses(mask("a.png", 0, 48) + "," + mask("none.png", 0, 0), {"none", "empty"});
}

TEST_F(RegionsCommand, MasksOfAnotherSizeAreRefusedAndOfTheSameShapeTaken) {
  const std::string odd = draw("odd.png", 50, 40, [](int x, int) { return in(x < 20); });
  refuses(odd, {"odd.png", "96 × 96", "50 × 40"});
  refuses(mask("a.png", 0, 48) + "," + odd, {"96 × 96", "50 × 40"});

  const json large = regions_json(
      {"--regions", mask("left.png", 0, 96, 192) + "," + mask("right.png", 96, 192, 192)});
  EXPECT_EQ(large.at("sources")[0].at("patches").size(), 72u);
}

TEST_F(RegionsCommand, LabelImagesOfOneLabelOrThatAreNoLabelsAreRefused) {
  refuses(draw("one.png", 96, 96, [](int, int) { return in(true); }),
          {"one.png", "at least two labels"});
  refuses(toons_image("cat"), {"cat.png", "labels", "smooth borders"});
  refuses(write("text.png", "hello"), {"text.png"});
  refuses(path("a.png") + "," + path("b.png"), {"a.png", "No such file"});
}

TEST_F(RegionsCommand, LeavesNoFileBehindIfOneCannotBeWritten) {
  std::filesystem::create_directories(path("out/cat_and_dog.regions.npz"));
  EXPECT_TRUE(refused(regions({"-o", path("out")}), {"regions.npz"}));
  EXPECT_EQ(files_in("out"), std::vector<std::string>{"cat_and_dog.regions.npz"});

  EXPECT_TRUE(
      refused(regions({"-o", write("file", "") + "/out"}), {"file/out", "Not a directory"}));
}

}  // namespace regions_test
}  // namespace whyclip
