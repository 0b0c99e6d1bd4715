// Images that are broken, hostile or of odd shapes.

#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "whyclip/image/encode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace bad_image_test {

using testing::CommandTest;
using testing::Ran;
using testing::refused;

class BadImage : public CommandTest {
 protected:
  Ran explain(const std::string& image, const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments{"explain", "-q", "-t", "simple", "-o", path("out"), image};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments);
  }
  /// A PNG of that size with some drawing on it.
  std::string image(const std::string& name, int width, int height) const {
    Image drawn{width, height, {}};
    for (std::size_t i = 0; i < std::size_t(width) * std::size_t(height) * 3; ++i) {
      drawn.rgb.push_back(std::uint8_t(i * 7 % 251));
    }
    const auto png = encode_png(drawn);
    return write(name, {reinterpret_cast<const char*>(png.data()), png.size()});
  }
  std::string photo() const {
    return read_text(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  }
  void expect_no_files() const { EXPECT_EQ(files_in("out"), std::vector<std::string>{}); }
};

TEST_F(BadImage, TextFile) {
  EXPECT_TRUE(refused(explain(write("text.png", "hello")), {"text.png", "JPEG, PNG or WebP"}));
  expect_no_files();
}

TEST_F(BadImage, EmptyFile) {
  EXPECT_TRUE(refused(explain(write("empty.png", "")), {"empty.png", "empty"}));
  expect_no_files();
}

TEST_F(BadImage, FileThatIsNotThere) {
  EXPECT_TRUE(refused(explain(path("none.png")), {"none.png", "No such file"}));
  expect_no_files();
}

TEST_F(BadImage, FolderToExplain) {
  std::filesystem::create_directories(path("folder"));
  EXPECT_TRUE(refused(explain(path("folder")), {"folder", "expected a file"}));
}

TEST_F(BadImage, TruncatedJpeg) {
  const std::string file = write("cut.jpg", photo().substr(0, 5000));

  EXPECT_TRUE(refused(explain(file), {"cut.jpg", "truncated"}));
  expect_no_files();
}

TEST_F(BadImage, TruncatedPng) {
  const std::string whole = read_text(testing::toons_image("cat"));
  const std::string file = write("cut.png", whole.substr(0, whole.size() / 2));

  EXPECT_TRUE(refused(explain(file), {"cut.png"}));
  expect_no_files();
}

TEST_F(BadImage, GitLfsPointerIsNamedWithWhatToDo) {
  const std::string file =
      write("photo.jpg", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");

  EXPECT_TRUE(refused(explain(file), {"photo.jpg", "a git-lfs pointer", "git lfs pull"}));
  EXPECT_TRUE(
      refused(run({"classify", "-q", "-t", "simple", file}), {"photo.jpg", "git lfs pull"}));
}

TEST_F(BadImage, WebPageIsNamed) {
  const std::string file = write("photo.jpg", "<!DOCTYPE html><html></html>");

  EXPECT_TRUE(refused(explain(file), {"photo.jpg", "a web page (HTML)", "download it again"}));
}

TEST_F(BadImage, OtherImageFormatIsNamedWhateverItsFileIsCalled) {
  const std::string file = write("photo.jpg", "GIF89a");

  EXPECT_TRUE(refused(explain(file), {"photo.jpg", "got a GIF", "convert it to PNG"}));
}

/// A drawing without the last chunk of its file, which ends it.
std::string without_end(const std::string& png) { return png.substr(0, png.size() - 12); }

TEST_F(BadImage, DamagedOneThatCanBeReadIsExplainedWithAWarning) {
  const std::string file = write("cut.png", without_end(read_text(testing::toons_image("cat"))));

  const Ran ran = explain(file, {"--json"});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_NE(ran.errors.find("warning: [" + file + "] damaged PNG"), std::string::npos)
      << ran.errors;
  EXPECT_NE(ran.json().at("notes").dump().find("damaged PNG"), std::string::npos);
}

TEST_F(BadImage, DamagedOneIsClassifiedAsTheSoundOneWithAWarning) {
  const std::string whole = testing::toons_image("cat");
  const std::string file = write("cut.png", without_end(read_text(whole)));

  const Ran ran = run({"classify", "-q", "--json", "-t", "simple", whole, file});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  const auto images = ran.json().at("images");
  EXPECT_EQ(images.at(1).at("classes"), images.at(0).at("classes"));
  EXPECT_FALSE(images.at(0).contains("warnings"));
  ASSERT_EQ(images.at(1).at("warnings").size(), 1u);
  EXPECT_NE(images.at(1).at("warnings").at(0).get<std::string>().find("its end chunk is missing"),
            std::string::npos);
}

TEST_F(BadImage, JpegIsReadByItsContentWhateverItsEnding) {
  const std::string file = write("photo.jfif", photo()), other = write("photo.png", photo());

  EXPECT_EQ(explain(file).status, 0);
  EXPECT_EQ(explain(other).status, 0);
}

TEST_F(BadImage, DecompressionBombIsRefusedByItsHeader) {
  // IHDR: 60000 × 60000, 8-bit RGB, with its checksum; IDAT: the first two bytes of the pixels.
  const std::string bomb(
      "\x89PNG\r\n\x1a\n"
      "\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\2\0\0\0\x0f\xb0\xe2\x15"
      "\0\0\0\2IDAT\x78\x9c\x62\xa4\x91\x2b",
      47);

  EXPECT_TRUE(refused(explain(write("bomb.png", bomb)),
                      {"bomb.png", "60000 × 60000", "100000000", "--max-pixels"}));
  expect_no_files();
}

TEST_F(BadImage, PixelLimitIsAdjustable) {
  const std::string file = image("small.png", 20, 10);

  EXPECT_TRUE(refused(explain(file, {"--max-pixels", "199"}), {"small.png", "20 × 10", "199"}));
  expect_no_files();
  EXPECT_EQ(explain(file, {"--max-pixels", "200"}).status, 0);
}

TEST_F(BadImage, ImagesOfOddShapesWorkInTheCentreCrop) {
  for (const auto& [width, height] :
       {std::pair{1, 1}, std::pair{20000, 3}, std::pair{3, 20000}, std::pair{1, 7}}) {
    const std::string file = image("odd.png", width, height);

    const Ran ran = explain(file, {"--json"});

    ASSERT_EQ(ran.status, 0) << ran.errors;
    const nlohmann::json document = ran.json();
    EXPECT_EQ(document.at("image").at("width"), width);
    EXPECT_EQ(document.at("image").at("height"), height);
    EXPECT_EQ(run({"classify", "-q", "-t", "simple", file}).status, 0);
    EXPECT_EQ(files_in("out").size(), 5u);
    std::filesystem::remove_all(path("out"));
  }
}

TEST_F(BadImage, TooLongToBeSeenWholeIsRefusedByName) {
  const std::string file = image("long.png", 20000, 3);

  EXPECT_TRUE(refused(explain(file, {"--whole-image"}), {"long.png", "20000 × 3", "patches"}));
  expect_no_files();
}

TEST_F(BadImage, FolderWithoutImages) {
  std::filesystem::create_directories(path("folder"));
  write("folder/notes.txt", "");

  EXPECT_TRUE(refused(run({"classify", "-q", path("folder")}), {"folder", ".png"}));
}

TEST_F(BadImage, EmptyStandardInput) {
  EXPECT_TRUE(refused(explain("-"), {"standard input", "empty"}));
  expect_no_files();
}

}  // namespace bad_image_test
}  // namespace whyclip
