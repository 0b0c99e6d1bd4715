#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace coco_test {

using testing::drawn;
using testing::error_of;
using testing::mentions;
using testing::names_of;
using testing::remarks_of;
using Rows = std::vector<std::string>;

constexpr const char* kImages =
    R"([{"id": 30, "file_name": "a.jpg", "width": 4, "height": 3},
        {"id": 31, "file_name": "b.jpg", "width": 4, "height": 3}])";
constexpr const char* kCategories = R"([{"id": 7, "name": "cat"}, {"id": 2, "name": "dog"}])";

/// An annotation of the first image.
std::string annotation_json(const std::string& segmentation, const std::string& category = "7",
                            const std::string& crowd = "0") {
  return R"({"id": 1, "image_id": 30, "category_id": )" + category + R"(, "iscrowd": )" + crowd +
         R"(, "bbox": [0, 0, 4, 1], "segmentation": )" + segmentation + "}";
}

class Coco : public ::testing::Test {
 protected:
  Coco() { folder_.images({"a.jpg", "b.jpg"}); }
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
  ImageAnnotation annotation_of(const std::string& annotations) {
    return open(annotations).annotation(0, 4, 3);
  }
  /// The pixels of the only thing of the first image.
  Rows pixels_of(const std::string& segmentation) {
    const ImageAnnotation annotation = annotation_of(annotation_json(segmentation));
    return annotation.things.size() == 1 ? drawn(annotation.things[0].inside, 4)
                                         : Rows{names_of(annotation)};
  }
  testing::SetFolder folder_;
};

TEST_F(Coco, ReadsClassesAndImages) {
  const Dataset set = open(annotation_json("[[0,0,2,0,2,2]]"));

  EXPECT_EQ(set.format(), DatasetFormat::kCoco);
  EXPECT_EQ(set.name(), "set");
  EXPECT_EQ(set.classes(), (Rows{"cat", "dog"}));
  ASSERT_EQ(set.images().size(), 2u);
  EXPECT_EQ(set.images()[0].name, "a.jpg");
  EXPECT_TRUE(set.images()[0].has_mask);
  EXPECT_FALSE(set.images()[1].has_mask);
}

TEST_F(Coco, UnitesThePolygonsOfAnAnnotation) {
  const ImageAnnotation annotation =
      annotation_of(annotation_json("[[0,0,2,0,2,2,0,2], [1,1,4,1,4,3,1,3]]"));

  EXPECT_EQ(names_of(annotation), "cat");
  EXPECT_EQ(drawn(annotation.things[0].inside, 4), (Rows{"##..", "####", ".###"}));
}

TEST_F(Coco, ReadsRunLengthsAsNumbers) {
  EXPECT_EQ(
      drawn(annotation_of(annotation_json(R"({"size":[3,4],"counts":[2,3,7]})")).things[0].inside,
            4),
      (Rows{".#..", ".#..", "#..."}));
}

TEST_F(Coco, ReadsRunLengthsAsText) {
  EXPECT_EQ(
      drawn(annotation_of(annotation_json(R"({"size":[3,4],"counts":"237"})")).things[0].inside, 4),
      (Rows{".#..", ".#..", "#..."}));
}

TEST_F(Coco, UsesTheBoxIfThereIsNoSegmentation) {
  EXPECT_EQ(drawn(annotation_of(annotation_json("[]")).things[0].inside, 4),
            (Rows{"####", "....", "...."}));
}

TEST_F(Coco, JoinsTheThingsOfACategoryInTheOrderOfCategories) {
  const ImageAnnotation annotation =
      annotation_of(annotation_json("[[0,0,1,0,1,3,0,3]]", "2") + "," +
                    annotation_json("[[1,0,2,0,2,3,1,3]]", "7") + "," +
                    annotation_json("[[3,0,4,0,4,3,3,3]]", "2"));

  EXPECT_EQ(names_of(annotation), "cat dog");
  EXPECT_EQ(drawn(annotation.things[1].inside, 4), (Rows{"#..#", "#..#", "#..#"}));
}

TEST_F(Coco, IgnoresCrowdsOutsideOfThings) {
  const ImageAnnotation annotation =
      annotation_of(annotation_json("[[0,0,2,0,2,3,0,3]]") + "," +
                    annotation_json(R"({"size":[3,4],"counts":[3,6,3]})", "2", "1"));

  EXPECT_EQ(names_of(annotation), "cat");
  EXPECT_EQ(drawn(annotation.ignored, 4), (Rows{"..#.", "..#.", "..#."}));
}

TEST_F(Coco, NamesAnImageThatHasOnlyACrowd) {
  const Dataset set = open(annotation_json(R"({"size":[3,4],"counts":[3,6,3]})", "2", "1"));

  EXPECT_FALSE(set.has_masks());
  EXPECT_TRUE(mentions(remarks_of(set), {"all their annotations are crowds", "(1): a.jpg"}));
  EXPECT_TRUE(
      mentions(error_of([&] { set.annotation(0, 4, 3); }), {"a.jpg", "no mask", "not crowds"}));
}

TEST_F(Coco, SkipsAShapeThatCoversNoPixelCentre) {
  const std::string tiny = "[[1.6,1.6,1.8,1.6,1.8,1.8]]";

  EXPECT_EQ(names_of(annotation_of(annotation_json(tiny) + "," + annotation_json("[]", "2"))),
            "dog");
  EXPECT_EQ(names_of(annotation_of(annotation_json(tiny))), "");
}

TEST_F(Coco, FindsImagesInTheCommonFolders) {
  for (const char* position :
       {"annotations/", "annotations/images/", "", "images/", "val2017/", "images/val2017/"}) {
    const testing::SetFolder folder;
    folder.images({std::string(position) + "a.jpg"});
    folder.write("annotations/instances_val2017.json",
                 R"({"images":[{"id":1,"file_name":"a.jpg","width":1,"height":1}],
                     "annotations":[],"categories":[]})");
    const Dataset set = open_dataset(folder.path());

    EXPECT_TRUE(
        std::filesystem::equivalent(set.images()[0].file, folder.path() / position / "a.jpg"))
        << position;
  }
}

TEST_F(Coco, SearchesOnlyTheGivenFolder) {
  folder_.images({"elsewhere/a.jpg", "elsewhere/b.jpg"});
  open("");
  const DatasetOptions given{.images = folder_.path() / "elsewhere"};
  const DatasetOptions empty{.images = folder_.path() / "nowhere"};

  EXPECT_EQ(open_dataset(folder_.path() / "set.json", given).images()[0].file,
            folder_.path() / "elsewhere/a.jpg");
  EXPECT_TRUE(
      mentions(error_of([&] { open_dataset(folder_.path() / "set.json", empty); }),
               {"images[0].file_name", "nowhere/a.jpg", "give the folder", "--images-folder"}));
}

TEST_F(Coco, FindsTheFilesOfRoboflowsSplits) {
  folder_.write("train/_annotations.coco.json", "{}");
  folder_.write("valid/_annotations.coco.json", "{}");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path()); }),
                       {"2 COCO files", "train/_annotations", "valid/_annotations"}));
}

TEST_F(Coco, RefusesAFolderWithTwoFiles) {
  folder_.write("annotations/instances_train.json", "{}");
  folder_.write("annotations/instances_val.json", "{}");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path()); }),
                       {"2 COCO files", "instances_train.json", "instances_val.json"}));
}

/// "images" with one image of this file name.
std::string image(const std::string& file_name) {
  return R"([{"id":1,"width":4,"height":3,"file_name":")" + file_name + "\"}]";
}

TEST_F(Coco, NeverReadsOutsideOfTheFolder) {
  folder_.write("secret.jpg", "x");
  folder_.write("sub/x.json", R"({"images":)" + image("../../secret.jpg") +
                                  R"(,"annotations":[],"categories":[]})");
  const DatasetOptions given{.images = folder_.path() / "sub"};

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder_.path() / "sub/x.json", given); }),
                       {"images[0].file_name", "no image of the data set exists"}));
  EXPECT_TRUE(mentions(refusal("", image("/etc/hosts")), {"/etc/hosts", "give the folder"}));
}

TEST_F(Coco, FindsImagesByThePathsThatToolsWrite) {
  folder_.images({"train/c d.jpg"});
  for (const char* name : {
           "train/c d.jpg",                                 // a path below the folder
           "./train//c d.jpg",                              //
           "../data/train/c d.jpg",                         // from another folder
           "/home/someone/project/train/c d.jpg",           // labelme2coco
           R"(D:\\project\\train\\c d.jpg)",                // Windows
           "http://images.cocodataset.org/train/c%20d.jpg"  // a URL
       }) {
    const Dataset set = open("", image(name));
    ASSERT_EQ(set.images().size(), 1u) << name;
    EXPECT_EQ(set.images()[0].name, "train/c d.jpg") << name;
  }
}

TEST_F(Coco, FindsImagesWhoseNamesStartWithTheGivenFolder) {
  folder_.images({"img/val/c.jpg"});
  folder_.write("set.json",
                R"({"images":)" + image("val/c.jpg") + R"(,"annotations":[],"categories":[]})");
  const DatasetOptions given{.images = folder_.path() / "img/val"};

  EXPECT_EQ(open_dataset(folder_.path() / "set.json", given).images()[0].name, "c.jpg");
}

TEST_F(Coco, FindsImagesByTheUrlsOfLvis) {
  folder_.images({"val2017/000000000139.jpg"});
  const Dataset set = open(
      R"({"id":1,"image_id":139,"category_id":2,"bbox":[0,0,4,1],"segmentation":[[0,0,4,0,4,1,0,1]]})",
      R"([{"id":139,"width":4,"height":3,"neg_category_ids":[7],"not_exhaustive_category_ids":[],
           "coco_url":"http://images.cocodataset.org/val2017/000000000139.jpg"}])");

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "val2017/000000000139.jpg");
  EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "dog");
}

TEST_F(Coco, SkipsMissingImages) {
  const Dataset set =
      open(annotation_json("[]") + R"(,{"image_id": 9, "category_id": 7, "bbox": [0,0,1,1]})",
           R"([{"id":9,"file_name":"gone.jpg","width":4,"height":3},
          {"id":30,"file_name":"a.jpg","width":4,"height":3}, {"id":31}, {"file_name":"b.jpg"}])");

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "a.jpg");
  EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "cat");
  const std::string file = (folder_.path() / "set.json").string();
  EXPECT_EQ(remarks_of(set), "images skipped: there is no file of this name (1): " + file +
                                 ": images[0].file_name: gone.jpg | "
                                 "images skipped: neither file_name nor coco_url (1): " +
                                 file +
                                 ": images[2] | "
                                 "images skipped: no id (1): " +
                                 file + ": images[3]: {\"file_name\":\"b.jpg\"}");
  EXPECT_TRUE(set.remarks()[0].images);
}

TEST_F(Coco, NamesTheFirstThreeAndCountsTheOthers) {
  std::string annotations = annotation_json("[]");
  for (int i = 0; i < 5; ++i) {
    annotations += R"(,{"image_id": 9)" + std::to_string(i) + R"(, "category_id": 7})";
  }
  const Dataset set = open(annotations);

  ASSERT_EQ(set.remarks().size(), 1u);
  EXPECT_EQ(set.remarks()[0].count, 5);
  EXPECT_EQ(set.remarks()[0].examples.size(), 3u);
  EXPECT_FALSE(set.remarks()[0].images);
  EXPECT_TRUE(mentions(remarks_of(set), {"image_id is not in \"images\" (5)", "annotations[1]",
                                         "image_id: 92; and 2 more"}));
}

TEST_F(Coco, MergesTheAnnotationsOfAnImageThatIsListedTwice) {
  const Dataset set = open(annotation_json("[[0,0,1,0,1,3,0,3]]") +
                               R"(,{"image_id": 32, "category_id": 2, "bbox": [2,0,1,3]})",
                           R"([{"id":30,"file_name":"a.jpg","width":4,"height":3},
               {"id":32,"file_name":"a.jpg","width":4,"height":3}])");

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "cat dog");
  EXPECT_TRUE(mentions(remarks_of(set), {"listed twice", "images[1].file_name: a.jpg"}));
}

TEST_F(Coco, UsesTheLastOfTwoImagesWithOneId) {
  // pycocotools: imgs[id] is the last.
  const Dataset set = open(annotation_json("[]"), R"([{"id":30,"file_name":"a.jpg"},
                                                 {"id":30,"file_name":"b.jpg"}])");

  ASSERT_EQ(set.images().size(), 1u);
  EXPECT_EQ(set.images()[0].name, "b.jpg");
  EXPECT_TRUE(set.images()[0].has_mask);
  EXPECT_TRUE(mentions(remarks_of(set), {"images[0]: id 30, a.jpg"}));
}

TEST_F(Coco, ReadsIdsAsNumbersAndTexts) {
  const Dataset set = open(
      R"({"image_id": "30", "category_id": 7.0, "bbox": ["0", "0", "4", "1"], "iscrowd": "0"},
         {"image_id": 31.0, "category_id": "dog-id", "bbox": [0,0,4,1], "iscrowd": false})",
      R"([{"id":30,"file_name":"a.jpg","width":"4","height":3.0},
          {"id":"31","file_name":"b.jpg","width":4,"height":3}])",
      R"([{"id":"7","name":"cat"},{"id":"dog-id","name":"dog"}])");

  EXPECT_EQ(remarks_of(set), "");
  EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "cat");
  EXPECT_EQ(names_of(set.annotation(1, 4, 3)), "dog");
}

TEST_F(Coco, UsesTheImagesSizeIfTheFileHasNone) {
  for (const char* size : {"", R"(,"width":0,"height":0)", R"(,"width":null,"height":null)",
                           R"(,"width":-1,"height":3)"}) {
    const Dataset set = open(annotation_json("[[0,0,2,0,2,2,0,2]]"),
                             R"([{"id":30,"file_name":"a.jpg")" + std::string(size) + "}]");
    EXPECT_EQ(drawn(set.annotation(0, 4, 3).things[0].inside, 4), (Rows{"##..", "##..", "...."}))
        << size;
  }
}

TEST_F(Coco, SkipsAnnotationsOfUnknownCategories) {
  const Dataset set = open(annotation_json("[]", "9") + "," + annotation_json("[]", "2") +
                           R"(,{"image_id": 30, "bbox": [0,0,1,1]}, 7, null)");

  EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "dog");
  EXPECT_TRUE(
      mentions(remarks_of(set),
               {"category_id is not in \"categories\" (2)", "annotations[0].category_id: 9",
                "annotations[2].category_id: nothing", "image_id is not in \"images\" (2)"}));
}

TEST_F(Coco, SkipsAnAnnotationWithAnInvalidCrowd) {
  EXPECT_TRUE(mentions(remarks_of(open(annotation_json("[]", "7", "\"maybe\""))),
                       {"iscrowd is neither 0 nor 1 (1)", "iscrowd: \"maybe\""}));
}

TEST_F(Coco, SkipsRoboflowsRootCategory) {
  const Dataset set = open(annotation_json("[]", "1") + "," + annotation_json("[]", "2"), kImages,
                           R"([{"id":0,"name":"animals","supercategory":"none"},
                               {"id":1,"name":"cat","supercategory":"animals"},
                               {"id":2,"name":"dog","supercategory":"animals"}])");

  EXPECT_EQ(set.classes(), (Rows{"cat", "dog"}));
  EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "cat dog");
  EXPECT_TRUE(mentions(remarks_of(set), {"categories skipped", "categories[0]: \"animals\""}));
}

TEST_F(Coco, RecognisesRoboflowsRootByItsSupercategoryNone) {
  EXPECT_EQ(open(annotation_json("[]", "1"), kImages,
                 R"([{"id":0,"name":"animals","supercategory":"none"},{"id":1,"name":"cat"},
                     {"id":2,"name":"dog"}])")
                .classes(),
            (Rows{"cat", "dog"}));
  // Other tools write it for every class.
  EXPECT_EQ(open(annotation_json("[]", "1"), kImages,
                 R"([{"id":0,"name":"bird","supercategory":"none"},
                     {"id":1,"name":"cat","supercategory":"none"}])")
                .classes(),
            (Rows{"bird", "cat"}));
}

TEST_F(Coco, SkipsARootWithTheNameOfAClass) {
  const Dataset set = open(annotation_json("[]", "1"), kImages,
                           R"([{"id":0,"name":"cat","supercategory":"none"},
                               {"id":1,"name":"cat","supercategory":"cat"},
                               {"id":2,"name":"dog","supercategory":"cat"}])");

  EXPECT_EQ(set.classes(), (Rows{"cat", "dog"}));
  EXPECT_EQ(remarks_of(set), "");
}

TEST_F(Coco, KeepsACategoryThatIsItsOwnSupercategoryOrUsed) {
  // As COCO's "person".
  EXPECT_EQ(open("", kImages, R"([{"id":1,"name":"person","supercategory":"person"},
                                  {"id":2,"name":"dog","supercategory":"animal"}])")
                .classes(),
            (Rows{"person", "dog"}));
  EXPECT_EQ(open(annotation_json("[]", "1"), kImages,
                 R"([{"id":1,"name":"animal"},{"id":2,"name":"dog","supercategory":"animal"}])")
                .classes(),
            (Rows{"animal", "dog"}));
}

TEST_F(Coco, MergesCategoriesOfOneName) {
  const Dataset set =
      open(annotation_json("[[0,0,1,0,1,3,0,3]]", "1") + "," +
               annotation_json("[[3,0,4,0,4,3,3,3]]", "5"),
           kImages, R"([{"id":1,"name":"cat"},{"id":3,"name":"dog"},{"id":5,"name":"cat"}])");

  EXPECT_EQ(set.classes(), (Rows{"cat", "dog"}));
  EXPECT_EQ(drawn(set.annotation(0, 4, 3).things.at(0).inside, 4), (Rows{"#..#", "#..#", "#..#"}));
  EXPECT_TRUE(mentions(remarks_of(set), {"one class (1)", "categories[2]: \"cat\""}));
}

TEST_F(Coco, UsesTheLastNameOfACategoryAsPycocotoolsDoes) {
  const Dataset set =
      open(annotation_json("[]", "1"), kImages, R"([{"id":1,"name":"x"},{"id":1,"name":"y"}])");

  EXPECT_EQ(set.classes(), (Rows{"y"}));
  EXPECT_TRUE(mentions(remarks_of(set), {"categories[1]: id 1, \"y\" instead of \"x\""}));
}

TEST_F(Coco, SkipsCategoriesWithoutAName) {
  const Dataset set = open(annotation_json("[]", "7"), kImages,
                           R"([{"id":1},{"name":"x"},{"id":2,"name":""},{"id":7,"name":"cat"}])");

  EXPECT_EQ(set.classes(), (Rows{"cat"}));
  EXPECT_TRUE(mentions(remarks_of(set), {"no id, or no name (3)", "categories[0]"}));
}

TEST_F(Coco, KeepsNamesWithCommasAndBlanks) {
  EXPECT_EQ(
      open("", kImages, R"([{"id":0,"name":"cat, sitting"},{"id":9,"name":" dog"}])").classes(),
      (Rows{"cat, sitting", " dog"}));
}

TEST_F(Coco, ReadsAFileWithoutAnnotations) {
  const auto file = folder_.write("test.json", R"({"images":)" + std::string(kImages) +
                                                   R"(,"categories":[{"id":1,"name":"x"}]})");

  EXPECT_EQ(open_dataset(file).images().size(), 2u);
  EXPECT_FALSE(open_dataset(file).has_masks());
}

TEST_F(Coco, RefusesASetWithoutImages) {
  EXPECT_TRUE(mentions(refusal("", "[]"), {"set.json: images", "got none"}));
}

constexpr const char* kBoxOfAnnotation[] = {"####", "....", "...."};  // 0, 0, 4 wide, 1 high

TEST_F(Coco, UsesTheBoxForAnEmptySegmentation) {
  for (const char* segmentation :
       {"[[]]", "[[],[]]", "null", "{}", "\"\"", "[[0,0,4,1]]", "[0,0,4,1]", "[[1,1,3,3]]"}) {
    EXPECT_EQ(pixels_of(segmentation),
              Rows(std::begin(kBoxOfAnnotation), std::end(kBoxOfAnnotation)))
        << segmentation;
    EXPECT_EQ(remarks_of(open(annotation_json(segmentation))), "") << segmentation;
  }
}

TEST_F(Coco, ReadsAPolygonThatIsNotInAList) {
  EXPECT_EQ(pixels_of("[0,0,2,0,2,2,0,2]"), (Rows{"##..", "##..", "...."}));
}

TEST_F(Coco, ReadsPointsAsPairsAndAsTexts) {
  EXPECT_EQ(pixels_of("[[0,0],[2,0],[2,2],[0,2]]"), (Rows{"##..", "##..", "...."}));
  EXPECT_EQ(pixels_of("[[[0,0],[2,0],[2,2],[0,2]]]"), (Rows{"##..", "##..", "...."}));
  EXPECT_EQ(pixels_of(R"([["0","0","2.0","0","2","2","0","2"]])"), (Rows{"##..", "##..", "...."}));
}

TEST_F(Coco, ClipsPolygonsAtTheImageBorderAsPycocotoolsDoes) {
  EXPECT_EQ(pixels_of("[[-5,-5,2,-5,2,2,-5,2]]"), (Rows{"##..", "##..", "...."}));
  EXPECT_EQ(pixels_of("[[1,1,900,1,900,900,1,900]]"), (Rows{"....", ".###", ".###"}));
}

TEST_F(Coco, IgnoresACoordinateWithoutPartner) {
  // pycocotools takes len // 2 points.
  EXPECT_EQ(pixels_of("[[0,0,2,0,2,2,0,2,9]]"), (Rows{"##..", "##..", "...."}));
  EXPECT_TRUE(mentions(remarks_of(open(annotation_json("[[0,0,2,0,2,2,0,2,9]]"))),
                       {"odd number", "annotations[0].segmentation[0]: 9 numbers"}));
}

TEST_F(Coco, SkipsInvalidPolygons) {
  const char* const segmentation = "[[],[1,1,3,3],[0,0,2,0,2,2,0,2],[0,0,null,1,1,1]]";

  EXPECT_EQ(pixels_of(segmentation), (Rows{"##..", "##..", "...."}));
  EXPECT_TRUE(mentions(remarks_of(open(annotation_json(segmentation))),
                       {"parts of a segmentation skipped (2)", "segmentation[1]: 4 numbers",
                        "segmentation[3]: a coordinate"}));
}

TEST_F(Coco, UsesTheBoxForAnInvalidSegmentation) {
  for (const char* segmentation :
       {"[[0,0,NaN,0,2,2]]", "[[0,0,1e30,0,2,2]]", "[[0,0,-Infinity,0,2,2]]", "[[0,0,\"x\",0,2,2]]",
        "7", "\"[[0,0,2,0,2,2]]\"", "[[0,0]]", R"({"size":[4,3],"counts":[12]})",
        R"({"size":[3,4],"counts":[2,-3]})", R"({"size":[3,4],"counts":[2,3]})",
        R"({"size":[3,4],"counts":""})", R"({"size":[3,4],"counts":"2X"})", R"({"counts":[12]})",
        R"({"size":"3x4","counts":[12]})", R"({"size":[3,4],"counts":[2.5,9.5]})"}) {
    EXPECT_EQ(pixels_of(segmentation),
              Rows(std::begin(kBoxOfAnnotation), std::end(kBoxOfAnnotation)))
        << segmentation;
    EXPECT_TRUE(mentions(
        remarks_of(open(annotation_json(segmentation))),
        {"bbox of the annotation is used instead (1)", "set.json: annotations[0].segmentation"}))
        << segmentation;
  }
}

TEST_F(Coco, ReportsInvalidRunLengths) {
  EXPECT_TRUE(mentions(remarks_of(open(annotation_json(R"({"size":[4,3],"counts":[12]})"))),
                       {"segmentation.size: [4, 3]", "of the image, [3, 4]"}));
  EXPECT_TRUE(mentions(remarks_of(open(annotation_json(R"({"size":[3,4],"counts":[2,3]})"))),
                       {"the sum is 5 pixels, the image has 12"}));
  EXPECT_TRUE(mentions(remarks_of(open(annotation_json(R"({"size":[3,4],"counts":"2X"})"))),
                       {"segmentation.counts", "within a number"}));
}

TEST_F(Coco, UnitesAListOfRunLengths) {
  EXPECT_EQ(pixels_of(R"([{"size":[3,4],"counts":[2,3,7]},{"size":[3.0,4.0],"counts":[11.0,1]}])"),
            (Rows{".#..", ".#..", "#..#"}));
}

TEST_F(Coco, SkipsAnAnnotationWithoutShape) {
  for (const char* rest : {"", R"(,"bbox":[])", R"(,"bbox":[0,0,0,3])", R"(,"bbox":[0,0,-2,3])",
                           R"(,"bbox":[0,NaN,2,3])", R"(,"bbox":null,"segmentation":[[0,0,1]])",
                           R"(,"keypoints":[1,1,2],"num_keypoints":1)"}) {
    const Dataset set = open(R"({"image_id":30,"category_id":7)" + std::string(rest) + "}," +
                             annotation_json("[]", "2"));
    EXPECT_EQ(names_of(set.annotation(0, 4, 3)), "dog") << rest;
    EXPECT_TRUE(mentions(remarks_of(set),
                         {"neither their segmentation nor their bbox", "(1)", "annotations[0]"}))
        << rest;
  }
}

TEST_F(Coco, ReadsFourNumbersWithoutABboxAsABox) {
  // x, y, width and height, as pycocotools' frPyObjects.
  const Dataset set = open(R"({"image_id":30,"category_id":7,"segmentation":[[1,1,2,2]]})");

  EXPECT_EQ(drawn(set.annotation(0, 4, 3).things.at(0).inside, 4), (Rows{"....", ".##.", ".##."}));
}

TEST_F(Coco, ReadsPythonsNumbersOutsideOfStringsOnly) {
  const Dataset set =
      open(R"({"image_id":30,"category_id":7,"area":NaN,"score":-Infinity,"bbox":[0,0,4,1]})",
           kImages, R"([{"id":7,"name":"NaN \" Infinity"}])");

  EXPECT_EQ(set.classes(), (Rows{"NaN \" Infinity"}));
  EXPECT_EQ(set.annotation(0, 4, 3).things.size(), 1u);
}

TEST_F(Coco, RefusesAnImageOfAnotherSizeThanInTheFile) {
  const Dataset set = open(annotation_json("[]"));

  EXPECT_TRUE(mentions(error_of([&] { set.annotation(0, 8, 6); }),
                       {"set.json: a.jpg", "8 × 6", "got 4 × 3"}));
}

TEST_F(Coco, RefusesMasksOverTheMemoryLimit) {
  open(annotation_json("[]"));
  const Dataset set = open_dataset(folder_.path() / "set.json", {.max_mask_bytes = 23});

  EXPECT_TRUE(
      mentions(error_of([&] { set.annotation(0, 4, 3); }), {"2 masks of 4 × 3", "23 bytes"}));
}

TEST_F(Coco, RefusesEveryTruncation) {
  open(annotation_json("[[0,0,1,0,1,1]]"));
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

}  // namespace coco_test
}  // namespace whyclip
