#include "whyclip/dataset/dataset.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/dataset/dataset_files.h"

namespace whyclip {
namespace dataset_test {

using testing::error_of;
using testing::mentions;
using testing::remarks_of;
using Rows = std::vector<std::string>;

Rows names(const Dataset& set) {
  Rows result;
  for (const DatasetImage& image : set.images()) result.push_back(image.name);
  return result;
}

TEST(OpenDataset, ReadsAFolderWithoutMasksAsImages) {
  const testing::SetFolder folder;
  folder.images({"b.jpg", "a.PNG", "x/c.webp", "x/.hidden.jpg", ".git/d.jpg", "notes.md"});
  const Dataset set = open_dataset(folder.path());

  EXPECT_EQ(set.format(), DatasetFormat::kImages);
  EXPECT_EQ(set.name(), folder.path().filename().string());
  EXPECT_EQ(names(set), (Rows{"a.PNG", "b.jpg", "x/c.webp"}));
  EXPECT_EQ(set.images()[2].file, folder.path() / "x/c.webp");
  EXPECT_FALSE(set.has_masks());
  EXPECT_TRUE(set.classes().empty());
}

TEST(OpenDataset, TakesTargetClassesFromSubFoldersOnlyOnRequest) {
  const testing::SetFolder folder;
  folder.images({"val/dog/b.jpg", "val/cat/a.jpg", "top.jpg"});
  const Dataset plain = open_dataset(folder.path());
  const Dataset named = open_dataset(folder.path(), {.target_from_folders = true});

  EXPECT_EQ(plain.images()[1].target_class, "");
  EXPECT_EQ(named.images()[0].target_class, "");
  EXPECT_EQ(named.images()[1].target_class, "cat");
  EXPECT_EQ(named.images()[2].target_class, "dog");
  EXPECT_EQ(named.classes(), (Rows{"cat", "dog"}));
}

TEST(OpenDataset, KeepsAClassNamedMasksIfThereAreNoMasks) {
  const testing::SetFolder folder;
  folder.images({"masks/a.png", "hats/b.png"});

  EXPECT_EQ(names(open_dataset(folder.path())), (Rows{"hats/b.png", "masks/a.png"}));
}

TEST(OpenDataset, RefusesAFolderWithoutImages) {
  const testing::SetFolder folder;
  folder.write("notes.txt", "x");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.path()); }),
                       {folder.path().string(), "no image", ".webp"}));
}

TEST(OpenDataset, NamesBrokenLinks) {
  const testing::SetFolder folder;
  folder.images({"a.jpg", "x.jpg/b.jpg"});
  std::filesystem::create_symlink("nowhere.png", folder.path() / "dangling.png");
  std::filesystem::create_symlink("loop.png", folder.path() / "loop.png");
  std::filesystem::create_symlink("a.jpg", folder.path() / "link.jpg");
  const Dataset set = open_dataset(folder.path());

  EXPECT_EQ(names(set), (Rows{"a.jpg", "link.jpg", "x.jpg/b.jpg"}));
  EXPECT_EQ(remarks_of(set),
            "links skipped: the target does not exist (2): dangling.png to nowhere.png; "
            "loop.png to loop.png");
  EXPECT_TRUE(set.remarks()[0].images);
}

TEST(OpenDataset, FollowsALinkedFolderOnce) {
  const testing::SetFolder folder;
  folder.images({"set/a/a.jpg", "elsewhere/b.jpg"});
  const auto set_folder = folder.path() / "set";
  std::filesystem::create_directory_symlink("../elsewhere", set_folder / "0");
  std::filesystem::create_directory_symlink("a", set_folder / "again");
  std::filesystem::create_directory_symlink("..", set_folder / "a/up");
  std::filesystem::create_directory_symlink("../../elsewhere", set_folder / "a/z");
  std::filesystem::create_directory_symlink("../..", set_folder / "a/out");
  const Dataset set = open_dataset(set_folder);

  EXPECT_EQ(names(set), (Rows{"0/b.jpg", "a/a.jpg"}));
  EXPECT_TRUE(
      mentions(remarks_of(set), {"one that is listed (4)", "a/out to ../..", "a/up to .."}));
}

TEST(OpenDataset, ListsALinkedFolderAsItself) {
  const testing::SetFolder folder;
  folder.images({"real/a.jpg"});
  std::filesystem::create_directory_symlink("real", folder.path() / "link");

  EXPECT_EQ(names(open_dataset(folder.path() / "link")), (Rows{"a.jpg"}));
}

TEST(OpenDataset, ReadsEveryExtensionOfJpegAndNamesUnsupportedImages) {
  const testing::SetFolder folder;
  folder.images({"a.jfif", "b.JPE", "c.bmp", "d.TIFF", "e.txt"});
  const Dataset set = open_dataset(folder.path());

  EXPECT_EQ(names(set), (Rows{"a.jfif", "b.JPE"}));
  EXPECT_TRUE(mentions(remarks_of(set), {"does not read (2): c.bmp; d.TIFF"}));
}

TEST(OpenDataset, NamesUnsupportedFilesOfAFolderWithoutImages) {
  const testing::SetFolder folder;
  folder.write("a.bmp", "x");

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.path()); }), {"no image", "a.bmp"}));
}

TEST(OpenDataset, RefusesAPathThatDoesNotExist) {
  EXPECT_TRUE(
      mentions(error_of([] { open_dataset("no/such/set"); }), {"[no/such/set]", "does not exist"}));
}

TEST(OpenDataset, RefusesAFileThatDescribesNoSet) {
  const testing::SetFolder folder;

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.write("a.jpg", "x")); }),
                       {"a.jpg", "data.yaml"}));
  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.write("a.json", "{}")); }),
                       {"a.json", "dataset.json", "COCO"}));
  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.write("b.json", "[1]")); }), {"b.json"}));
}

TEST(OpenDataset, RefusesAnotherFormatThanTheRequestedOne) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  const auto file = folder.write("x.json", R"({"images":[],"annotations":[]})");

  EXPECT_TRUE(
      mentions(error_of([&] { open_dataset(folder.path(), {.format = DatasetFormat::kWhyclip}); }),
               {"\"whyclip\"", "without dataset.json"}));
  EXPECT_TRUE(
      mentions(error_of([&] { open_dataset(folder.path(), {.format = DatasetFormat::kCoco}); }),
               {"\"coco\"", "without COCO file"}));
  EXPECT_TRUE(mentions(error_of([&] { open_dataset(file, {.format = DatasetFormat::kYolo}); }),
                       {"\"yolo\"", "a COCO file"}));
}

TEST(OpenDataset, ReadsMasksAsImagesOnRequest) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  folder.grey("a.mask.png", {"01"});

  EXPECT_EQ(names(open_dataset(folder.path())), (Rows{"a.jpg"}));
  EXPECT_EQ(names(open_dataset(folder.path(), {.format = DatasetFormat::kImages})),
            (Rows{"a.jpg", "a.mask.png"}));
}

TEST(OpenDataset, RefusesOptionsThatTheFormatDoesNotHave) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  const auto file =
      folder.write("x.json", R"({"images":[{"id":1,"file_name":"a.jpg","width":1,"height":1}],
                    "annotations":[],"categories":[]})");

  EXPECT_TRUE(
      mentions(error_of([&] { open_dataset(file, {.split = "val"}); }), {"x.json", "split"}));
  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.path(), {.images = folder.path()}); }),
                       {"COCO"}));
}

TEST(DatasetAnnotation, NamesTheImageIfASetHasNoMasks) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});

  EXPECT_TRUE(mentions(error_of([&] { open_dataset(folder.path()).annotation(0, 2, 2); }),
                       {"a.jpg", "no mask"}));
}

TEST(DatasetAnnotation, RefusesAnUnknownImageAndAnEmptySize) {
  const testing::SetFolder folder;
  folder.images({"a.jpg"});
  folder.grey("a.mask.png", {"01"});
  const Dataset set = open_dataset(folder.path());

  EXPECT_TRUE(mentions(error_of([&] { set.annotation(1, 2, 1); }), {"from 0 to 0", "got 1"}));
  EXPECT_TRUE(mentions(error_of([&] { set.annotation(-1, 2, 1); }), {"got -1"}));
  EXPECT_TRUE(mentions(error_of([&] { set.annotation(0, 0, 1); }), {"0 × 1"}));
}

TEST(DatasetFormats, HaveNames) {
  EXPECT_EQ(find_dataset_format("labels"), DatasetFormat::kLabelImages);
  EXPECT_EQ(dataset_format_name(DatasetFormat::kYolo), "yolo");
  EXPECT_TRUE(mentions(error_of([] { find_dataset_format("voc"); }),
                       {"whyclip, labels, coco, yolo, images", "\"voc\""}));
}

}  // namespace dataset_test
}  // namespace whyclip
