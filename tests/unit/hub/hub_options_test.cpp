#include "whyclip/hub/hub_options.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/hub/environment.h"
#include "whyclip/hub/resolve_model.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace hub_options_test {

using testing::error_of;
using testing::HubEnvironment;
using testing::mentions;

std::string cache_for(std::map<std::string, std::string> values) {
  values.emplace("HOME", "/home/u");
  const HubEnvironment environment(values);
  return hub_options_from_environment().cache.string();
}

TEST(HubOptions, CacheIsWhereHuggingFaceHasIt) {
  EXPECT_EQ(cache_for({}), "/home/u/.cache/huggingface/hub");
  EXPECT_EQ(cache_for({{"XDG_CACHE_HOME", "/x"}}), "/x/huggingface/hub");
  EXPECT_EQ(cache_for({{"HF_HOME", "~/hf"}, {"XDG_CACHE_HOME", "/x"}}), "/home/u/hf/hub");
  EXPECT_EQ(cache_for({{"HUGGINGFACE_HUB_CACHE", "/old"}, {"HF_HOME", "/hf"}}), "/old");
  EXPECT_EQ(cache_for({{"HF_HUB_CACHE", "/new"}, {"HUGGINGFACE_HUB_CACHE", "/old"}}), "/new");
  EXPECT_EQ(cache_for({{"HF_HUB_CACHE", "$HOME/c"}}), "/home/u/c");
  EXPECT_EQ(cache_for({{"HF_HUB_CACHE", "/a/${HOME}x/$NOT_SET_ANYWHERE"}}),
            "/a//home/ux/$NOT_SET_ANYWHERE");
  EXPECT_EQ(cache_for({{"HF_HOME", ""}}), "/home/u/.cache/huggingface/hub");
}

TEST(HubOptions, SingleFilesAreInTheCacheOfClip) {
  const HubEnvironment environment({{"HOME", "/home/u"}, {"XDG_CACHE_HOME", "/x"}});
  EXPECT_EQ(hub_options_from_environment().file_cache, "/home/u/.cache/clip");
}

TEST(HubOptions, TokenComesFromAVariableOrAFile) {
  const testing::TemporaryFolder folder;
  write_file(folder.path() / "token", "hf_file\n");
  const auto token_for = [&](std::map<std::string, std::string> values) {
    values.emplace("HF_HOME", folder.path().string());
    values.emplace("HOME", "/home/u");
    const HubEnvironment environment(values);
    return hub_options_from_environment().token;
  };

  EXPECT_EQ(token_for({}), "hf_file");
  EXPECT_EQ(token_for({{"HUGGING_FACE_HUB_TOKEN", "hf_old"}}), "hf_old");
  EXPECT_EQ(token_for({{"HF_TOKEN", " hf_new "}, {"HUGGING_FACE_HUB_TOKEN", "hf_old"}}), "hf_new");
  EXPECT_EQ(token_for({{"HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"}, {"HF_TOKEN", "x"}}), "");
  EXPECT_EQ(token_for({{"HF_TOKEN_PATH", "/no/such/file"}}), "");
  EXPECT_TRUE(mentions(error_of([&] {
                         token_for({{"HF_TOKEN", "a\r\nHost: b"}});
                       }),
                       {"HF_TOKEN", "not an access token"}));
}

TEST(HubOptions, OfflineIsReadAsHuggingFaceReadsIt) {
  for (const char* value : {"1", "true", "YES", "On"}) {
    const HubEnvironment environment({{"HOME", "/h"}, {"HF_HUB_OFFLINE", value}});
    EXPECT_TRUE(hub_options_from_environment().offline) << value;
  }
  const HubEnvironment environment({{"HOME", "/h"}, {"HF_HUB_OFFLINE", "0"}});
  EXPECT_FALSE(hub_options_from_environment().offline);
}

TEST(HubOptions, TransformersOfflineCountsToo) {
  const HubEnvironment environment({{"HOME", "/h"}, {"TRANSFORMERS_OFFLINE", "1"}});
  EXPECT_TRUE(hub_options_from_environment().offline);
}

TEST(HubOptions, EndpointIsAMirrorWithoutTheFinalSlash) {
  const HubEnvironment environment({{"HOME", "/h"}, {"HF_ENDPOINT", "https://mirror.example//"}});
  EXPECT_EQ(hub_options_from_environment().endpoint, "https://mirror.example");
}

TEST(HubOptions, EndpointThatIsNoAddressIsRefusedByName) {
  for (const char* value : {"mirror.example", "ftp://x", "https://a b"}) {
    const HubEnvironment environment({{"HOME", "/h"}, {"HF_ENDPOINT", value}});
    EXPECT_TRUE(mentions(error_of([] { hub_options_from_environment(); }),
                         {"HF_ENDPOINT", "https://", value}));
  }
}

TEST(HubOptions, WithoutAHomeFolderSayWhatToSet) {
  const HubEnvironment environment(std::map<std::string, std::string>{});
  EXPECT_TRUE(mentions(error_of([] { hub_options_from_environment(); }), {"HOME", "HF_HOME"}));
}

TEST(HubOptions, ArePointlessForAPath) {
  const HubEnvironment environment({{"HF_ENDPOINT", "nonsense"}, {"HF_HUB_OFFLINE", "1"}});
  EXPECT_EQ(resolve_model_from_environment("./x", false), "./x");
  EXPECT_TRUE(mentions(error_of([] { resolve_model_from_environment("a/b", false); }), {"HOME"}));
}

}  // namespace hub_options_test
}  // namespace whyclip
