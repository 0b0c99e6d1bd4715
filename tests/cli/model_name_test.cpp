// Models by name, from a cache in the test's home folder and without the network.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/cli/command.h"
#include "tests/support/tiny_checkpoint.h"

namespace whyclip {
namespace model_name_test {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::CommandTest;
using testing::Ran;

class ModelByName : public CommandTest {
 protected:
  /// Puts a small checkpoint into Hugging Face's cache as org/model at "main".
  std::string cache_model() const {
    const std::string commit(40, 'c');
    const std::string repository = "cache/huggingface/hub/models--org--model";
    const std::string snapshot = path(repository + "/snapshots/" + commit);
    testing::write_tiny_checkpoint(snapshot, {});
    write(repository + "/refs/main", commit);
    return snapshot;
  }
};

TEST_F(ModelByName, InTheCacheIsOpened) {
  const std::string snapshot = cache_model();

  const Ran ran = run({"model", "info", "org/model", "--offline", "--json"});

  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.json().at("name"), snapshot);
}

TEST_F(ModelByName, NotInTheCacheIsAnErrorOffline) {
  const Ran ran = run({"classify", "x.png", "-p", "a cat", "-m", "org/model", "--offline"});

  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.errors.find("org/model"), std::string::npos) << ran.errors;
  EXPECT_NE(ran.errors.find("whyclip model fetch org/model"), std::string::npos) << ran.errors;
}

TEST_F(ModelByName, ThatIsNoneSaysWhatWasTried) {
  const Ran ran = run({"model", "info", "no-such-thing"});

  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.errors.find("no such file or folder"), std::string::npos) << ran.errors;
  EXPECT_NE(ran.errors.find("hf-hub:"), std::string::npos) << ran.errors;
}

TEST_F(ModelByName, IsListed) {
  cache_model();

  const Ran text = run({"model", "list"}), list = run({"model", "list", "--json"});

  ASSERT_EQ(list.status, 0) << list.errors;
  const json model = list.json().at("models").at(0);
  EXPECT_EQ(model.at("name"), "org/model");
  EXPECT_EQ(model.at("revisions"), json::array({"main"}));
  EXPECT_NE(text.output.find("org/model"), std::string::npos) << text.output;
  EXPECT_NE(text.output.find("1 CLIP model in "), std::string::npos) << text.output;
}

}  // namespace model_name_test
}  // namespace whyclip
