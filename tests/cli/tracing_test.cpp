// What `whyclip tracing` answers and writes, with a tiny checkpoint; one run with the embedded
// model, which takes seconds, stands apart by its suite's name.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/cli/command.h"
#include "tests/cli/npz.h"
#include "tests/support/page.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace tracing_test {

using nlohmann::json;
using testing::CommandTest;
using testing::kWrongUsage;
using testing::Ran;
using testing::refused;
using testing::toons_image;

constexpr double kLedgerTolerance = 1e-5;  // × (1 + |logit|), the project's promise

/// The tiny checkpoint on an image of its size: 16 patches, a joint space of 20.
class TracingCommand : public CommandTest {
 protected:
  TracingCommand() {
    testing::write_tiny_checkpoint(path("tiny"));
    image_ = draw("cat.png", 16, 16, [](int x, int y) {
      return std::array<int, 3>{16 * x, 255 - 8 * y, (x * y) % 256};
    });
  }

  Ran tracing(std::vector<std::string> options) const {
    const bool prompt = std::ranges::find(options, "-p") != options.end();
    std::vector<std::string> arguments{"tracing", "-q", "-m", path("tiny"), image_};
    if (!prompt) arguments.insert(arguments.end(), {"-t", "simple", "-c", "cat,dog,tree"});
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments);
  }
  Ran mended(std::vector<std::string> options) const {
    options.emplace_back("--mended-only");
    return tracing(options);
  }

 private:
  std::string image_;
};

double sum(const json& value) {
  if (value.is_number()) return value;
  double result = 0;
  for (const json& part : value) result += sum(part);
  return result;
}

/// The most characters in a line.
std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::size_t widest = 0;
  while (std::getline(lines, line)) {
    const auto columns = std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; });
    widest = std::max(widest, std::size_t(columns));
  }
  return widest;
}

TEST_F(TracingCommand, MendedContributionsAddUpToTheScore) {
  for (const std::vector<std::string>& target : {std::vector<std::string>{"--class", "cat"},
                                                 {"--class", "cat", "--versus", "dog"},
                                                 {"-p", "a cat on a dog"}}) {
    std::vector<std::string> options{"--json"};
    options.insert(options.end(), target.begin(), target.end());
    const Ran ran = mended(options);
    ASSERT_EQ(ran.status, 0) << ran.errors;
    const json document = ran.json();
    ASSERT_EQ(document.at("variants").size(), 1u);
    const json& variant = document.at("variants")[0];
    const json& map = variant.at("map");
    const double logit = document.at("target").at("value");
    const double tolerance = kLedgerTolerance * (1 + std::abs(logit));
    EXPECT_NEAR(sum(map.at("patches")) + map.at("class_token").get<double>() +
                    map.at("biases").get<double>(),
                logit, tolerance);
    EXPECT_NEAR(map.at("sum").get<double>(), logit, tolerance);
    EXPECT_NEAR(variant.at("value").get<double>(), logit, tolerance);
  }
}

TEST_F(TracingCommand, MendedOnlySaysNothingOfThePublishedOne) {
  const Ran ran = mended({"--class", "cat"});
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_NE(ran.output.find("mended"), std::string::npos);
  EXPECT_EQ(ran.output.find("published"), std::string::npos) << ran.output;
  const json document = mended({"--class", "cat", "--json"}).json();
  EXPECT_TRUE(document.at("departure").is_null());
  EXPECT_TRUE(document.at("layers")[0].at("published_float64").is_null());
}

TEST_F(TracingCommand, RefusesTooLittleMemoryWithTheWayOut) {
  EXPECT_TRUE(refused(tracing({"--class", "cat", "--memory", "0.0002", "-o", path("out")}),
                      {"tracing", "17 tokens", "1 MB allowed", "mended"}));
  EXPECT_EQ(files_in("out"), std::vector<std::string>{});
  EXPECT_EQ(mended({"--class", "cat", "--memory", "0.0002"}).status, 0);
}

TEST_F(TracingCommand, MendedInLittleMemoryPrintsTheSame) {
  EXPECT_EQ(mended({"--class", "cat", "--memory", "0.0001"}).output,
            mended({"--class", "cat"}).output);
}

TEST_F(TracingCommand, RefusesAWrongCommandLine) {
  EXPECT_TRUE(refused(mended({"--tolerance", "0"}), {"--tolerance", "above 0"}, kWrongUsage));
  EXPECT_TRUE(refused(mended({"--memory", "-1"}), {"--memory", "above 0"}, kWrongUsage));
  EXPECT_TRUE(refused(mended({"--ablation"}), {"--ablation", "--mended-only"}, kWrongUsage));
  EXPECT_TRUE(refused(run({"tracing"}), {"image"}, kWrongUsage));
  EXPECT_TRUE(refused(mended({"--class", "unicorn"}), {"unicorn", "cat"}));
  EXPECT_TRUE(refused(run({"tracing", "-q", path("none.png")}), {"none.png"}));
}

TEST_F(TracingCommand, LeavesNoFileBehindIfOneCannotBeWritten) {
  std::filesystem::create_directories(path("out/cat.cat.tracing.html"));
  EXPECT_TRUE(refused(mended({"--class", "cat", "-o", path("out")}), {"tracing.html"}));
  EXPECT_EQ(files_in("out"), (std::vector<std::string>{"cat.cat.tracing.html"}));
}

TEST_F(TracingCommand, WritesVectorsThatAddUpToTheEmbedding) {
  const Ran ran = mended({"--class", "cat", "-o", path("out"), "--json"});
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.cat.tracing.html", "cat.cat.tracing.json",
                                      "cat.cat.tracing.mended.png", "cat.cat.tracing.npz"}));
  EXPECT_EQ(read_text(path("out/cat.cat.tracing.json")), ran.output);
  const auto arrays = testing::read_npz(path("out/cat.cat.tracing.npz"));
  const auto& vectors = arrays.at("mended");
  const auto& embedding = arrays.at("embedding");
  const std::size_t width = embedding.values.size();
  EXPECT_EQ(vectors.values.size(), 18 * width);  // 16 patches, class token, biases
  for (std::size_t i = 0; i < width; ++i) {
    double all = 0;
    for (std::size_t c = 0; c < 18; ++c) all += double(vectors.values[c * width + i]);
    EXPECT_NEAR(all, double(embedding.values[i]), 1e-4) << i;
  }
}

TEST_F(TracingCommand, TellsOfThePublishedOneWhereItDepartsAndOfEverySettingOfItsRules) {
  const Ran ran = tracing({"--class", "cat", "--ablation"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_NE(ran.output.find("first departure at vision.blocks.0."), std::string::npos);
  const std::string table = ran.output.substr(ran.output.find("\nproduct"));
  EXPECT_LE(widest_line(table), 80u) << table;
  EXPECT_EQ(std::ranges::count(table, '\n'), 23);  // an empty line, heading, 20 settings, a note
  EXPECT_NE(table.find("half-split all mended"), std::string::npos) << table;
  EXPECT_NE(table.find("1.0000  1.000"), std::string::npos) << table;

  const json settings = tracing({"--class", "cat", "--ablation", "--json"}).json().at("ablations");
  ASSERT_EQ(settings.size(), 20u);
  EXPECT_EQ(settings[0].at("product"), "full");
  EXPECT_EQ(settings[0].at("small_ratio"), 0.01);
  EXPECT_GT(settings[0].at("closeness").at("distance").get<double>(), 0.1);
  EXPECT_LE(settings[19].at("closeness").at("distance").get<double>(), 1e-9);
  EXPECT_EQ(settings[19].at("first_departure"), "");
}

TEST_F(TracingCommand, AToleranceThatNothingExceedsLeavesNoDeparture) {
  const Ran ran = tracing({"--class", "cat", "--tolerance", "1e9"});
  EXPECT_NE(ran.output.find("departs nowhere"), std::string::npos) << ran.output;
}

/// The embedded model, by all three tracings.
class ToonsTracingCommand : public CommandTest {};

TEST_F(ToonsTracingCommand, TellsTablesDepartureAndFilesInEightyColumns) {
  const Ran ran = run({"tracing", "-q", "-t", "simple", toons_image("cat"), "--class", "cat",
                       "--versus", "dog", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  const std::string& text = ran.output;
  for (const char* part : {"published, float32", "published, float64", "mended", "block 4",
                           "first departure at vision.blocks.0.scores (attention_scores)",
                           "float32 and in float64", "144 patches", "their logit"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const std::string tables = text.substr(0, text.find("first departure"));
  EXPECT_LE(widest_line(tables), 80u) << tables;
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.cat-dog.tracing.html", "cat.cat-dog.tracing.json",
                                      "cat.cat-dog.tracing.mended.png", "cat.cat-dog.tracing.npz",
                                      "cat.cat-dog.tracing.published.png"}));
  const std::string page = read_text(path("out/cat.cat-dog.tracing.html"));
  const json document = json::parse(read_text(path("out/cat.cat-dog.tracing.json")));
  EXPECT_TRUE(testing::is_page_of(page, document));
  EXPECT_EQ(document.at("departure").at("step").at("trace_point"), "vision.blocks.0.scores");
  EXPECT_EQ(document.at("layers").size(), 8u);  // ln_pre, five blocks, pooled, embedding
  const json& last = document.at("layers").back();
  EXPECT_LT(last.at("published_float64").at("cosine").get<double>(), 0.9);
  EXPECT_LE(last.at("mended").at("distance").get<double>(), 1e-9);
  EXPECT_GT(last.at("float32_against_float64").at("distance").get<double>(), 0.05);
  EXPECT_EQ(document.at("variants").size(), 3u);
  EXPECT_EQ(document.at("variants")[1].at("map").at("patches").size(), 144u);
}

}  // namespace tracing_test
}  // namespace whyclip
