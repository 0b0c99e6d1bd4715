// What `whyclip concepts` answers and writes.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/command.h"
#include "tests/support/page.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace concepts_test {

using nlohmann::json;
using testing::CommandTest;
using testing::contains;
using testing::is_page_of;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class ConceptsCommand : public CommandTest {
 protected:
  Ran concepts(std::vector<std::string> options) const {
    options.insert(options.begin(), {"concepts", "-q", toons_image("cat_and_dog")});
    return run(options);
  }
  json concepts_json(std::vector<std::string> options) const {
    options.push_back("--json");
    const Ran ran = concepts(options);
    EXPECT_EQ(ran.status, 0) << ran.errors;
    return ran.json();
  }
};

TEST_F(ConceptsCommand, NamesWhatIsOnTheDrawing) {
  const json document = concepts_json({});
  EXPECT_EQ(document.at("words")[0].at("word"), "orange cat");
  EXPECT_NE(document.at("words").dump().find("brown dog"), std::string::npos);
  EXPECT_EQ(document.at("format"), "whyclip concepts 1");
  EXPECT_EQ(document.at("penalty"), 0.125);
  EXPECT_EQ(document.at("mean"), "the mean of 64 drawings of the embedded model's world");
  EXPECT_GT(document.at("cosine").get<double>(), 0.5);
  double before = 1e9;  // the heaviest first
  for (const json& word : document.at("words")) {
    EXPECT_GT(word.at("weight").get<double>(), 0);
    EXPECT_LE(word.at("weight").get<double>(), before);
    before = word.at("weight").get<double>();
  }
  EXPECT_TRUE(document.at("target").is_null());
  EXPECT_TRUE(document.at("score").is_null());
}

TEST_F(ConceptsCommand, ContributionsOutAScore) {
  const json document = concepts_json({"--class", "cat", "--versus", "dog", "-t", "simple"});
  const json& target = document.at("score");
  double words = 0;
  for (const json& word : document.at("words")) words += word.at("contribution").get<double>();
  EXPECT_NEAR(words, target.at("words").get<double>(), 1e-10);
  EXPECT_NEAR(words + target.at("mean").get<double>() + target.at("rest").get<double>(),
              target.at("value").get<double>(), 1e-10);
  const json inspected = run({"inspect", "-q", "-t", "simple", "--json", "--class", "cat",
                              "--versus", "dog", toons_image("cat_and_dog")})
                             .json();
  EXPECT_NEAR(target.at("value").get<double>(), inspected.at("target").at("value").get<double>(),
              1e-5);  // float32
}

TEST_F(ConceptsCommand, TakesWordsTemplatesAndTheMeanOfImages) {
  const json document = concepts_json({"--words", write("words.txt", "# pets\ncat\ndog\ntree\n"),
                                       "--word-templates", "simple", "--mean", toons_image("cat"),
                                       "--mean", toons_image("sketch_dog"), "--l1", "0.01"});
  EXPECT_EQ(document.at("vocabulary"), 3);
  EXPECT_EQ(document.at("mean"), "the mean of 2 images");
  EXPECT_NE(document.at("settings").dump().find(R"(["templates of the words","simple"])"),
            std::string::npos);
  EXPECT_EQ(concepts_json({"--mean", "none"}).at("mean"), "nothing (none)");
}

TEST_F(ConceptsCommand, PrintsATableThatSaysWhatEmbeddingsAreCentredBy) {
  const Ran ran = concepts({"--class", "dog", "--top", "2"});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.errors, "");
  for (const char* part : {"Which words make up the embedding of cat_and_dog", "weight", "cosine",
                           "contribution", "brown dog", "more words", "what no word says",
                           "the mean", "sum", "centred by the mean of 64 drawings"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part;
  }
}

TEST_F(ConceptsCommand, SaysThatNoWordIsChosenAndWhatToDo) {
  const Ran ran = concepts({"--l1", "3"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_NE(ran.output.find("No word is chosen"), std::string::npos);
  EXPECT_NE(ran.output.find("--l1 "), std::string::npos);
}

TEST_F(ConceptsCommand, WritesThePageAndTheJson) {
  const std::string words = write("words.txt", "a <b>cat</b>\ndog\ntree\nsmall\n");
  const Ran ran = concepts({"--words", words, "--l1", "0.01", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat_and_dog.concepts.html", "cat_and_dog.concepts.json"}));
  const std::string page = read_text(path("out/cat_and_dog.concepts.html"));
  const json document = json::parse(read_text(path("out/cat_and_dog.concepts.json")));
  EXPECT_TRUE(is_page_of(page, document));
  EXPECT_FALSE(contains(page, "<b>cat"));
  EXPECT_TRUE(contains(testing::tables_of(page), "<td>dog</td>"));
  EXPECT_EQ(document, concepts_json({"--words", words, "--l1", "0.01"}));
}

TEST_F(ConceptsCommand, RefusesWhatHasNoMeaning) {
  EXPECT_TRUE(refused(concepts({"--l1", "0"}), {"--l1", "above 0"}, testing::kWrongUsage));
  EXPECT_TRUE(refused(concepts({"--words", write("one.txt", "cat\n")}), {"words", "at least two"}));
  const Ran twice = concepts({"--words", write("twice.txt", "cat\ncat\n")});
  EXPECT_EQ(twice.status, 1);
  EXPECT_TRUE(contains(twice.errors, "twice.txt] 1 word is there more than once"));
  EXPECT_TRUE(contains(twice.errors, "words] expected at least two"));
  EXPECT_TRUE(refused(concepts({"--words", path("nowhere.txt")}), {"nowhere.txt"}));
  EXPECT_TRUE(
      refused(concepts({"--mean", toons_image("cat_and_dog")}), {"image mean", "own embedding"}));
  EXPECT_TRUE(refused(concepts({"--word-templates", "imagnet"}), {"imagnet", "imagenet, simple"}));
  EXPECT_TRUE(refused(concepts({"--class", "cow"}), {"cow", "not among the classes"}));
}

}  // namespace concepts_test
}  // namespace whyclip
