// Folders of images with other things in them: the images are done, the rest is named.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/cli/command.h"

namespace whyclip {
namespace folder_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

class Folders : public CommandTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(path("p"));
    std::filesystem::copy_file(toons_image("cat"), path("p/cat.png"));
  }
  Ran classify(const std::vector<std::string>& what) const {
    std::vector<std::string> arguments{"classify", "-q", "--json", "-c", "cat,dog", "-t", "simple"};
    arguments.insert(arguments.end(), what.begin(), what.end());
    return run(arguments);
  }
  static std::size_t done(const Ran& ran) {
    const json images = ran.json().at("images");
    return std::size_t(std::count_if(images.begin(), images.end(),
                                     [](const json& i) { return i.contains("classes"); }));
  }
  static std::string error_of(const Ran& ran, const std::string& path) {
    const json document = ran.json();
    for (const json& image : document.at("images")) {
      if (image.at("path") == path) return image.at("error");
    }
    return "";
  }
};

TEST_F(Folders, LinkThatLeadsNowhereIsNamedAndTheRestDone) {
  std::filesystem::create_symlink("nowhere.png", path("p/dangling.png"));

  const Ran ran = classify({path("p")});

  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(done(ran), 1u);
  EXPECT_EQ(error_of(ran, path("p/dangling.png")),
            "[" + path("p/dangling.png") + "] is a link to nowhere.png, which is not there");
  EXPECT_NE(ran.errors.find("dangling.png"), std::string::npos);
}

TEST_F(Folders, LinkThatLeadsToItselfIsNamedAndTheRestDone) {
  std::filesystem::create_symlink("loop.png", path("p/loop.png"));

  const Ran ran = classify({path("p")});

  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(done(ran), 1u);
  EXPECT_EQ(error_of(ran, path("p/loop.png")),
            "[" + path("p/loop.png") + "] is a link that leads back to itself");
}

TEST_F(Folders, ImagesAreToldByTheirContent) {
  for (const char* name : {"p/cat.jfif", "p/cat", "p/cat.part", "p/CAT.PNG"}) {
    std::filesystem::copy_file(toons_image("cat"), path(name));
  }

  const Ran ran = classify({path("p")});

  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(done(ran), 5u);
}

TEST_F(Folders, FilesThatAreNoImagesAndFoldersAreCountedAndNamed) {
  write("p/notes.txt", "no image");
  std::filesystem::create_directories(path("p/x.jpg"));

  const Ran ran = classify({path("p")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(done(ran), 1u);
  EXPECT_EQ(ran.errors, "whyclip: skipped: 2 entries that are not images: " + path("p/notes.txt") +
                            ", " + path("p/x.jpg") + "\n");
  EXPECT_EQ(ran.json().at("skipped"),
            json::array({{{"path", path("p/notes.txt")}, {"reason", "is not an image"}},
                         {{"path", path("p/x.jpg")},
                          {"reason", "is a folder; name it to have its images too"}}}));
}

TEST_F(Folders, ImageOfAKindThatIsNotReadIsAnError) {
  write("p/film.gif", "GIF89a..........");

  const Ran ran = classify({path("p")});

  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(done(ran), 1u);
  EXPECT_NE(error_of(ran, path("p/film.gif")).find("GIF"), std::string::npos);
}

TEST_F(Folders, PipesInsideAreNotOpened) {
  ASSERT_EQ(::mkfifo(path("p/pipe.png").c_str(), 0600), 0);

  const Ran ran = classify({path("p")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(done(ran), 1u);
  EXPECT_EQ(ran.json().at("skipped")[0].at("reason"), "is a pipe or device");
}

TEST_F(Folders, FolderWithoutImagesDoesNotStopTheOthers) {
  std::filesystem::create_directories(path("empty"));

  const Ran ran = classify({path("empty"), path("p")});

  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(done(ran), 1u);
  EXPECT_NE(error_of(ran, path("empty")).find("holds no JPEG, PNG or WebP image"),
            std::string::npos);
}

TEST_F(Folders, FolderOfFoldersSaysWhatToName) {
  std::filesystem::create_directories(path("deep/cats"));

  EXPECT_TRUE(refused(run({"classify", "-q", path("deep")}), {"deep", "it holds folders"}));
}

TEST_F(Folders, HeadsNamesWhatItCouldNotRead) {
  std::filesystem::copy_file(toons_image("sketch_dog"), path("p/dog.png"));
  std::filesystem::create_symlink("nowhere.png", path("p/dangling.png"));

  const Ran ran = run({"heads", "-q", "--json", "--layers", "1", path("p")});

  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.json().at("images"), 2);
  EXPECT_EQ(ran.json().at("skipped")[0].at("name"), path("p/dangling.png"));
  EXPECT_NE(ran.json().at("notes").dump().find("1 image could not be read: "), std::string::npos);
}

}  // namespace folder_test
}  // namespace whyclip
