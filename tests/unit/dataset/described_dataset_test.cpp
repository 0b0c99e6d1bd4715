#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace described_dataset_test {

using testing::drawn;
using testing::error_of;
using testing::mentions;
using Rows = std::vector<std::string>;

constexpr const char* kTwoThings = R"([
  {"name": "cat", "color": "orange", "parts": [{"name": "tail", "label": 1},
                                               {"name": "head", "label": 4}]},
  {"name": "tree", "parts": [{"name": "crown", "label": 2}]}])";

/// The fields of a set with one image.
struct Described {
  std::string format = "whyclip dataset 1";
  std::string file = "pictures/0.webp";
  std::string labels = "labels/0.png";
  std::string target_class = "cat";
  std::string things = kTwoThings;
  std::string more = "";  // further images
  std::vector<std::string> rows = {"0110", "4422"};
};

class DescribedDataset : public ::testing::Test {
 protected:
  Dataset open(const Described& set) {
    folder_.images({"pictures/0.webp", "pictures/1.webp"});
    folder_.grey("labels/0.png", set.rows);
    folder_.write(
        "dataset.json",
        R"({"format":")" + set.format +
            R"(","name":"small","description":"A test.","classes":["cat","tree"],"images":[
                      {"file":")" +
            set.file + R"(","labels":")" + set.labels +
            R"(","seed":1,"style":"","target_class":")" + set.target_class + R"(","things":)" +
            set.things + "}" + set.more + "]}");
    return open_dataset(folder_.path());
  }
  std::string refusal(const Described& set) {
    return error_of([&] { open(set); });
  }
  std::string annotation_refusal(const Described& set) {
    return error_of([&] { open(set).annotation(0, 4, 2); });
  }
  testing::SetFolder folder_;
};

TEST_F(DescribedDataset, ReadsItsDescription) {
  const Dataset set = open({});

  EXPECT_EQ(set.format(), DatasetFormat::kWhyclip);
  EXPECT_EQ(set.name(), "small");
  EXPECT_EQ(set.description(), "A test.");
  EXPECT_EQ(set.classes(), (Rows{"cat", "tree"}));
  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "pictures/0.webp");
  EXPECT_EQ(set.images()[0].file, folder_.path() / "pictures/0.webp");
  EXPECT_EQ(set.images()[0].target_class, "cat");
  EXPECT_TRUE(set.has_masks());
}

TEST_F(DescribedDataset, OpensByItsFileToo) {
  open({});

  EXPECT_EQ(open_dataset(folder_.path() / "dataset.json").name(), "small");
}

TEST_F(DescribedDataset, ReadsThingsAndTheirParts) {
  const ImageAnnotation annotation = open({}).annotation(0, 4, 2);

  ASSERT_EQ(annotation.things.size(), 2u);
  EXPECT_EQ(annotation.things[0].name, "cat");
  EXPECT_EQ(drawn(annotation.things[0].inside, 4), (Rows{".##.", "##.."}));
  ASSERT_EQ(annotation.things[0].parts.size(), 2u);
  EXPECT_EQ(annotation.things[0].parts[0].name, "tail");
  EXPECT_EQ(annotation.things[0].parts[0].label, 1);
  EXPECT_EQ(drawn(annotation.things[0].parts[0].inside, 4), (Rows{".##.", "...."}));
  EXPECT_EQ(drawn(annotation.things[0].parts[1].inside, 4), (Rows{"....", "##.."}));
  EXPECT_EQ(drawn(annotation.things[1].inside, 4), (Rows{"....", "..##"}));
  EXPECT_TRUE(annotation.ignored.empty());
}

TEST_F(DescribedDataset, KeepsAHiddenPart) {
  const ImageAnnotation annotation = open({.rows = {"0110", "0022"}}).annotation(0, 4, 2);

  ASSERT_EQ(annotation.things[0].parts.size(), 2u);
  EXPECT_EQ(drawn(annotation.things[0].parts[1].inside, 4), (Rows{"....", "...."}));
  EXPECT_EQ(drawn(annotation.things[0].inside, 4), (Rows{".##.", "...."}));
}

TEST_F(DescribedDataset, RefusesAThingWithoutPixels) {
  EXPECT_TRUE(mentions(annotation_refusal({.rows = {"0110", "4400"}}),
                       {"labels/0.png (", "images[0])", "\"tree\" has no pixel"}));
}

TEST_F(DescribedDataset, RefusesALabelWithoutName) {
  EXPECT_TRUE(mentions(annotation_refusal({.rows = {"0110", "4429"}}),
                       {"labels/0.png", "label 9", "x 3, y 1", "no name"}));
}

TEST_F(DescribedDataset, RefusesAMaskOfAnotherSize) {
  EXPECT_TRUE(mentions(annotation_refusal({.rows = {"0110", "4422", "0000"}}),
                       {"labels/0.png", "4 × 2", "got 4 × 3"}));
  EXPECT_TRUE(
      mentions(annotation_refusal({.rows = {"01", "14", "42", "22"}}), {"got 2 × 4", "EXIF"}));
}

TEST_F(DescribedDataset, RefusesColouredLabels) {
  const Dataset set = open({});
  folder_.palette("labels/0.png", {"0110", "4422"});

  EXPECT_TRUE(
      mentions(error_of([&] { set.annotation(0, 4, 2); }), {"labels/0.png", "grey PNG of 8 bits"}));
}

TEST_F(DescribedDataset, RefusesMasksOverTheMemoryLimit) {
  open({});
  // Ignored, two things and three parts of 8 pixels are 48 bytes.
  const Dataset enough = open_dataset(folder_.path(), {.max_mask_bytes = 48});
  const Dataset little = open_dataset(folder_.path(), {.max_mask_bytes = 47});

  EXPECT_EQ(enough.annotation(0, 4, 2).things.size(), 2u);
  EXPECT_TRUE(
      mentions(error_of([&] { little.annotation(0, 4, 2); }), {"6 masks of 4 × 2", "47 bytes"}));
}

TEST_F(DescribedDataset, RefusesAMissingFile) {
  EXPECT_TRUE(mentions(refusal({.file = "pictures/7.webp"}),
                       {"dataset.json: images[0].file", "there is no file", "7.webp"}));
  EXPECT_TRUE(
      mentions(refusal({.labels = "labels/7.png"}), {"images[0].labels", "there is no file"}));
  EXPECT_TRUE(mentions(refusal({.file = "pictures"}), {"images[0].file", "there is no file"}));
}

TEST_F(DescribedDataset, RefusesAPathThatLeavesTheFolder) {
  for (const char* path : {"../0.webp", "/etc/hosts", "pictures/../../0.webp",
                           "pictures/../pictures/0.webp", "", ".", "pictures/0.webp\\u0000.webp"}) {
    EXPECT_TRUE(mentions(refusal({.file = path}), {"images[0].file", "below the folder"})) << path;
    EXPECT_TRUE(mentions(refusal({.labels = path}), {"images[0].labels", "below the folder"}))
        << path;
  }
}

TEST_F(DescribedDataset, RefusesADuplicateImage) {
  EXPECT_TRUE(mentions(refusal({.more = R"(,{"file":"pictures/./0.webp"})"}),
                       {"images[1].file", "pictures/0.webp appears twice"}));
}

TEST_F(DescribedDataset, AllowsAnImageWithoutMaskAndRefusesToReadItsMask) {
  const Dataset set = open({.more = R"(,{"file":"pictures/1.webp"})"});

  EXPECT_FALSE(set.images()[1].has_mask);
  EXPECT_EQ(set.images()[1].target_class, "");
  EXPECT_TRUE(mentions(error_of([&] { set.annotation(1, 4, 2); }),
                       {"pictures/1.webp", "no mask", "images[1].labels"}));
}

TEST_F(DescribedDataset, RefusesALabelOfTwoParts) {
  EXPECT_TRUE(mentions(
      refusal({.things =
                   R"([{"name":"cat","parts":[{"name":"a","label":1},{"name":"b","label":1}]}])"}),
      {"images[0].things[0].parts[1].label", "label 1", "another part already"}));
}

TEST_F(DescribedDataset, RefusesALabelOutsideOfAByte) {
  for (const char* label : {"0", "256", "-1", "1.5", "\"1\""}) {
    const std::string things =
        R"([{"name":"cat","parts":[{"name":"a","label":)" + std::string(label) + "}]}]";
    EXPECT_TRUE(mentions(refusal({.things = things}), {"parts[0].label", "from 1 to 255"}))
        << label;
  }
}

TEST_F(DescribedDataset, RefusesAThingWithoutParts) {
  EXPECT_TRUE(mentions(refusal({.things = R"([{"name":"cat","parts":[]}])"}),
                       {"things[0].parts", "at least one part"}));
}

TEST_F(DescribedDataset, RefusesATargetClassThatIsNotInTheClasses) {
  EXPECT_TRUE(
      mentions(refusal({.target_class = "horse"}), {"images[0].target_class", "\"horse\""}));
}

TEST_F(DescribedDataset, RefusesAnotherVersion) {
  EXPECT_TRUE(mentions(refusal({.format = "whyclip dataset 2"}),
                       {"dataset.json: format", "whyclip dataset 1", "whyclip dataset 2"}));
}

TEST_F(DescribedDataset, RefusesASetWithoutImages) {
  folder_.write("dataset.json", R"({"format":"whyclip dataset 1","name":"x","images":[]})");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path()); }),
                       {"dataset.json: images", "got none"}));
}

TEST_F(DescribedDataset, RefusesEveryTruncation) {
  open({});
  const std::string text = R"({"format":"whyclip dataset 1","name":"x","images":[{"file":"p"}]})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    folder_.write("dataset.json", text.substr(0, size));
    EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path()); }), {"dataset.json"}))
        << size;
  }
}

}  // namespace described_dataset_test
}  // namespace whyclip
