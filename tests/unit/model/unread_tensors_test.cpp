// A tensor under a tower's name that the network does not use is refused.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/model/weights.h"

namespace whyclip {
namespace unread_tensors_test {

using testing::error_of;
using testing::mentions;
using testing::TinyForm;
using Tensors = std::vector<TensorToWrite>;

class UnreadTensors : public ::testing::Test {
 protected:
  /// Checks a checkpoint with one more tensor of the layout.
  std::vector<std::string> notes(TinyForm form, const std::string& name) {
    Tensors tensors = testing::tiny_tensors();
    if (form == TinyForm::kOpenClip) tensors = testing::as_open_clip(tensors);
    if (!name.empty()) tensors.push_back({name, {2}, {1, 2}});
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      std::filesystem::remove(entry.path());  // of the layout before
    }
    testing::write_tiny_checkpoint(folder.path(), {.form = form});
    const char* file =
        form == TinyForm::kOpenClip ? "open_clip_model.safetensors" : "model.safetensors";
    write_file(folder.path() / file, format_safetensors(tensors));
    const ModelFiles files = ModelFiles::open(folder.path());
    const std::string text = files.text(files.config_file());
    const ClipConfig config = form == TinyForm::kOpenClip
                                  ? parse_open_clip_config(text, "open_clip_config.json")
                                  : parse_hugging_face_config(text, "config.json");
    return check_unread_tensors(files, Weights(files, vision_weights(config)),
                                Weights(files, text_weights(config)));
  }
  std::string refusal(TinyForm form, const std::string& name) {
    return error_of([&] { notes(form, name); });
  }

  testing::TemporaryFolder folder;
};

TEST_F(UnreadTensors, AreNoneInACompleteCheckpoint) {
  EXPECT_TRUE(notes(TinyForm::kHuggingFace, "").empty());
  EXPECT_TRUE(notes(TinyForm::kOpenClip, "").empty());
}

TEST_F(UnreadTensors, OfATowerAreRefusedByName) {
  for (const char* name :
       {"vision_model.encoder.layers.2.layer_norm1.weight",
        "text_model.encoder.layers.0.self_attn.q_norm.weight", "text_projection.bias"}) {
    EXPECT_TRUE(mentions(refusal(TinyForm::kHuggingFace, name),
                         {(folder.path() / "model.safetensors").string(), name, "config.json"}));
  }
  for (const char* name : {"visual.transformer.resblocks.0.x", "text.transformer.x",
                           "text_projection.bias", "positional_embedding_res"}) {
    EXPECT_TRUE(mentions(refusal(TinyForm::kOpenClip, name), {name, "open_clip_config.json"}));
  }
  // Those of a family that is known are refused as that family.
  for (const char* name :
       {"visual.transformer.resblocks.0.attn.ln_q.weight", "transformer.resblocks.1.ls_1.gamma",
        "visual.attn_pool.query", "logit_bias"}) {
    EXPECT_TRUE(mentions(refusal(TinyForm::kOpenClip, name), {name, "supported"}));
  }
}

TEST_F(UnreadTensors, ThatAreBuffersAreAllowed) {
  EXPECT_TRUE(notes(TinyForm::kHuggingFace, "vision_model.embeddings.position_ids").empty());
  EXPECT_TRUE(notes(TinyForm::kHuggingFace, "text_model.embeddings.position_ids").empty());
  for (const char* name : {"attn_mask", "input_resolution", "context_length", "vocab_size"}) {
    EXPECT_TRUE(notes(TinyForm::kOpenClip, name).empty()) << name;
  }
}

TEST_F(UnreadTensors, OutsideTheTowersAreNoted) {
  const std::vector<std::string> result = notes(TinyForm::kHuggingFace, "classifier.weight");

  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0], "1 tensor outside the two towers is not read (classifier.weight)");
}

// open_clip's CustomTextCLIP has other names for the same network.
TEST(CustomText, HasItsTensorsUnderText) {
  ClipConfig config = parse_open_clip_config(testing::tiny_open_clip_config(ActivationKind::kGelu),
                                             "open_clip_config.json");
  config.text.custom_names = true;

  const std::vector<WeightRow> rows = text_weights(config);

  EXPECT_EQ(rows[0].open_clip, "text.token_embedding.weight");
  EXPECT_EQ(rows[4].open_clip, "text.text_projection");
  EXPECT_EQ(rows[5].open_clip, "logit_scale");
  EXPECT_EQ(rows[6].open_clip, "text.transformer.resblocks.0.ln_1.weight");
}

TEST(ProjectionBias, IsALinearLayer) {
  ClipConfig config = parse_open_clip_config(testing::tiny_open_clip_config(ActivationKind::kGelu),
                                             "open_clip_config.json");
  config.text.projection_bias = true;

  const std::vector<WeightRow> rows = text_weights(config);

  EXPECT_EQ(rows[4].open_clip, "text_projection.weight");
  EXPECT_FALSE(rows[4].transposed);
  EXPECT_EQ(rows.back().name, "text.projection.bias");
  EXPECT_EQ(rows.back().open_clip, "text_projection.bias");
  EXPECT_EQ(rows.back().shape, std::vector<std::int64_t>{20});
}

}  // namespace unread_tensors_test
}  // namespace whyclip
