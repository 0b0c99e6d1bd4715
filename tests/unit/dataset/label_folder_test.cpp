#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace label_folder_test {

using testing::drawn;
using testing::error_of;
using testing::mentions;
using testing::names_of;
using testing::remarks_of;
using Rows = std::vector<std::string>;

class LabelFolder : public ::testing::Test {
 protected:
  Dataset open(const DatasetOptions& options = {}) { return open_dataset(folder_.path(), options); }
  /// The annotation of the first image, which is 4 × 1.
  ImageAnnotation annotation() { return open().annotation(0, 4, 1); }
  std::string refusal() {
    return error_of([&] { annotation(); });
  }
  testing::SetFolder folder_;
};

TEST_F(LabelFolder, FindsTheMaskAtEveryCommonPath) {
  const std::pair<const char*, const char*> positions[] = {
      {"a.jpg", "a.mask.png"},
      {"a.png", "a_mask.png"},
      {"a.webp", "a.labels.png"},
      {"a.JPEG", "masks/a.png"},
      {"a.jpg", "labels/a.png"},
      {"a.jpg", "annotations/a.png"},
      {"x/a.jpg", "x/masks/a.png"},
      {"x/a.jpg", "masks/x/a.png"},
      {"images/x/a.jpg", "masks/x/a.png"},
      {"val/images/a.jpg", "val/labels/a.png"},
      {"JPEGImages/a.jpg", "SegmentationClass/a.png"},
  };
  for (const auto& [image, mask] : positions) {
    const testing::SetFolder folder;
    folder.images({image});
    folder.grey(mask, {"0110"});
    const Dataset set = open_dataset(folder.path());

    EXPECT_EQ(set.format(), DatasetFormat::kLabelImages) << mask;
    ASSERT_EQ(set.images().size(), 1u) << mask;
    EXPECT_EQ(set.images()[0].name, image);
    EXPECT_EQ(drawn(set.annotation(0, 4, 1).things.at(0).inside, 4), (Rows{".##."})) << mask;
  }
}

TEST_F(LabelFolder, NamesASingleThingByItsSubFolder) {
  folder_.images({"cat/a.jpg", "images/b.jpg", "train/dog/images/c.jpg"});
  folder_.grey("cat/a.mask.png", {"0v"});
  folder_.grey("images/b.mask.png", {"01"});
  folder_.grey("train/dog/images/c.mask.png", {"11"});
  const Dataset set = open();

  EXPECT_EQ(names_of(set.annotation(0, 2, 1)), "cat");
  EXPECT_EQ(names_of(set.annotation(1, 2, 1)), "object");
  EXPECT_EQ(names_of(set.annotation(2, 2, 1)), "dog");
  EXPECT_EQ(set.images()[0].target_class, "");
}

TEST_F(LabelFolder, TakesTheTargetClassFromTheSubFolderOnRequest) {
  folder_.images({"cat/a.jpg"});
  folder_.grey("cat/a.mask.png", {"0v"});

  EXPECT_EQ(open({.target_from_folders = true}).images()[0].target_class, "cat");
}

TEST_F(LabelFolder, NamesLabelsByTheFile) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"0727"});
  folder_.write("labels.txt", "2 cat\n7 dog\n9 bird\n");

  EXPECT_EQ(open().classes(), (Rows{"cat", "dog", "bird"}));
  EXPECT_EQ(names_of(annotation()), "cat dog");
  EXPECT_EQ(drawn(annotation().things[1].inside, 4), (Rows{".#.#"}));
}

TEST_F(LabelFolder, NamesLabelsByTheirNumbersWithoutAFile) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"0727"});

  EXPECT_EQ(names_of(annotation()), "2 7");
}

TEST_F(LabelFolder, IgnoresVoidBesideOtherLabels) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"07v7"});

  EXPECT_EQ(names_of(annotation()), "7");
  EXPECT_EQ(drawn(annotation().ignored, 4), (Rows{"..#."}));
}

TEST_F(LabelFolder, IgnoresVoidUnlessTheFileNamesIt) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"07v7"});
  folder_.write("labels.txt", "7 dog\n");
  EXPECT_EQ(names_of(annotation()), "dog");
  EXPECT_EQ(drawn(annotation().ignored, 4), (Rows{"..#."}));

  folder_.write("labels.txt", "7 dog\n255 cat\n");
  EXPECT_EQ(names_of(annotation()), "dog cat");
  EXPECT_TRUE(annotation().ignored.empty());
}

TEST_F(LabelFolder, ReadsTheIndicesOfAPalette) {
  folder_.images({"a.jpg"});
  folder_.palette("masks/a.png", {"033v"});

  EXPECT_EQ(names_of(annotation()), "3");
  EXPECT_EQ(drawn(annotation().ignored, 4), (Rows{"...#"}));
}

TEST_F(LabelFolder, ReadsPascalsColoursAsNumbers) {
  folder_.images({"a.jpg"});
  // Its map gives aeroplane 128 0 0, bicycle 0 128 0, dog (12) 64 0 128, void 224 224 192.
  folder_.colours("masks/a.png", {0x000000, 0x008000, 0x400080, 0xe0e0c0});
  folder_.write("labels.txt", "1 aeroplane\n2 bicycle\n12 dog\n");

  EXPECT_EQ(names_of(annotation()), "bicycle dog");
  EXPECT_EQ(drawn(annotation().ignored, 4), (Rows{"...#"}));
}

TEST_F(LabelFolder, ReadsGreyMasksStoredAsColours) {
  folder_.images({"a.jpg"});
  folder_.colours("masks/a.png", {0, 0x010101, 0x020202, 0x020202});
  EXPECT_EQ(names_of(annotation()), "1 2");

  folder_.colours("masks/a.png", {0, 0xffffff, 0xffffff, 0});
  EXPECT_EQ(names_of(annotation()), "object");
}

TEST_F(LabelFolder, KeepsOtherColours) {
  folder_.images({"a.jpg"});
  folder_.colours("masks/a.png", {0, 0xff0000, 0x12ff34, 0});
  EXPECT_EQ(names_of(annotation()), "#12ff34 #ff0000");

  folder_.colours("masks/a.png", {0, 0xff0000, 0xff0000, 0});
  EXPECT_EQ(names_of(annotation()), "object");
}

TEST_F(LabelFolder, NamesColoursByTheFile) {
  folder_.images({"a.jpg"});
  folder_.colours("masks/a.png", {0, 0x800000, 0x008000, 0});
  folder_.write("classes.txt", "#800000 cat\n#008000 dog\n");

  EXPECT_EQ(names_of(annotation()), "dog cat");  // by rising colour
}

TEST_F(LabelFolder, RefusesNumbersWhereTheFileNamesColours) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"0110"});
  folder_.write("labels.txt", "#800000 cat\n");

  EXPECT_TRUE(mentions(refusal(), {"masks/a.png", "names colours", "labels are numbers"}));
}

TEST_F(LabelFolder, RefusesALabelThatTheFileDoesNotName) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"0130"});
  folder_.write("labels.txt", "1 cat\n");

  EXPECT_TRUE(mentions(refusal(), {"masks/a.png", "label 3", "x 2, y 0"}));
}

TEST_F(LabelFolder, ReadsNoThingsFromAnEmptyMask) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"0000"});

  EXPECT_EQ(names_of(annotation()), "");
}

TEST_F(LabelFolder, RefusesAMaskThatHasVoidOnly) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"0vv0"});
  folder_.write("labels.txt", "1 cat\n");

  EXPECT_TRUE(mentions(refusal(), {"masks/a.png", "255 only", "name label 255"}));
}

TEST_F(LabelFolder, RefusesAMaskOfAnotherSize) {
  folder_.images({"a.jpg"});
  folder_.grey("masks/a.png", {"01100"});

  EXPECT_TRUE(mentions(refusal(), {"masks/a.png", "4 × 1", "got 5 × 1"}));
}

TEST_F(LabelFolder, RefusesABlurredMask) {
  folder_.images({"a.jpg"});
  std::vector<int> row;
  for (int i = 0; i < 66; ++i) row.push_back(i * 0x010101);
  folder_.colours("masks/a.png", row);

  EXPECT_TRUE(mentions(error_of([&] { open().annotation(0, 66, 1); }),
                       {"masks/a.png", "65 different labels", "blurred the mask"}));
}

TEST_F(LabelFolder, NamesTheImageWithoutMaskAndTheSearchedPaths) {
  folder_.images({"a.jpg", "b.jpg"});
  folder_.grey("masks/b.png", {"0110"});
  const Dataset set = open();

  EXPECT_FALSE(set.images()[0].has_mask);
  EXPECT_TRUE(set.images()[1].has_mask);
  EXPECT_TRUE(mentions(error_of([&] { set.annotation(0, 4, 1); }),
                       {"a.jpg", "no mask", "a.mask.png", "masks/a.png", "annotations/a.png"}));
}

TEST_F(LabelFolder, SkipsAnImageWithTwoMasks) {
  folder_.images({"a.jpg", "b.jpg"});
  folder_.grey("masks/a.png", {"0110"});
  folder_.grey("a.mask.png", {"0110"});
  folder_.grey("masks/b.png", {"0110"});
  const Dataset set = open();

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "b.jpg");
  EXPECT_EQ(remarks_of(set),
            "images skipped: they have two masks; remove one (1): a.jpg: a.mask.png, "
            "masks/a.png");
}

TEST_F(LabelFolder, SkipsTwoImagesWithTheSameMask) {
  folder_.images({"a.jpg", "a.webp", "b.jpg"});
  folder_.grey("masks/a.png", {"0110"});
  folder_.grey("masks/b.png", {"0110"});
  const Dataset set = open();

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "b.jpg");
  EXPECT_TRUE(mentions(remarks_of(set), {"(2)", "masks/a.png belongs to a.jpg and a.webp"}));
}

TEST_F(LabelFolder, ReadsOneSplitOnly) {
  folder_.images({"images/train/a.jpg", "images/val/b.jpg"});
  folder_.grey("masks/val/b.png", {"0110"});
  const Dataset set = open({.split = "val"});

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "images/val/b.jpg");
  EXPECT_EQ(names_of(set.annotation(0, 4, 1)), "object");
}

TEST_F(LabelFolder, RefusesAFolderWithoutMasksIfMasksAreRequested) {
  folder_.images({"a.jpg"});

  EXPECT_TRUE(mentions(error_of([&] { open({.format = DatasetFormat::kLabelImages}); }),
                       {"no image has a mask", "masks/a.png"}));
}

TEST_F(LabelFolder, RefusesATruncatedMask) {
  folder_.images({"a.jpg"});
  folder_.write("masks/a.png", "\x89PNG\r\n\x1a\n\0\0");

  EXPECT_TRUE(mentions(refusal(), {"masks/a.png", "PNG"}));
}

}  // namespace label_folder_test
}  // namespace whyclip
