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

constexpr const char* kImages =
    R"([{"id": 30, "file_name": "a.jpg", "width": 4, "height": 3},
        {"id": 31, "file_name": "b.jpg", "width": 4, "height": 3}])";
constexpr const char* kCategories = R"([{"id": 7, "name": "cat"}, {"id": 2, "name": "dog"}])";

/// An annotation of the first picture.
std::string annotation(const std::string& segmentation, const std::string& category = "7",
                       const std::string& crowd = "0") {
  return R"({"id": 1, "image_id": 30, "category_id": )" + category + R"(, "iscrowd": )" + crowd +
         R"(, "bbox": [0, 0, 4, 1], "segmentation": )" + segmentation + "}";
}

class Coco : public ::testing::Test {
 protected:
  Coco() { folder_.pictures({"a.jpg", "b.jpg"}); }
  Dataset open(const std::string& annotations, const std::string& images = kImages,
               const std::string& categories = kCategories) {
    return open_dataset(folder_.write("set.json", R"({"info": {}, "images": )" + images +
                                                      R"(, "annotations": [)" + annotations +
                                                      R"(], "categories": )" + categories + "}"));
  }
  std::string refusal(const std::string& annotations, const std::string& images = kImages,
                      const std::string& categories = kCategories) {
    return error_of([&] { open(annotations, images, categories); });
  }
  GroundTruth truth_of(const std::string& annotations) { return open(annotations).truth(0, 4, 3); }
  std::string truth_refusal(const std::string& annotations) {
    return error_of([&] { truth_of(annotations); });
  }
  testing::SetFolder folder_;
};

TEST_F(Coco, KnowsWhatItIs) {
  const Dataset set = open(annotation("[[0,0,2,0,2,2]]"));

  EXPECT_EQ(set.format(), DatasetFormat::kCoco);
  EXPECT_EQ(set.name(), "set");
  EXPECT_EQ(set.classes(), (Rows{"cat", "dog"}));
  ASSERT_EQ(set.pictures().size(), 2u);
  EXPECT_EQ(set.pictures()[0].name, "a.jpg");
  EXPECT_TRUE(set.pictures()[0].has_mask);
  EXPECT_FALSE(set.pictures()[1].has_mask);
}

TEST_F(Coco, UnitesThePolygonsOfAnAnnotation) {
  const GroundTruth truth = truth_of(annotation("[[0,0,2,0,2,2,0,2], [1,1,4,1,4,3,1,3]]"));

  EXPECT_EQ(names_of(truth), "cat");
  EXPECT_EQ(drawn(truth.things[0].inside, 4), (Rows{"##..", "####", ".###"}));
}

TEST_F(Coco, ReadsRunLengthsAsNumbers) {
  EXPECT_EQ(drawn(truth_of(annotation(R"({"size":[3,4],"counts":[2,3,7]})")).things[0].inside, 4),
            (Rows{".#..", ".#..", "#..."}));
}

TEST_F(Coco, ReadsRunLengthsAsText) {
  EXPECT_EQ(drawn(truth_of(annotation(R"({"size":[3,4],"counts":"237"})")).things[0].inside, 4),
            (Rows{".#..", ".#..", "#..."}));
}

TEST_F(Coco, TakesTheBoxWhereThereIsNoSegmentation) {
  EXPECT_EQ(drawn(truth_of(annotation("[]")).things[0].inside, 4), (Rows{"####", "....", "...."}));
}

TEST_F(Coco, JoinsTheThingsOfACategoryInTheirOrder) {
  const GroundTruth truth = truth_of(annotation("[[0,0,1,0,1,3,0,3]]", "2") + "," +
                                     annotation("[[1,0,2,0,2,3,1,3]]", "7") + "," +
                                     annotation("[[3,0,4,0,4,3,3,3]]", "2"));

  EXPECT_EQ(names_of(truth), "cat dog");
  EXPECT_EQ(drawn(truth.things[1].inside, 4), (Rows{"#..#", "#..#", "#..#"}));
}

TEST_F(Coco, IgnoresCrowdsWhereNoThingIs) {
  const GroundTruth truth = truth_of(annotation("[[0,0,2,0,2,3,0,3]]") + "," +
                                     annotation(R"({"size":[3,4],"counts":[3,6,3]})", "2", "1"));

  EXPECT_EQ(names_of(truth), "cat");
  EXPECT_EQ(drawn(truth.ignored, 4), (Rows{"..#.", "..#.", "..#."}));
}

TEST_F(Coco, SaysThatAPictureHasOnlyACrowd) {
  const Dataset set = open(annotation(R"({"size":[3,4],"counts":[3,6,3]})", "2", "1"));

  EXPECT_FALSE(set.has_masks());
  EXPECT_TRUE(mentions(error_of([&] { set.truth(0, 4, 3); }), {"a.jpg", "no mask", "no crowd"}));
}

TEST_F(Coco, LeavesOutWhatCoversNoPixelsCentre) {
  const std::string tiny = "[[1.6,1.6,1.8,1.6,1.8,1.8]]";

  EXPECT_EQ(names_of(truth_of(annotation(tiny) + "," + annotation("[]", "2"))), "dog");
  EXPECT_TRUE(mentions(truth_refusal(annotation(tiny)), {"set.json: a.jpg", "no thing is marked"}));
}

TEST_F(Coco, FindsPicturesInTheUsualPlaces) {
  for (const char* place :
       {"annotations/", "annotations/images/", "", "images/", "val2017/", "images/val2017/"}) {
    const testing::SetFolder folder;
    folder.pictures({std::string(place) + "a.jpg"});
    folder.write("annotations/instances_val2017.json",
                 R"({"images":[{"id":1,"file_name":"a.jpg","width":1,"height":1}],
                     "annotations":[],"categories":[]})");
    const Dataset set = open_dataset(folder.path());

    EXPECT_TRUE(
        std::filesystem::equivalent(set.pictures()[0].file, folder.path() / place / "a.jpg"))
        << place;
  }
}

TEST_F(Coco, LooksInTheFolderThatIsGivenOnly) {
  folder_.pictures({"elsewhere/a.jpg", "elsewhere/b.jpg"});
  open("");
  const DatasetOptions given{.pictures = folder_.path() / "elsewhere"};
  const DatasetOptions empty{.pictures = folder_.path() / "nowhere"};

  EXPECT_EQ(open_dataset(folder_.path() / "set.json", given).pictures()[0].file,
            folder_.path() / "elsewhere/a.jpg");
  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path() / "set.json", empty); }),
                       {"images[0].file_name", "nowhere/a.jpg", "in which folder"}));
}

TEST_F(Coco, AsksWhichOfTwoFiles) {
  folder_.write("annotations/instances_train.json", "{}");
  folder_.write("annotations/instances_val.json", "{}");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path()); }),
                       {"2 COCO files", "instances_train.json", "instances_val.json"}));
}

TEST_F(Coco, RefusesAPathThatLeavesTheFolder) {
  for (const char* path : {"../a.jpg", "/etc/hosts", "x/../../a.jpg"}) {
    EXPECT_TRUE(mentions(refusal("", R"([{"id":1,"file_name":")" + std::string(path) +
                                         R"(","width":4,"height":3}])"),
                         {"images[0].file_name", "below the folder"}));
  }
}

TEST_F(Coco, RefusesPicturesAndCategoriesThatComeTwice) {
  EXPECT_TRUE(mentions(refusal("", R"([{"id":1,"file_name":"a.jpg","width":4,"height":3},
                                       {"id":2,"file_name":"a.jpg","width":4,"height":3}])"),
                       {"images[1]", "a.jpg", "twice"}));
  EXPECT_TRUE(mentions(refusal("", R"([{"id":1,"file_name":"a.jpg","width":4,"height":3},
                                       {"id":1,"file_name":"b.jpg","width":4,"height":3}])"),
                       {"images[1]", "id 1", "twice"}));
  EXPECT_TRUE(mentions(refusal("", kImages, R"([{"id":1,"name":"x"},{"id":1,"name":"y"}])"),
                       {"categories[1]", "\"y\"", "twice"}));
}

TEST_F(Coco, RefusesAnUnknownCategoryOrPicture) {
  EXPECT_TRUE(mentions(refusal(annotation("[]", "9")),
                       {"set.json: annotations[0].category_id", "no 9", "categories"}));
  EXPECT_TRUE(mentions(refusal(R"({"image_id": 99, "category_id": 7, "bbox": [0,0,1,1]})"),
                       {"annotations[0].image_id", "no 99", "images"}));
}

TEST_F(Coco, RefusesASetWithoutPictures) {
  EXPECT_TRUE(mentions(refusal("", "[]"), {"set.json: images", "got none"}));
}

TEST_F(Coco, RefusesAPolygonThatIsNone) {
  EXPECT_TRUE(mentions(refusal(annotation("[[0,0,1,0,1]]")),
                       {"annotations[0].segmentation[0]", "5 numbers", "left over"}));
  EXPECT_TRUE(mentions(refusal(annotation("[[0,0,1,null,1,1]]")), {"segmentation[0]", "numbers"}));
  EXPECT_TRUE(mentions(truth_refusal(annotation("[[0,0,1,0]]")),
                       {"annotations[0].segmentation", "at least 3 points"}));
  EXPECT_TRUE(mentions(truth_refusal(annotation("[[0,0,1,0,1e6,1]]")),
                       {"annotations[0].segmentation", "4 × 3", "x 1000000"}));
}

TEST_F(Coco, RefusesRunLengthsThatDoNotFit) {
  EXPECT_TRUE(mentions(refusal(annotation(R"({"size":[4,3],"counts":[12]})")),
                       {"segmentation.size", "[3, 4]", "[4, 3]"}));
  EXPECT_TRUE(mentions(refusal(annotation(R"({"size":[3,4],"counts":[2,-3]})")),
                       {"segmentation.counts[1]", "-3"}));
  EXPECT_TRUE(mentions(truth_refusal(annotation(R"({"size":[3,4],"counts":[2,3]})")),
                       {"annotations[0].segmentation", "= 12", "got 5"}));
  EXPECT_TRUE(mentions(truth_refusal(annotation(R"({"size":[3,4],"counts":""})")), {"got 0"}));
  EXPECT_TRUE(mentions(truth_refusal(annotation(R"({"size":[3,4],"counts":"2X"})")),
                       {"annotations[0].segmentation", "within a number"}));
}

TEST_F(Coco, RefusesAPictureOfAnotherSizeThanTheFileSays) {
  const Dataset set = open(annotation("[]"));

  EXPECT_TRUE(
      mentions(error_of([&] { set.truth(0, 8, 6); }), {"set.json: a.jpg", "8 × 6", "got 4 × 3"}));
}

TEST_F(Coco, RefusesMasksOverTheMemoryLimit) {
  open(annotation("[]"));
  const Dataset set = open_dataset(folder_.path() / "set.json", {.max_mask_bytes = 23});

  EXPECT_TRUE(mentions(error_of([&] { set.truth(0, 4, 3); }), {"2 masks of 4 × 3", "23 bytes"}));
}

TEST_F(Coco, RefusesEveryTruncation) {
  open(annotation("[[0,0,1,0,1,1]]"));
  const std::string text = R"({"images":[{"id":1,"file_name":"a.jpg","width":1,"height":1}],
    "annotations":[{"image_id":1,"category_id":1,"bbox":[0,0,1,1]}],"categories":[{"id":1,"name":"x"}]})";
  ASSERT_EQ(error_of([&] { open_dataset(folder_.write("t.json", text)); }), "(no error)");
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(
        mentions(error_of([&] { open_dataset(folder_.write("t.json", text.substr(0, size))); }),
                 {"t.json", "not valid JSON"}))
        << size;
  }
}

}  // namespace
}  // namespace whyclip
