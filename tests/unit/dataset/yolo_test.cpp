#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace yolo_test {

using testing::drawn;
using testing::error_of;
using testing::mentions;
using testing::names_of;
using testing::remarks_of;
using Rows = std::vector<std::string>;

class Yolo : public ::testing::Test {
 protected:
  Yolo() {
    folder_.images({"images/val/a.jpg"});
    folder_.write("data.yaml", "path: .\nnames:\n  0: cat\n  1: dog\n");
  }
  Dataset open(const DatasetOptions& options = {}) { return open_dataset(folder_.path(), options); }
  ImageAnnotation annotation_of(const std::string& labels) {
    folder_.write("labels/val/a.txt", labels);
    return open().annotation(0, 4, 4);
  }
  std::string refusal(const std::string& labels) {
    return error_of([&] { annotation_of(labels); });
  }
  testing::SetFolder folder_;
};

TEST_F(Yolo, ReadsPolygons) {
  const ImageAnnotation annotation = annotation_of("1 0.25 0.25 1 0.25 1 0.75 0.25 0.75\n");

  EXPECT_EQ(names_of(annotation), "dog");
  EXPECT_EQ(drawn(annotation.things[0].inside, 4), (Rows{"....", ".###", ".###", "...."}));
  EXPECT_TRUE(annotation.ignored.empty());
}

TEST_F(Yolo, ReadsABoxAsARectangle) {
  // Its centre, then its width and height.
  EXPECT_EQ(drawn(annotation_of("0 0.5 0.75 1 0.5").things[0].inside, 4),
            (Rows{"....", "....", "####", "####"}));
}

TEST_F(Yolo, JoinsTheThingsOfAClass) {
  const ImageAnnotation annotation =
      annotation_of("1 0.875 0.5 0.25 1\r\n0 0.125 0.125 0.25 0.25\r\n\r\n1 0.125 0.5 0.25 1\r\n");

  EXPECT_EQ(names_of(annotation), "cat dog");
  EXPECT_EQ(drawn(annotation.things[0].inside, 4), (Rows{"#...", "....", "....", "...."}));
  EXPECT_EQ(drawn(annotation.things[1].inside, 4), (Rows{"#..#", "#..#", "#..#", "#..#"}));
}

TEST_F(Yolo, IsRecognised) {
  folder_.write("labels/val/a.txt", "0 0.5 0.5 1 1");

  EXPECT_EQ(open().format(), DatasetFormat::kYolo);
  EXPECT_EQ(open().classes(), (Rows{"cat", "dog"}));
  EXPECT_EQ(open_dataset(folder_.path() / "data.yaml").format(), DatasetFormat::kYolo);
  EXPECT_EQ(open().images()[0].name, "images/val/a.jpg");
}

TEST_F(Yolo, ReadsClassesTextFromZero) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  folder.write("labels/a.txt", "1 0.5 0.5 1 1");
  folder.write("classes.txt", "cat\ndog\n");
  const Dataset set = open_dataset(folder.path());

  EXPECT_EQ(set.format(), DatasetFormat::kYolo);
  EXPECT_EQ(names_of(set.annotation(0, 2, 2)), "dog");
}

TEST_F(Yolo, ReadsTextsBesideImagesAsLabelsOnlyOnRequest) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  folder.write("a.txt", "0 0.5 0.5 1 1");
  folder.write("classes.txt", "cat\n");

  EXPECT_EQ(open_dataset(folder.path()).format(), DatasetFormat::kImages);
  EXPECT_EQ(
      names_of(open_dataset(folder.path(), {.format = DatasetFormat::kYolo}).annotation(0, 2, 2)),
      "cat");
}

TEST_F(Yolo, RefusesASetWithoutNames) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  folder.write("labels/a.txt", "1 0.5 0.5 1 1");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.path()); }),
                       {"data.yaml", "classes.txt", "class 0 first"}));
}

TEST_F(Yolo, ReadsOneSplitOnly) {
  folder_.images({"images/train/b.jpg"});

  EXPECT_EQ(open().images().size(), 2u);
  EXPECT_EQ(open({.split = "train"}).images()[0].name, "images/train/b.jpg");
  EXPECT_EQ(open({.split = "train"}).images().size(), 1u);
  EXPECT_TRUE(mentions(error_of([&] { open({.split = "test"}); }), {"no image", "\"test\""}));
}

TEST_F(Yolo, NamesTheImageWithoutLabels) {
  EXPECT_TRUE(mentions(error_of([&] { open().annotation(0, 4, 4); }),
                       {"images/val/a.jpg", "no mask", "labels/val/a.txt"}));
}

TEST_F(Yolo, ReadsNoThingsFromAnEmptyFile) {
  // Ultralytics: no label file and an empty one both mean a background image.
  for (const char* labels : {"", "\n", " \r\n\t\n", "# nothing here\n"}) {
    EXPECT_EQ(names_of(annotation_of(labels)), "") << labels;
  }
}

TEST_F(Yolo, SkipsAThingThatCoversNoPixelCentre) {
  EXPECT_EQ(names_of(annotation_of("0 0.5 0.5 0.1 0.1\n1 0.5 0.5 1 1\n")), "dog");
  EXPECT_EQ(names_of(annotation_of("0 0.5 0.5 0.1 0.1\n")), "");
}

TEST_F(Yolo, ReadsNumbersAsPythonDoes) {
  for (const char* labels : {"0.0 +5e-1\t0.75 1. .5",
                             "\xef\xbb\xbf"
                             "0 0.5 0.75 1 0.5",
                             "  0   0.5  0.75 1 0.5  # the cat", "0 0.5 0.75 1 0.5\r"}) {
    EXPECT_EQ(drawn(annotation_of(labels).things.at(0).inside, 4),
              (Rows{"....", "....", "####", "####"}))
        << labels;
  }
}

TEST_F(Yolo, ClipsABoxAtTheImageBorder) {
  // Ultralytics accepts a box with numbers up to 1.01 and clips it, wherever its edges are.
  EXPECT_EQ(drawn(annotation_of("0 1 0.25 1 0.5").things[0].inside, 4),
            (Rows{"..##", "..##", "....", "...."}));
  EXPECT_EQ(drawn(annotation_of("0 -0.01 0.25 1.01 0.5").things[0].inside, 4),
            (Rows{"##..", "##..", "....", "...."}));
}

TEST_F(Yolo, ClipsAPolygonAtTheImageBorder) {
  // Ultralytics checks the bounding box of a polygon: here the centre x is 0.1 and the width 0.8.
  EXPECT_EQ(drawn(annotation_of("0 -0.3 0 0.5 0 0.5 1 -0.3 1").things[0].inside, 4),
            (Rows{"##..", "##..", "##..", "##.."}));
}

TEST_F(Yolo, RefusesNumbersThatUltralyticsDoesNotTolerate) {
  for (const char* labels : {"0 1.02 0.5 1 1", "0 0.5 0.5 1.02 1", "0 -0.02 0.5 1 1",
                             "0 0.5 0.5 -0.005 1", "0 0 0 320 0 320 240", "0 nan 0.5 1 1"}) {
    EXPECT_TRUE(mentions(refusal(labels), {"a.txt: line 1", "fractions of the image's sides"}))
        << labels;
  }
  EXPECT_TRUE(mentions(refusal("0 0 0 1 0 1 nan"), {"line 1", "not a finite number"}));
}

TEST_F(Yolo, ReadsAnOrientedBoxAsItsFourCorners) {
  EXPECT_EQ(drawn(annotation_of("1 0.5 0 1 0 0.5 1 0 1").things[0].inside, 4),
            (Rows{"..##", ".##.", ".##.", "##.."}));
}

TEST_F(Yolo, ReadsTheBoxOfAPoseLabel) {
  folder_.write("data.yaml", "kpt_shape: [2, 3]  # x, y, visible\nnames: [cat, dog]\n");
  EXPECT_EQ(drawn(annotation_of("0 0.5 0.75 1 0.5 0.1 0.1 2 0.9 0.9 0").things[0].inside, 4),
            (Rows{"....", "....", "####", "####"}));

  folder_.write("data.yaml", "kpt_shape:\n- 2\n- 2\nnames: [cat, dog]\n");
  EXPECT_EQ(drawn(annotation_of("0 0.5 0.75 1 0.5 0.1 0.1 0.9 0.9").things[0].inside, 4),
            (Rows{"....", "....", "####", "####"}));
}

TEST_F(Yolo, ReadsBoxesAndPolygonsBesidePoseLabels) {
  folder_.write("data.yaml", "kpt_shape: [2, 3]\nnames: [cat, dog]\n");

  EXPECT_EQ(names_of(annotation_of("0 0.5 0.75 1 0.5\n1 0 0 1 0 1 1\n")), "cat dog");
}

TEST_F(Yolo, SuggestsAShapeForKeypointsWithoutOne) {
  EXPECT_TRUE(mentions(refusal("0 0.5 0.5 1 1 0.5 0.5 2"), {"line 1", "8 numbers", "kpt_shape"}));
}

TEST_F(Yolo, RefusesAnInvalidShapeOfKeypoints) {
  for (const char* shape : {"17", "[17, 4]", "[0, 3]", "[a, 3]"}) {
    folder_.write("data.yaml", "names: [cat]\nkpt_shape: " + std::string(shape) + "\n");
    EXPECT_TRUE(mentions(error_of([&] { open(); }), {"data.yaml: kpt_shape", "[17, 3]"})) << shape;
  }
}

TEST_F(Yolo, RefusesALabelWithAConfidence) {
  EXPECT_TRUE(mentions(refusal("0 0.5 0.5 1 1 0.93"), {"a.txt: line 1", "confidence", "column"}));
}

TEST_F(Yolo, NamesTheLineOfAnUnknownClass) {
  for (const char* number : {"2", "-1", "0.5", "nan", "1e99"}) {
    EXPECT_TRUE(mentions(refusal("0 0.5 0.5 1 1\n" + std::string(number) + " 0.5 0.5 1 1"),
                         {"a.txt: line 2", "class from 0 to 1"}))
        << number;
  }
}

TEST_F(Yolo, NamesTheLineOfAnInvalidPolygon) {
  EXPECT_TRUE(mentions(refusal("0 0.1 0.1"), {"line 1", "at least 3 points", "got 3 numbers"}));
  EXPECT_TRUE(mentions(refusal("0"), {"line 1", "at least 3 points", "got 1 numbers"}));
  EXPECT_TRUE(mentions(refusal("\r\n\r\n0 0 0 1 0 1 1 0"), {"line 3", "got 8 numbers"}));
}

TEST_F(Yolo, NamesTheLineOfAnInvalidNumber) {
  EXPECT_TRUE(mentions(refusal("0 0.5 x.5 1 1"), {"line 1", "\"x.5\""}));
  EXPECT_TRUE(mentions(refusal("cat 0.5 0.5 1 1"), {"line 1", "\"cat\""}));
  EXPECT_TRUE(mentions(refusal("0,0.5,0.5,1,1"), {"line 1", "separated by blanks"}));
}

TEST_F(Yolo, SearchesForLabelsFirstWhereUltralyticsDoes) {
  folder_.images({"images/images/b.jpg"});
  folder_.write("images/labels/b.txt", "1 0.5 0.5 1 1");  // the last "images" of the path
  folder_.write("labels/images/b.txt", "0 0.5 0.5 1 1");

  EXPECT_EQ(names_of(open().annotation(0, 4, 4)), "dog");
}

TEST_F(Yolo, SharesALabelFileBetweenImagesOfOneStem) {
  folder_.images({"images/val/a.png"});
  folder_.write("labels/val/a.txt", "1 0.5 0.5 1 1");

  EXPECT_EQ(names_of(open().annotation(0, 4, 4)), "dog");
  EXPECT_EQ(names_of(open().annotation(1, 4, 4)), "dog");
}

TEST_F(Yolo, KeepsNamesWithCommasBlanksAndTheSameName) {
  folder_.write("data.yaml", "names: ['cat, sitting', ' dog ', cat, cat]\n");

  EXPECT_EQ(open().classes(), (Rows{"cat, sitting", " dog ", "cat", "cat"}));
}

/// data.yaml in a folder without images.
class YoloElsewhere : public ::testing::Test {
 protected:
  YoloElsewhere() {
    folder_.images({"data/images/train/a.jpg", "data/images/val/b.jpg"});
    folder_.write("data/labels/val/b.txt", "1 0.5 0.5 1 1");
  }
  Dataset open(const std::string& yaml, const std::string& split = "") {
    const auto file = folder_.write("set/my.yaml", yaml + "\nnames: [cat, dog]\n");
    return open_dataset(file, {.split = split});
  }
  static Rows names(const Dataset& set) {
    Rows result;
    for (const DatasetImage& image : set.images()) {
      result.push_back(image.file.filename().string());
    }
    return result;
  }
  testing::SetFolder folder_;
};

TEST_F(YoloElsewhere, ReadsTheImagesThatDataYamlLists) {
  const Dataset set = open("path: ../data\ntrain: images/train\nval:\n  - images/val\ntest:");

  EXPECT_EQ(names(set), (Rows{"a.jpg", "b.jpg"}));
  EXPECT_FALSE(set.images()[0].has_mask);
  EXPECT_EQ(names_of(set.annotation(1, 2, 2)), "dog");
  EXPECT_EQ(remarks_of(set), "");
}

TEST_F(YoloElsewhere, ReadsASplitOfDataYaml) {
  EXPECT_EQ(names(open("path: ../data\ntrain: images/train\nval: images/val", "val")),
            (Rows{"b.jpg"}));
}

TEST_F(YoloElsewhere, ReadsAnAbsolutePath) {
  EXPECT_EQ(names(open("path: " + (folder_.path() / "data").string() + "\nval: images/val")),
            (Rows{"b.jpg"}));
}

TEST_F(YoloElsewhere, ReadsListsOfImages) {
  folder_.write("data/val.txt", "./images/val/b.jpg\r\n\nimages/val/gone.jpg\n");
  const Dataset set = open("path: ../data\nval: val.txt");

  EXPECT_EQ(names(set), (Rows{"b.jpg"}));
  EXPECT_EQ(names_of(set.annotation(0, 2, 2)), "dog");
  EXPECT_TRUE(mentions(remarks_of(set),
                       {"no file of this name (1)", "val.txt: line 3", "images/val/gone.jpg"}));
  EXPECT_TRUE(set.remarks()[0].images);
}

TEST_F(YoloElsewhere, ReadsRoboflowsPathsFromTheFolderOfDataYaml) {
  folder_.images({"set/valid/images/c.jpg", "set/train/images/d.jpg"});

  EXPECT_EQ(names(open("train: ../train/images\nval: ../valid/images", "val")), (Rows{"c.jpg"}));
}

TEST_F(YoloElsewhere, NamesAMissingFolder) {
  EXPECT_TRUE(mentions(error_of([&] { open("path: ../nowhere\nval: images/val"); }),
                       {"no image", "my.yaml: val: images/val"}));
}

}  // namespace yolo_test
}  // namespace whyclip
