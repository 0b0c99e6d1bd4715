// What `whyclip inspect` answers and writes.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace inspect_test {

using nlohmann::json;
using testing::CommandTest;
using testing::contains;
using testing::is_page_of;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class InspectCommand : public CommandTest {
 protected:
  Ran inspect(std::vector<std::string> options) const {
    options.insert(options.begin(), {"inspect", "-q", "-t", "simple", toons_image("cat_and_dog")});
    return run(options);
  }
  json inspect_json(std::vector<std::string> options) const {
    options.push_back("--json");
    const Ran ran = inspect(options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
};

double number(const json& document, const char* name) { return document.at(name).get<double>(); }

TEST_F(InspectCommand, JsonGoesFromTheEmbeddingsToTheLogit) {
  const json result = inspect_json({"-p", "a cat"});
  const json& document = result.at("score");

  const auto z = document.at("image").get<std::vector<double>>(),
             t = document.at("text").get<std::vector<double>>(),
             contributions = document.at("contributions").get<std::vector<double>>();
  ASSERT_EQ(z.size(), 128u);
  double dot = 0, zz = 0, tt = 0, sum = 0;
  for (std::size_t k = 0; k < z.size(); ++k) {
    dot += z[k] * t[k];
    zz += z[k] * z[k];
    tt += t[k] * t[k];
    sum += contributions[k];
    EXPECT_NEAR(document.at("products")[k].get<double>(), z[k] * t[k], 1e-12);
  }
  const double logit = number(document, "logit_scale") * dot / std::sqrt(zz * tt);
  EXPECT_NEAR(number(document, "image_norm"), std::sqrt(zz), 1e-11);
  EXPECT_NEAR(number(document, "text_norm"), std::sqrt(tt), 1e-11);
  EXPECT_NEAR(number(document, "similarity"), dot / std::sqrt(zz * tt), 1e-12);
  EXPECT_NEAR(number(document, "logit"), logit, 1e-11);
  EXPECT_NEAR(sum, logit, 1e-11);
  // What the model says, in float32.
  EXPECT_NEAR(number(result.at("target"), "value"), logit, 1e-5);
  EXPECT_EQ(result.at("target").at("kind"), "prompt");
}

TEST_F(InspectCommand, AgreesWithClassifyForEveryClass) {
  const json classified =
      run({"classify", "-q", "-t", "simple", "--json", toons_image("cat_and_dog")}).json();
  const json document = inspect_json({"--class", "bird"});

  double unscaled = 0, scaled = 0;
  for (const json& choice : document.at("confidences")) {
    unscaled += number(choice, "unscaled");
    scaled += number(choice, "scaled");
    for (const json& score : classified.at("images")[0].at("classes")) {
      if (score.at("name") != choice.at("name")) continue;
      EXPECT_NEAR(number(choice, "scaled"), number(score, "probability"), 1e-12);
      EXPECT_NEAR(number(choice, "logit"), number(score, "logit"), 1e-12);
      if (score.at("name") == "bird") {
        EXPECT_NEAR(number(document.at("score"), "logit"), number(score, "logit"),
                    1e-5);  // float32
      }
    }
  }
  EXPECT_EQ(document.at("confidences").size(), 10u);
  EXPECT_NEAR(unscaled, 1, 1e-12);
  EXPECT_NEAR(scaled, 1, 1e-12);
}

TEST_F(InspectCommand, ContrastsComeToTheDifferenceOfLogits) {
  const json cat = inspect_json({"--class", "cat"}).at("score"),
             dog = inspect_json({"--class", "dog"}).at("score"),
             ahead = inspect_json({"--class", "cat", "--versus", "dog"}).at("score");

  EXPECT_NEAR(number(ahead, "logit"), number(cat, "logit") - number(dog, "logit"), 1e-10);
  EXPECT_NEAR(number(ahead, "sum"), number(ahead, "logit"), 1e-11);
  const json others = inspect_json({"--class", "cat", "--versus", "others"});
  EXPECT_EQ(others.at("target").at("name"), "cat − others");
  EXPECT_NEAR(number(others.at("score"), "sum"), number(others.at("target"), "value"),
              1e-5);  // float32
}

TEST_F(InspectCommand, ListsTheIndicesBeyondEachThreshold) {
  const json document = inspect_json({"-p", "a cat", "--threshold", "3,2.5"});

  EXPECT_EQ(document.at("thresholds"), json({{"image", 3.0}, {"text", 2.5}}));
  std::size_t image = 0, text = 0, both = 0;
  for (std::size_t k = 0; k < 128; ++k) {
    const bool z = std::abs(document.at("score").at("image")[k].get<double>()) >= 3,
               t = std::abs(document.at("score").at("text")[k].get<double>()) >= 2.5;
    image += z ? 1 : 0;
    text += t ? 1 : 0;
    both += z && t ? 1 : 0;
  }
  EXPECT_GT(both, 0u);
  EXPECT_EQ(document.at("beyond").at("image").size(), image);
  EXPECT_EQ(document.at("beyond").at("text").size(), text);
  EXPECT_EQ(document.at("beyond").at("both").size(), both);
  double before = 1e9;  // the largest first
  for (const json& k : document.at("beyond").at("image")) {
    const double size =
        std::abs(document.at("score").at("image")[k.get<std::size_t>()].get<double>());
    EXPECT_LE(size, before);
    before = size;
  }
}

TEST_F(InspectCommand, CountsEveryValueInTheHistogram) {
  const json histogram = inspect_json({"-p", "a cat"}).at("histogram");

  for (const char* side : {"image", "text"}) {
    int count = 0;
    for (const json& n : histogram.at(side)) count += n.get<int>();
    EXPECT_EQ(count, 128) << side;
    EXPECT_EQ(histogram.at("edges").size(), histogram.at(side).size() + 1);
  }
}

TEST_F(InspectCommand, PrintsTablesThatSayWhatTheScoreIsMadeOf) {
  const Ran ran = inspect({"-p", "a cat", "-p", "a dog", "--threshold", "3", "--top", "2"});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.errors, "");
  for (const char* part :
       {"made of?", "‖z‖", "z·t / (‖z‖‖t‖)", "logit, recomposed", "logit of the model",
        "Softmax over 2 texts", "a dog", "of cosines", "of logits", "█", "image embedding",
        "have |z| ≥ 3; the 2 largest:", "have |t| ≥ 3; the 2 largest:", "In both: ", "(by chance ",
        "the 2 largest for the score, then the 2 largest against it", "124 others", "+100.0 %"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part;
  }
}

TEST_F(InspectCommand, SaysPlainlyThatAThresholdSelectsNothingAndHowFarTheLargestGoes) {
  const json document = inspect_json({"-p", "a cat", "--threshold", "80"});
  const Ran ran = inspect({"-p", "a cat", "--threshold", "80"});

  EXPECT_EQ(document.at("beyond").at("image"), json::array());
  double largest = 0;
  std::size_t index = 0;
  for (std::size_t k = 0; k < 128; ++k) {
    const double size = std::abs(document.at("score").at("image")[k].get<double>());
    if (size > largest) index = k;
    largest = std::max(largest, size);
  }
  char expected[100];
  std::snprintf(expected, sizeof expected, "the largest |value| is %.4g, of index %zu", largest,
                index);
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.output.find("No value of the image embedding has |z| ≥ 80"), std::string::npos);
  EXPECT_NE(ran.output.find(expected), std::string::npos) << expected;
  EXPECT_NE(ran.output.find("In both: none"), std::string::npos);
}

TEST_F(InspectCommand, OfOnePromptSaysThatThereIsNoChoice) {
  const Ran ran = inspect({"-p", "a cat"});

  EXPECT_NE(ran.output.find("With a single text there is no choice"), std::string::npos);
}

TEST_F(InspectCommand, WritesThePageAndTheJson) {
  const Ran ran =
      inspect({"-p", "a <b>cat</b>", "-p", "a dog", "-o", path("out"), "--threshold", "2,1.5"});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"), (std::vector<std::string>{"cat_and_dog.a-b-cat-b.inspect.html",
                                                       "cat_and_dog.a-b-cat-b.inspect.json"}));
  const std::string page = read_text(path("out/cat_and_dog.a-b-cat-b.inspect.html"));
  const json document = json::parse(read_text(path("out/cat_and_dog.a-b-cat-b.inspect.json")));
  EXPECT_TRUE(is_page_of(page, document));
  EXPECT_FALSE(contains(page, "<b>cat"));
  EXPECT_TRUE(contains(testing::tables_of(page), "a &lt;b&gt;cat"));
  EXPECT_EQ(document, inspect_json({"-p", "a <b>cat</b>", "-p", "a dog", "--threshold", "2,1.5"}));
}

TEST_F(InspectCommand, GivesTheSameBytesOnAnyNumberOfThreads) {
  const std::string one = inspect({"--json", "--threads", "1"}).output;

  EXPECT_FALSE(one.empty());
  EXPECT_EQ(inspect({"--json", "--threads", "2"}).output, one);
}

TEST_F(InspectCommand, RefusesThresholdsThatAreNone) {
  for (const char* wrong : {"0", "-1", "x", "1,", "1,0", ",1", "1,2,3", "nan", "inf"}) {
    EXPECT_TRUE(refused(inspect({"--threshold=" + std::string(wrong)}),
                        {"--threshold", "above 0", "1,0.75", "got \"" + std::string(wrong) + "\""}))
        << wrong;
  }
  EXPECT_TRUE(refused(inspect({"--threshold", ""}), {"--threshold", "got \"\""}));
}

TEST_F(InspectCommand, RefusesWhatHasNoMeaning) {
  EXPECT_TRUE(refused(inspect({"--class", "cow"}), {"cow", "not among the classes"}));
  EXPECT_TRUE(refused(inspect({"-p", "a cat", "--class", "cat"}), {"--prompt", "class"}));
  EXPECT_TRUE(refused(inspect({"--top", "0"}), {"--top", "above 0"}, testing::kWrongUsage));
  EXPECT_TRUE(refused(inspect({"-c", "cat,Cat,dog", "--class", "cat", "--versus", "Cat"}),
                      {"cat − Cat", "cannot tell"}));
  EXPECT_TRUE(
      refused(inspect({"-o", write("file", "") + "/out"}), {"file/out", "Not a directory"}));
}

}  // namespace inspect_test
}  // namespace whyclip
