// What `whyclip heads` answers and writes.

#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace heads_test {

using nlohmann::json;
using testing::CommandTest;
using testing::contains;
using testing::is_page_of;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class HeadsCommand : public CommandTest {
 protected:
  Ran heads(std::vector<std::string> options) const {
    options.insert(options.begin(), {"heads", "-q", drawings()});
    return run(options);
  }
  json heads_json(std::vector<std::string> options) const {
    options.push_back("--json");
    const Ran ran = heads(options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
  static std::string drawings() { return testing::repository_file("bench/drawings").string(); }
};

TEST_F(HeadsCommand, ExplainsThePartOfTheVarianceThatItSays) {
  const json document = heads_json({});
  EXPECT_EQ(document.at("images"), 64);
  ASSERT_EQ(document.at("heads").size(), 16u);  // 4 blocks of 4
  EXPECT_EQ(document.at("heads")[0].at("block"), 1);
  EXPECT_EQ(document.at("heads")[15].at("block"), 4);
  for (const json& head : document.at("heads")) {
    double sum = 0;
    for (const json& word : head.at("words")) {
      EXPECT_GT(word.at("explained").get<double>(), 0);
      sum += word.at("explained").get<double>();
    }
    EXPECT_EQ(head.at("words").size(), 5u);
    EXPECT_NEAR(sum, head.at("explained").get<double>(), 1e-12);
    EXPECT_LE(sum, 1 + 1e-9);
    EXPECT_GT(head.at("variance").get<double>(), 0);
    EXPECT_EQ(head.at("rank"), 32);  // as many as a head has channels
  }
}

TEST_F(HeadsCommand, ExplainsEverythingWithAsManyWordsAsAHeadHasDimensions) {
  const json head = heads_json({"--head", "4.2", "--texts", "99"}).at("heads")[0];
  EXPECT_EQ(head.at("block"), 4);
  EXPECT_EQ(head.at("head"), 2);
  EXPECT_LE(head.at("words").size(), 32u);
  EXPECT_NEAR(head.at("explained").get<double>(), 1, 1e-6);
}

TEST_F(HeadsCommand, OneHeadHasTheSameWordsAloneAndAmongAll) {
  const json all = heads_json({"--layers", "2"}), one = heads_json({"--head", "3.1"});
  ASSERT_EQ(all.at("heads").size(), 8u);
  EXPECT_EQ(one.at("heads")[0], all.at("heads")[1]);
}

TEST_F(HeadsCommand, PrintsAListThatSaysHowFewTheImagesAre) {
  const Ran ran = run({"heads", "-q", toons_image("cat"), toons_image("sketch_dog"),
                       toons_image("cat_and_dog"), "--layers", "1"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.errors, "");
  for (const char* part : {"What do 4 heads write into", "3 images", "are few for heads of 32",
                           "variance", "together", "4.0", "4.3", " %"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part;
  }
}

TEST_F(HeadsCommand, WritesThePageAndTheJson) {
  const std::string words = write("words.txt", "a <b>cat</b>\ndog\ntree\n");
  const std::vector<std::string> options{"--words", words, "--layers", "1"};
  std::vector<std::string> with_out = options;
  with_out.insert(with_out.end(), {"-o", path("out")});
  const Ran ran = heads(with_out);
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"), (std::vector<std::string>{"heads.html", "heads.json"}));
  const std::string page = read_text(path("out/heads.html"));
  const json document = json::parse(read_text(path("out/heads.json")));
  EXPECT_TRUE(is_page_of(page, document));
  EXPECT_FALSE(contains(page, "<b>cat"));
  EXPECT_TRUE(contains(page, "\\u003cb>cat"));  // a word of a head, in the payload
  EXPECT_EQ(document, heads_json(options));
}

TEST_F(HeadsCommand, LeavesOutImagesThatCannotBeRead) {
  const Ran ran = run({"heads", "-q", toons_image("cat"), write("broken.png", "no image"),
                       toons_image("sketch_dog"), "--layers", "1", "--json"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.errors.find("broken.png"), std::string::npos);
  EXPECT_EQ(ran.json().at("images"), 2);
  EXPECT_NE(ran.json().at("notes").dump().find("1 image could not be read"), std::string::npos);
}

TEST_F(HeadsCommand, RefusesWhatHasNoMeaning) {
  EXPECT_TRUE(refused(heads({"--head", "5.0"}), {"head", "blocks 0 to 4", "5.0"}));
  for (const char* wrong : {"3", "3.", ".1", "3.1x", "a.b"}) {
    EXPECT_TRUE(refused(heads({"--head", wrong}), {"--head", "BLOCK.HEAD", wrong})) << wrong;
  }
  EXPECT_TRUE(refused(heads({"--head", "3.1", "--layers", "2"}), {"--head", "--layers"},
                      testing::kWrongUsage));
  EXPECT_TRUE(refused(run({"heads", "-q", toons_image("cat")}), {"images", "at least two"}));
  EXPECT_TRUE(
      refused(run({"heads", "-q", toons_image("cat"), toons_image("cat")}), {"do not differ"}));
}

}  // namespace heads_test
}  // namespace whyclip
