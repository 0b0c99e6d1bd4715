#include "whyclip/heads.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/attribution/head_words.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;

/// Drawings of the shipped set.
std::vector<ImageSource> drawings(int count) {
  std::vector<ImageSource> sources;
  for (int i = 0; i < count; ++i) {
    const auto file =
        testing::repository_file("datasets/toons/pictures/00" + std::to_string(i) + ".webp");
    sources.push_back({file.filename().string(), [file](auto&) { return read_image(file); }});
  }
  return sources;
}

class Heads : public ::testing::Test {
 protected:
  static const DescribedHeads& result() {
    static const DescribedHeads e =
        heads(Clip::embedded(), drawings(4),
              {.words = {.words = {"cat", "dog", "tree", "house"}}, .blocks = 1, .texts = 2});
    return e;
  }
};

TEST_F(Heads, HaveTheWordsOfTextSpan) {
  const Clip clip = Clip::embedded();
  HeadOutputs outputs(1);
  for (const ImageSource& source : drawings(4)) {
    std::vector<std::string> warnings;
    outputs.add(RecordedImage(clip, clip.prepare(source.read(warnings))));
  }
  const WordTexts words = embed_words(clip, {"cat", "dog", "tree", "house"}, bare_template());
  const std::vector<HeadWords> expected = head_words(outputs, words, {.texts = 2});
  ASSERT_EQ(result().heads.size(), expected.size());
  for (std::size_t h = 0; h < expected.size(); ++h) {
    EXPECT_EQ(result().heads[h].variance, expected[h].span.variance);
    ASSERT_EQ(result().heads[h].words.size(), expected[h].span.texts.size());
    EXPECT_EQ(result().heads[h].words[0].word, words.words[expected[h].span.texts[0].text]);
  }
  EXPECT_EQ(result().images, 4);
  EXPECT_EQ(result().vocabulary, 4);
}

TEST_F(Heads, CanBeOneHead) {
  const DescribedHeads e = heads(Clip::embedded(), drawings(3), {.block = 4, .head = 2});
  ASSERT_EQ(e.heads.size(), 1U);
  EXPECT_EQ(e.heads[0].name(), "4.2");
  EXPECT_TRUE(mentions(e.headline, {"does head 4.2"}));
  EXPECT_TRUE(
      mentions(error_of([] { heads(Clip::embedded(), drawings(3), {.block = 9, .head = 0}); }),
               {"head", "9.0"}));
}

TEST_F(Heads, NameImagesThatCannotBeRead) {
  std::vector<ImageSource> images = drawings(2);
  images.push_back({"bad.png", [](auto&) -> Image { throw Error("bad.png", "is broken"); }});
  const DescribedHeads e = heads(Clip::embedded(), images, {.blocks = 1});
  ASSERT_EQ(e.skipped.size(), 1U);
  EXPECT_EQ(e.skipped[0].reason, "is broken");
  images.erase(images.begin());
  EXPECT_TRUE(mentions(error_of([&] { heads(Clip::embedded(), images, {.blocks = 1}); }),
                       {"at least two", "got 1", "bad.png"}));
}

TEST_F(Heads, AreOfTheImagesBeforeAnInterruption) {
  const auto stop = [](std::string_view stage, std::int64_t done, std::int64_t) {
    return stage != "images" || done < 3;
  };
  const DescribedHeads e = heads(Clip::embedded(), drawings(4), {.blocks = 1, .progress = stop});
  EXPECT_TRUE(e.interrupted);
  EXPECT_EQ(e.images, 3);
  EXPECT_THROW(heads(Clip::embedded(), drawings(4), {.progress = [](auto...) { return false; }}),
               Cancelled);
}

TEST_F(Heads, JsonLosesNothing) {
  const std::string text = to_json(result());
  EXPECT_EQ(to_json(heads_from_json(text)), text);
  EXPECT_TRUE(to_json(result(), -1).starts_with(R"({"format":"whyclip heads 1",)"));
}

TEST_F(Heads, CutOffJsonIsRefusedByName) {
  const std::string text = to_json(result());
  EXPECT_TRUE(
      mentions(error_of([&] { heads_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace
}  // namespace whyclip
