#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace {

using testing::drawn;
using testing::error_of;
using testing::mentions;
using testing::names_of;
using Rows = std::vector<std::string>;

class Yolo : public ::testing::Test {
 protected:
  Yolo() {
    folder_.pictures({"images/val/a.jpg"});
    folder_.write("data.yaml", "path: .\nnames:\n  0: cat\n  1: dog\n");
  }
  Dataset open(const DatasetOptions& options = {}) { return open_dataset(folder_.path(), options); }
  GroundTruth truth_of(const std::string& labels) {
    folder_.write("labels/val/a.txt", labels);
    return open().truth(0, 4, 4);
  }
  std::string refusal(const std::string& labels) {
    return error_of([&] { truth_of(labels); });
  }
  testing::SetFolder folder_;
};

TEST_F(Yolo, ReadsPolygons) {
  const GroundTruth truth = truth_of("1 0.25 0.25 1 0.25 1 0.75 0.25 0.75\n");

  EXPECT_EQ(names_of(truth), "dog");
  EXPECT_EQ(drawn(truth.things[0].inside, 4), (Rows{"....", ".###", ".###", "...."}));
  EXPECT_TRUE(truth.ignored.empty());
}

TEST_F(Yolo, ReadsABoxAsARectangle) {
  // Its centre, then its width and height.
  EXPECT_EQ(drawn(truth_of("0 0.5 0.75 1 0.5").things[0].inside, 4),
            (Rows{"....", "....", "####", "####"}));
}

TEST_F(Yolo, JoinsTheThingsOfAClass) {
  const GroundTruth truth =
      truth_of("1 0.875 0.5 0.25 1\r\n0 0.125 0.125 0.25 0.25\r\n\r\n1 0.125 0.5 0.25 1\r\n");

  EXPECT_EQ(names_of(truth), "cat dog");
  EXPECT_EQ(drawn(truth.things[0].inside, 4), (Rows{"#...", "....", "....", "...."}));
  EXPECT_EQ(drawn(truth.things[1].inside, 4), (Rows{"#..#", "#..#", "#..#", "#..#"}));
}

TEST_F(Yolo, IsRecognised) {
  folder_.write("labels/val/a.txt", "0 0.5 0.5 1 1");

  EXPECT_EQ(open().format(), DatasetFormat::kYolo);
  EXPECT_EQ(open().classes(), (Rows{"cat", "dog"}));
  EXPECT_EQ(open_dataset(folder_.path() / "data.yaml").format(), DatasetFormat::kYolo);
  EXPECT_EQ(open().pictures()[0].name, "images/val/a.jpg");
}

TEST_F(Yolo, ReadsClassesTextFromZero) {
  const testing::SetFolder folder;
  folder.pictures({"a.jpg"});
  folder.write("labels/a.txt", "1 0.5 0.5 1 1");
  folder.write("classes.txt", "cat\ndog\n");
  const Dataset set = open_dataset(folder.path());

  EXPECT_EQ(set.format(), DatasetFormat::kYolo);
  EXPECT_EQ(names_of(set.truth(0, 2, 2)), "dog");
}

TEST_F(Yolo, DoesNotTakeCaptionsBesidePicturesForLabelsUnlessTold) {
  const testing::SetFolder folder;
  folder.pictures({"a.jpg"});
  folder.write("a.txt", "0 0.5 0.5 1 1");
  folder.write("classes.txt", "cat\n");

  EXPECT_EQ(open_dataset(folder.path()).format(), DatasetFormat::kPictures);
  EXPECT_EQ(names_of(open_dataset(folder.path(), {.format = DatasetFormat::kYolo}).truth(0, 2, 2)),
            "cat");
}

TEST_F(Yolo, RefusesASetWithoutNames) {
  const testing::SetFolder folder;
  folder.pictures({"a.jpg"});
  folder.write("labels/a.txt", "1 0.5 0.5 1 1");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.path()); }),
                       {"data.yaml", "classes.txt", "class 0 first"}));
}

TEST_F(Yolo, TakesOneSplitOnly) {
  folder_.pictures({"images/train/b.jpg"});

  EXPECT_EQ(open().pictures().size(), 2u);
  EXPECT_EQ(open({.split = "train"}).pictures()[0].name, "images/train/b.jpg");
  EXPECT_EQ(open({.split = "train"}).pictures().size(), 1u);
  EXPECT_TRUE(mentions(error_of([&] { open({.split = "test"}); }), {"no picture", "\"test\""}));
}

TEST_F(Yolo, NamesThePictureWithoutLabels) {
  EXPECT_TRUE(mentions(error_of([&] { open().truth(0, 4, 4); }),
                       {"images/val/a.jpg", "no mask", "labels/val/a.txt"}));
}

TEST_F(Yolo, RefusesAnEmptyFile) {
  EXPECT_TRUE(mentions(refusal(""), {"labels/val/a.txt", "no thing is marked"}));
}

TEST_F(Yolo, LeavesOutAThingThatCoversNoPixelsCentre) {
  EXPECT_EQ(names_of(truth_of("0 0.5 0.5 0.1 0.1\n1 0.5 0.5 1 1\n")), "dog");
  EXPECT_TRUE(mentions(refusal("0 0.5 0.5 0.1 0.1\n"), {"a.txt", "no thing is marked"}));
}

TEST_F(Yolo, NamesTheLineOfAnUnknownClass) {
  for (const char* number : {"2", "-1", "0.5", "nan", "1e99"}) {
    EXPECT_TRUE(mentions(refusal("0 0.5 0.5 1 1\n" + std::string(number) + " 0.5 0.5 1 1"),
                         {"a.txt: line 2", "class from 0 to 1"}))
        << number;
  }
}

TEST_F(Yolo, NamesTheLineOfAPolygonThatIsNone) {
  EXPECT_TRUE(mentions(refusal("0 0.1 0.1"), {"line 1", "at least 3 points", "got 1"}));
  EXPECT_TRUE(mentions(refusal("0"), {"line 1", "at least 3 points", "got 0"}));
  EXPECT_TRUE(mentions(refusal("0 0 0 1 0 1 1 0"), {"line 1", "left over"}));
  EXPECT_TRUE(mentions(refusal("0 0 0 1 0 1 nan"), {"line 1", "y nan"}));
  EXPECT_TRUE(mentions(refusal("0 0 0 320 0 320 240"), {"line 1", "x 1280", "4 × 4"}));
}

TEST_F(Yolo, NamesTheLineOfWhatIsNoNumber) {
  EXPECT_TRUE(mentions(refusal("0 0.5 x.5 1 1"), {"line 1", "\"x.5\""}));
  EXPECT_TRUE(mentions(refusal("cat 0.5 0.5 1 1"), {"line 1", "\"cat\""}));
  EXPECT_TRUE(mentions(refusal("0,0.5,0.5,1,1"), {"line 1", "blanks between them"}));
}

}  // namespace
}  // namespace whyclip
