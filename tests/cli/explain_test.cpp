// What `whyclip explain` answers and writes.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/command.h"
#include "tests/cli/npz.h"
#include "tests/support/golden.h"
#include "tests/support/page.h"
#include "whyclip/image/decode.h"
#include "whyclip/image/encode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace explain_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::read_npz;
using testing::toons_image;

constexpr double kLedgerTolerance = 1e-5;  // × (1 + |logit|), the project's promise

double sum_of(const json& values) {
  double sum = 0;
  for (const json& value : values) sum += value.get<double>();
  return sum;
}

double sum_of_biases(const json& ledger) {
  double sum = 0;
  for (const json& bias : ledger.at("biases")) sum += bias.at("contribution").get<double>();
  return sum;
}

/// Succeeds if the document has the contract's shape and its contributions add up.
void expect_whole_ledger(const json& document) {
  const json &target = document.at("target"), &map = document.at("attribution"),
             &ledger = map.at("ledger"), &grid = document.at("image").at("grid");
  const double logit = target.at("value");
  EXPECT_EQ(target.at("unit"), "logit");
  EXPECT_EQ(map.at("patches").size(),
            grid.at("rows").get<std::size_t>() * grid.at("columns").get<std::size_t>());
  EXPECT_NEAR(sum_of(map.at("patches")) + ledger.at("class_token").get<double>() +
                  ledger.at("position_embedding").get<double>() + sum_of_biases(ledger),
              map.at("sum").get<double>(), 1e-5);
  EXPECT_NEAR(map.at("sum").get<double>() + map.at("residual").get<double>(), logit, 1e-6);
  EXPECT_LE(std::abs(map.at("residual").get<double>()), kLedgerTolerance * (1 + std::abs(logit)));
}

class Explain : public CommandTest {
 protected:
  json explain(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"explain", "--json"});
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
};

TEST_F(Explain, ClassLedgerIsWholeAndItsLogitIsThatOfPyTorch) {
  const json document = explain({"--class", "cat", toons_image("cat")});

  expect_whole_ledger(document);
  EXPECT_EQ(document.at("image").at("name"), toons_image("cat"));
  EXPECT_EQ(document.at("target").at("kind"), "class");
  EXPECT_EQ(document.at("target").at("name"), "cat");
  EXPECT_EQ(document.at("image").at("grid").at("columns"), 12);
  EXPECT_NEAR(document.at("target").at("value").get<double>(),
              testing::Golden("toons/cat").floats("ledger.class.target")[0], 1e-4);
}

TEST_F(Explain, ContributionsOfPatchesEqualPyTorchInTheirPlaces) {
  const std::vector<float> expected = testing::Golden("toons/cat").floats("ledger.class.tokens");

  const json document = explain({"--class", "cat", toons_image("cat")});

  for (std::size_t i = 0; i < 144; ++i) {
    EXPECT_NEAR(document.at("attribution").at("patches")[i].get<double>(), expected[i], 1e-4) << i;
  }
}

TEST_F(Explain, PromptLedgerIsWhole) {
  const json document = explain({"-p", "a cat", toons_image("cat")});

  expect_whole_ledger(document);
  EXPECT_EQ(document.at("target").at("kind"), "prompt");
  EXPECT_EQ(document.at("target").at("name"), "a cat");
}

TEST_F(Explain, ContrastIsTheDifferenceOfTwoClasses) {
  const json cat = explain({"--class", "cat", toons_image("cat_and_dog")});
  const json dog = explain({"--class", "dog", toons_image("cat_and_dog")});

  const json contrast = explain({"--class", "cat", "--versus", "dog", toons_image("cat_and_dog")});

  expect_whole_ledger(contrast);
  EXPECT_EQ(contrast.at("target").at("kind"), "contrast");
  EXPECT_NEAR(
      contrast.at("target").at("value").get<double>(),
      cat.at("target").at("value").get<double>() - dog.at("target").at("value").get<double>(),
      1e-4);
}

TEST_F(Explain, ContrastAgainstTheMeanOfTheOthersIsWhole) {
  const json document = explain({"--class", "cat", "--versus", "others", toons_image("cat")});

  expect_whole_ledger(document);
  EXPECT_GT(document.at("target").at("value"), 5);
}

TEST_F(Explain, WithoutAClassTheBestIsExplained) {
  EXPECT_EQ(explain({toons_image("sketch_dog")}).at("target").at("name"), "dog");
}

TEST_F(Explain, ContributionsLieOnTheObject) {
  const testing::Golden golden("toons/cat");
  const StoredTensor& mask = golden.file().at("mask.cat");
  ASSERT_EQ(mask.shape, (std::vector<std::int64_t>{96, 96}));
  const json document = explain({"--class", "cat", toons_image("cat")});

  double inside = 0, outside = 0, pixels_inside = 0;
  for (std::size_t i = 0; i < 96 * 96; ++i) {
    const double contribution = std::abs(
        document.at("attribution").at("patches")[i / 96 / 8 * 12 + i % 96 / 8].get<double>());
    const bool on = mask.bytes[i] != std::byte{0};
    (on ? inside : outside) += contribution;
    pixels_inside += on ? 1 : 0;
  }

  EXPECT_GT(inside / pixels_inside, 2 * outside / (96 * 96 - pixels_inside));
}

TEST_F(Explain, LargestContributionsLieInTheCornerOfTheObject) {
  // The cat's own drawing, shrunk into the top right, then the bottom left corner.
  const Image cat = read_image(toons_image("cat"), {});
  for (const auto& [left, top] : {std::pair{48, 0}, std::pair{0, 48}}) {
    Image corner{96, 96, std::vector<std::uint8_t>(96 * 96 * 3, 230)};
    for (int y = 0; y < 48; ++y) {
      for (int x = 0; x < 48; ++x) {
        for (int c = 0; c < 3; ++c) {
          corner.rgb[std::size_t(((top + y) * 96 + left + x) * 3 + c)] =
              cat.rgb[std::size_t((2 * y * 96 + 2 * x) * 3 + c)];
        }
      }
    }
    const auto png = encode_png(corner);
    const std::string image =
        write("corner.png", {reinterpret_cast<const char*>(png.data()), png.size()});

    const json document = explain({"--class", "cat", "--versus", "others", image});

    double in_corner = 0, elsewhere = 0;
    for (int r = 0; r < 12; ++r) {
      for (int c = 0; c < 12; ++c) {
        const bool there = (c >= 6) == (left > 0) && (r >= 6) == (top > 0);
        (there ? in_corner : elsewhere) += std::abs(
            document.at("attribution").at("patches")[std::size_t(r * 12 + c)].get<double>());
      }
    }
    EXPECT_GT(in_corner / 36, 2 * elsewhere / 108) << left << ", " << top;
  }
}

TEST_F(Explain, TextHasASumOnlyIfThereIsATotal) {
  const auto text = [&](const char* method) {
    return run({"explain", "-q", "--method", method, "--class", "cat", "-o", path("out"),
                toons_image("cat")})
        .output;
  };

  const std::string maskclip = text("maskclip");
  EXPECT_NE(maskclip.find("The values do not add up to the score."), std::string::npos) << maskclip;
  EXPECT_EQ(maskclip.find("  sum "), std::string::npos) << maskclip;
  EXPECT_NE(text("contributions").find("  sum "), std::string::npos);
  EXPECT_NE(text("contributions").find(" biases "), std::string::npos);
}

TEST_F(Explain, TextHasNoRowsForSourcesThatTheMethodLacks) {
  const std::string text = run({"explain", "-q", "--method", "globenc", "--class", "cat", "-o",
                                path("out"), toons_image("cat")})
                               .output;

  EXPECT_NE(text.find("elsewhere"), std::string::npos) << text;  // the class token
  EXPECT_EQ(text.find("position embeddings"), std::string::npos) << text;
  EXPECT_EQ(text.find("biases"), std::string::npos) << text;
}

TEST_F(Explain, WritesFiveFilesAndNothingElse) {
  const Ran ran = run({"explain", "-q", "-o", path("out"), toons_image("cat")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.errors, "");
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.cat.html", "cat.cat.json", "cat.cat.multiply.png",
                                      "cat.cat.npz", "cat.cat.overlay.png"}));
}

TEST_F(Explain, JsonFileIsWhatIsPrinted) {
  const Ran ran = run({"explain", "--json", "-o", path("out"), toons_image("cat")});

  EXPECT_EQ(read_text(path("out/cat.cat.json")), ran.output);
}

TEST_F(Explain, JsonAloneWritesNoFiles) {
  explain({toons_image("cat")});

  EXPECT_FALSE(std::filesystem::exists("whyclip-out"));
}

TEST_F(Explain, NumpyFileHoldsTheGrid) {
  const json document = explain({"-o", path("out"), toons_image("cat")});

  auto arrays = read_npz(path("out/cat.cat.npz"));
  ASSERT_EQ(arrays["patches"].values.size(), 144u);
  EXPECT_NE(arrays["patches"].header.find("'<f4'"), std::string::npos);
  EXPECT_NE(arrays["patches"].header.find("(12, 12)"), std::string::npos);
  for (std::size_t i = 0; i < 144; ++i) {
    EXPECT_EQ(arrays["patches"].values[i],
              document.at("attribution").at("patches")[i].get<float>());
  }
  EXPECT_EQ(arrays["biases"].values.size(),
            document.at("attribution").at("ledger").at("biases").size());
  ASSERT_EQ(arrays["logit"].values.size(), 1u);
  EXPECT_NEAR(arrays["logit"].values[0], document.at("target").at("value").get<double>(), 1e-5);
}

TEST_F(Explain, OverlaysAreAsWideAsTheImageWithALegendBelow) {
  const std::string photo = testing::repository_file("examples/pictures/cat_and_dog.jpg").string();
  const Image source = read_image(photo, {});
  for (const bool whole : {false, true}) {
    std::vector<std::string> arguments{"explain", "-q", "--class", "cat", "-o", path("out"), photo};
    if (whole) arguments.push_back("--whole-image");
    ASSERT_EQ(run(arguments).status, 0);
    for (const char* ending : {"overlay", "multiply"}) {
      const Image drawn =
          read_image(path(std::string("out/cat_and_dog.cat.") + ending + ".png"), {});
      EXPECT_EQ(drawn.width, source.width);
      EXPECT_GT(drawn.height, source.height);
    }
  }
}

TEST_F(Explain, WholeImageHasAGridOfTheImagesAspect) {
  const json document = explain({"--whole-image", "--class", "cat",
                                 testing::repository_file("examples/pictures/cat_and_dog.jpg")});

  expect_whole_ledger(document);
  EXPECT_EQ(document.at("image").at("grid").at("rows"), 12);
  EXPECT_EQ(document.at("image").at("grid").at("columns"), 16);  // 640 × 480
}

TEST_F(Explain, PageHasTheResultAndTheImageAndNeedsNothingFromElsewhere) {
  const json document = explain({"-o", path("out"), toons_image("cat")});

  const std::string page = read_text(path("out/cat.cat.html"));
  EXPECT_TRUE(testing::is_page_of(page, document));
  const std::string picture = testing::payload_of(page).at("pictures").at("image");
  EXPECT_TRUE(picture.starts_with("data:image/png;base64,"));
  char logit[32];
  std::snprintf(logit, sizeof logit, "%.6g", document.at("target").at("value").get<double>());
  EXPECT_TRUE(testing::contains(testing::tables_of(page), logit)) << logit;
}

}  // namespace explain_test
}  // namespace whyclip
