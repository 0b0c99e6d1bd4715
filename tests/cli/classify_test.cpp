// What `whyclip classify` answers.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/cli/command.h"
#include "tests/support/golden.h"

namespace whyclip {
namespace classify_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::toons_image;

class Classify : public CommandTest {};

double sum_of_probabilities(const json& rows) {
  double sum = 0;
  for (const json& row : rows) sum += row.at("probability").get<double>();
  return sum;
}

bool best_first(const json& rows) {
  return std::is_sorted(rows.begin(), rows.end(),
                        [](const json& a, const json& b) { return a.at("logit") > b.at("logit"); });
}

TEST_F(Classify, JsonHasTheFieldsOfTheContract) {
  const json document = run({"classify", "--json", toons_image("cat")}).json();

  EXPECT_EQ(document.at("model"), "toons (embedded)");
  ASSERT_EQ(document.at("images").size(), 1u);
  const json& image = document.at("images")[0];
  EXPECT_EQ(image.at("path"), toons_image("cat"));
  EXPECT_EQ(image.at("prompts").size(), 800u);
  for (const json& prompt : image.at("prompts")) {
    EXPECT_TRUE(prompt.at("text").is_string() && prompt.at("class").is_string()) << prompt;
    EXPECT_LE(std::abs(prompt.at("similarity").get<double>()), 1.0);
  }
  EXPECT_EQ(image.at("classes").size(), 10u);
  EXPECT_EQ(image.at("classes")[0].at("name"), "cat");
  EXPECT_TRUE(best_first(image.at("prompts")));
  EXPECT_TRUE(best_first(image.at("classes")));
  EXPECT_NEAR(sum_of_probabilities(image.at("prompts")), 1, 1e-12);
  EXPECT_NEAR(sum_of_probabilities(image.at("classes")), 1, 1e-12);
}

TEST_F(Classify, ClassLogitsEqualPyTorch) {
  constexpr double kLogitTolerance = 1e-4;  // float32 against float64, logits up to 14
  const std::vector<float> expected = testing::Golden("toons/cat").floats("class_logits");
  const std::vector<std::string> names = testing::golden_prompts().classes;

  const json document = run({"classify", "--json", toons_image("cat")}).json();

  std::map<std::string, double> logits;
  for (const json& row : document.at("images")[0].at("classes")) {
    logits[row.at("name")] = row.at("logit");
  }
  for (std::size_t c = 0; c < names.size(); ++c) {
    EXPECT_NEAR(logits.at(names[c]), expected[c], kLogitTolerance) << names[c];
  }
}

TEST_F(Classify, PromptsMayBeRepeatedAndBelongToNoClass) {
  const json image =
      run({"classify", "--json", "-p", "a dog", toons_image("cat"), "-p", "a cat", "-p", "x"})
          .json()
          .at("images")[0];

  ASSERT_EQ(image.at("prompts").size(), 3u);
  EXPECT_EQ(image.at("prompts")[0].at("text"), "a cat");
  EXPECT_TRUE(image.at("prompts")[0].at("class").is_null());
  EXPECT_EQ(image.at("classes"), json::array());
}

TEST_F(Classify, ClassesAndTemplatesMayBeFiles) {
  const std::string classes = write("classes.txt", "dog\r\n\r\ncat\n");
  const std::string templates = write("templates.txt", "a {}\nthe {} here\n");

  const json image = run({"classify", "--json", "-c", classes, "-t", templates, toons_image("cat")})
                         .json()
                         .at("images")[0];

  EXPECT_EQ(image.at("classes").size(), 2u);
  EXPECT_EQ(image.at("classes")[0].at("name"), "cat");
  EXPECT_EQ(image.at("prompts").size(), 4u);
}

TEST_F(Classify, TopLimitsClassesAndPrompts) {
  const json image =
      run({"classify", "--json", "--top", "2", toons_image("cat")}).json().at("images")[0];

  EXPECT_EQ(image.at("classes").size(), 2u);
  EXPECT_EQ(image.at("prompts").size(), 2u);
}

TEST_F(Classify, TableShowsBestClassFirst) {
  const Ran ran = run({"classify", "-t", "simple", "-c", "dog,cat", toons_image("cat")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_LT(ran.output.find("\n  cat "), ran.output.find("\n  dog "));
  EXPECT_NE(ran.output.find("a photo of a cat."), std::string::npos);
}

TEST_F(Classify, FolderStandsForItsImagesInOrder) {
  for (const char* name : {"sketch_dog", "cat"}) {
    std::filesystem::create_directories(path("images"));
    std::filesystem::copy_file(toons_image(name), path(std::string("images/") + name + ".png"));
  }
  write("images/notes.txt", "not an image, and not looked at");

  const json images =
      run({"classify", "--json", "-t", "simple", path("images")}).json().at("images");

  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[0].at("path"), path("images/cat.png"));
  EXPECT_EQ(images[1].at("path"), path("images/sketch_dog.png"));
}

TEST_F(Classify, StandardInputIsAnImageToo) {
  const std::vector<std::string> options{"classify", "--json", "-t", "simple"};
  const auto with = [&](const std::string& image) {
    std::vector<std::string> arguments = options;
    arguments.push_back(image);
    return arguments;
  };
  json from_file = run(with(toons_image("cat"))).json().at("images")[0];
  json from_input = run(with("-"), {.input = toons_image("cat")}).json().at("images")[0];

  EXPECT_EQ(from_input.at("path"), "-");
  EXPECT_EQ(from_input.at("classes"), from_file.at("classes"));
}

TEST_F(Classify, BrokenImageAmongOthersLosesOnlyItself) {
  const std::string broken = write("broken.png", "not an image");

  const Ran ran = run({"classify", "--json", "-q", "-t", "simple", toons_image("cat"), broken,
                       toons_image("sketch_dog")});

  EXPECT_EQ(ran.status, 1);
  const json images = ran.json().at("images");
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0].at("classes")[0].at("name"), "cat");
  EXPECT_EQ(images[1].at("path"), broken);
  EXPECT_TRUE(images[1].contains("error"));
  EXPECT_EQ(images[2].at("classes")[0].at("name"), "dog");
  EXPECT_EQ(std::count(ran.errors.begin(), ran.errors.end(), '\n'), 1) << ran.errors;
}

TEST_F(Classify, ImagesInABatchScoreAsAlone) {
  const json together = run({"classify", "--json", "-t", "simple", toons_image("cat"),
                             toons_image("girl_tree_bird"), toons_image("sketch_dog")})
                            .json();
  const json alone = run({"classify", "--json", "-t", "simple", toons_image("sketch_dog")}).json();

  const json &a = together.at("images")[2].at("classes"), &b = alone.at("images")[0].at("classes");
  for (std::size_t c = 0; c < b.size(); ++c) {
    EXPECT_EQ(a[c].at("name"), b[c].at("name"));
    EXPECT_NEAR(a[c].at("logit").get<double>(), b[c].at("logit").get<double>(), 1e-4);
  }
}

}  // namespace classify_test
}  // namespace whyclip
