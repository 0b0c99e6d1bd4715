// What `whyclip model info` says of checkpoints.

#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "tests/support/tiny_checkpoint.h"

namespace whyclip {
namespace model_info_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::TinyForm;

class ModelInfo : public CommandTest {};

TEST_F(ModelInfo, DescribesTheEmbeddedModelWithItsLimits) {
  const Ran ran = run({"model", "info"});

  EXPECT_EQ(ran.status, 0);
  for (const char* part : {"toons (embedded)", "1761409", "quick_gelu", "cartoon", "--model"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << part << " in " << ran.output;
  }
}

TEST_F(ModelInfo, DescribesEveryLayoutOfACheckpoint) {
  for (const auto& [form, layout] : {std::pair{TinyForm::kHuggingFace, "hugging_face"},
                                     std::pair{TinyForm::kSharded, "hugging_face"},
                                     std::pair{TinyForm::kOpenClip, "open_clip"}}) {
    const std::string folder = path(std::string("model") + std::to_string(int(form)));
    testing::write_tiny_checkpoint(folder, {.form = form});

    const Ran ran = run({"model", "info", folder, "--json"});

    ASSERT_EQ(ran.status, 0) << ran.errors;
    const json document = ran.json();
    EXPECT_EQ(document.at("name"), folder);
    EXPECT_EQ(document.at("layout"), layout);
    EXPECT_EQ(document.at("vision").at("width"), 24);
    EXPECT_EQ(document.at("vision").at("head_width"), 8);
    EXPECT_EQ(document.at("text").at("context_length"), 32);
    EXPECT_EQ(document.at("projection"), 20);
  }
}

TEST_F(ModelInfo, CheckpointIsUsedWithoutTheNoteOnCartoons) {
  testing::write_tiny_checkpoint(path("model"), {});

  const Ran ran = run({"explain", "-m", path("model"), "--class", "cat", "--versus", "dog", "-t",
                       "simple", "--json", testing::toons_image("cat")});

  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.errors, "model: " + path("model") + "\n");
  EXPECT_EQ(ran.json().at("image").at("grid").at("rows"), 4);
}

}  // namespace model_info_test
}  // namespace whyclip
