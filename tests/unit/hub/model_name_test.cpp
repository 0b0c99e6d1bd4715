#include "whyclip/hub/model_name.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/hub/pretrained.h"

namespace whyclip {
namespace model_name_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::mentions;
using Kind = ModelName::Kind;

std::string error_for(const std::string& text) {
  return error_of([&] { parse_model_name(text); });
}

TEST(ModelName, IsARepositoryOfTheHub) {
  const ModelName name = parse_model_name("openai/clip-vit-base-patch32");

  EXPECT_EQ(name.kind, Kind::kRepository);
  EXPECT_EQ(name.repository, "openai/clip-vit-base-patch32");
  EXPECT_EQ(name.revision, "");
  EXPECT_FALSE(name.open_clip);
}

TEST(ModelName, HasARevisionAfterTheAt) {
  EXPECT_EQ(parse_model_name("openai/clip-vit-base-patch32@refs/pr/16").revision, "refs/pr/16");
  EXPECT_EQ(parse_model_name("hf-hub:timm/ViT-B-16-SigLIP@main").revision, "main");
  EXPECT_EQ(parse_model_name("ViT-B-32/laion2b_s34b_b79k@refs/pr/1").revision, "refs/pr/1");
}

TEST(ModelName, WithTheHubPrefixMeansOpenClipsFiles) {
  const ModelName name = parse_model_name("hf-hub:timm/ViT-B-16-SigLIP");

  EXPECT_EQ(name.repository, "timm/ViT-B-16-SigLIP");
  EXPECT_TRUE(name.open_clip);
}

TEST(ModelName, IsLookedUpInOpenClipsRegistry) {
  for (const char* text : {"ViT-B-32/laion2b_s34b_b79k", "ViT-B-32:laion2b_s34b_b79k",
                           "ViT-B/32:laion2b_s34b_b79k", "ViT-B-32/laion2B-s34B-b79K"}) {
    const ModelName name = parse_model_name(text);
    EXPECT_EQ(name.repository, "laion/CLIP-ViT-B-32-laion2B-s34B-b79K") << text;
    EXPECT_TRUE(name.open_clip);
    EXPECT_EQ(name.text, text);
  }
  EXPECT_EQ(parse_model_name("ViT-L-14/openai").repository,
            "timm/vit_large_patch14_clip_224.openai");
}

TEST(ModelName, OfOpenAisClipIsASingleFile) {
  const ModelName name = parse_model_name("ViT-L/14@336px");

  EXPECT_EQ(name.kind, Kind::kFile);
  EXPECT_TRUE(name.address.ends_with("/ViT-L-14-336px.pt"));
  EXPECT_EQ(name.sha256, "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02");
  EXPECT_EQ(parse_model_name("ViT-B-16-plus-240:laion400m-e32").sha256, "699c4b84");
}

TEST(ModelName, ThatExistsIsAPath) {
  const testing::TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  fs::create_directories("openai/clip");
  const ModelName name = parse_model_name("openai/clip");
  const ModelName other = parse_model_name("openai/clip2");
  fs::current_path(before);

  EXPECT_EQ(name.kind, Kind::kPath);
  EXPECT_EQ(name.path, "openai/clip");
  EXPECT_EQ(other.kind, Kind::kRepository);
}

TEST(ModelName, ThatBeginsLikeAPathIsOneEvenIfItDoesNotExist) {
  for (const char* text : {"./openai/clip", "../clip", "/no/such/folder", "weights/ViT-B-32.pt",
                           "some/model.safetensors", ".", "some/folder/"}) {
    EXPECT_EQ(parse_model_name(text).kind, Kind::kPath) << text;
  }
  EXPECT_EQ(parse_model_name("local-dir:a/b").path, "a/b");
}

TEST(ModelName, BelowTheHomeFolderIsExpanded) {
  const fs::path home = std::getenv("HOME");
  EXPECT_EQ(parse_model_name("~/models/clip").path, home / "models/clip");
}

TEST(ModelName, ThatIsNeitherSaysWhatWasTried) {
  for (const char* text : {"clip", "", "a/b/c", "org/--", "org/.hidden", "org/a b", "org/x..y",
                           "org/na\xC3\xAFve", "hf-hub:clip"}) {
    EXPECT_TRUE(mentions(error_for(text), {"no such file or folder", "org/name",
                                           "hf-hub:", "ViT-B-32/laion2b_s34b_b79k"}))
        << text;
  }
}

TEST(ModelName, WithAnUnknownTagListsTheTags) {
  EXPECT_TRUE(mentions(error_for("ViT-B-32-256/openai"),
                       {"ViT-B-32-256", "\"openai\"", "datacomp_s34b_b86k"}));
}

TEST(ModelName, WithAnUnknownTagNamesTheNearestOfMany) {
  const std::string error = error_for("ViT-B-32/laion2b_s34b_b79");

  EXPECT_TRUE(mentions(error, {"tags: laion2b_s34b_b79k, ", "it has 17 others"}));
  EXPECT_EQ(error.find("metaclip_fullcc"), error.npos) << error;
  EXPECT_TRUE(mentions(error_for("ViT-B-32/opnai"), {"tags: openai, "}));
  EXPECT_TRUE(mentions(error_for("ViT-B-32/" + std::string(5000, 'x')), {"nearest"}));
}

TEST(ModelName, ThatLooksLikeAnArchitectureIsInDoubt) {
  EXPECT_TRUE(mentions(parse_model_name("ViT-B-33/laion").doubt,
                       {"no architecture ViT-B-33 with a tag laion"}));
  for (const char* text : {"openai/clip-vit-base-patch32", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
                           "ViT/x", "hf-hub:ViT-B-33/laion", "ViT-B-32/openai"}) {
    EXPECT_EQ(parse_model_name(text).doubt, "") << text;
  }
}

TEST(ModelName, WithAHostileRevisionIsRefused) {
  for (const char* revision :
       {"", "..", "../../x", "a/../b", "/etc", ".hidden", "a//b", "a b", "-x"}) {
    EXPECT_TRUE(mentions(error_for(std::string("org/name@") + revision), {"is no revision"}))
        << revision;
  }
  EXPECT_TRUE(mentions(error_for("ViT-B-16-plus-240/laion400m_e32@v1"), {"no revisions"}));
}

TEST(Pretrained, EveryNameOfTheRegistryIsReadAsItself) {
  std::set<std::string> seen;
  for (const PretrainedModel& model : pretrained_models()) {
    const std::string text = std::string(model.architecture) + "/" + std::string(model.tag);
    EXPECT_EQ(parse_model_name(text).repository, model.repository) << text;
    EXPECT_TRUE(seen.insert(text).second) << text << " is there twice";
    EXPECT_EQ(parse_model_name(model.repository).repository, model.repository);
  }
  EXPECT_EQ(seen.size(), 195U);
  for (const PretrainedFile& file : pretrained_files()) {
    EXPECT_EQ(parse_model_name(file.name).address, file.address) << file.name;
  }
}

}  // namespace model_name_test
}  // namespace whyclip
