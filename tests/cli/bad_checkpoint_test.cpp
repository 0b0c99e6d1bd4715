// Checkpoints that are not whole: each damage is named with its file and field.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "tests/cli/command.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace bad_checkpoint_test {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_image;

constexpr const char* kWeights = "model/model.safetensors";
constexpr const char* kNorm1 = "vision_model.encoder.layers.0.layer_norm1.weight";
constexpr const char* kNorm2 = "vision_model.encoder.layers.0.layer_norm2.weight";
constexpr const char* kFc1 = "vision_model.encoder.layers.1.mlp.fc1.weight";
constexpr const char* kTextBias = "text_model.encoder.layers.1.mlp.fc2.bias";

class BadCheckpoint : public CommandTest {
 protected:
  void SetUp() override { testing::write_tiny_checkpoint(path("model"), {}); }
  void TearDown() override { EXPECT_EQ(files_in("out"), std::vector<std::string>{}); }

  Ran explain() const {
    return run({"explain", "-q", "-m", path("model"), "-c", "cat,dog", "-t", "simple", "-o",
                path("out"), toons_image("cat")});
  }
  /// Changes a JSON file of the checkpoint.
  void edit(const std::string& file, const std::function<void(json&)>& change) const {
    json document = json::parse(read_text(path("model/" + file)));
    change(document);
    write("model/" + file, document.dump());
  }
  /// Changes the header of the weights, whose length is put right.
  void edit_header(const std::function<void(json&)>& change) const {
    const std::string file = read_text(path(kWeights));
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof length);
    json header = json::parse(file.substr(8, length));
    change(header);
    const std::string text = header.dump();
    const std::uint64_t size = text.size();
    write(kWeights, std::string(reinterpret_cast<const char*>(&size), sizeof size) + text +
                        file.substr(8 + length));
  }
  /// Writes the checkpoint anew with one value of one tensor replaced.
  void put(const std::string& tensor, float value) const {
    std::vector<TensorToWrite> tensors = testing::tiny_tensors();
    for (TensorToWrite& t : tensors) {
      if (t.name == tensor) t.values[3] = value;
    }
    testing::write_tiny_checkpoint(path("model"), {}, tensors);
  }
};

TEST_F(BadCheckpoint, WholeOneWorks) {
  EXPECT_EQ(explain().status, 0);
  std::filesystem::remove_all(path("out"));
}

TEST_F(BadCheckpoint, FolderThatIsNotThere) {
  std::filesystem::remove_all(path("model"));

  EXPECT_TRUE(refused(explain(), {path("model"), "config.json"}));
}

TEST_F(BadCheckpoint, FolderWithoutWeights) {
  std::filesystem::remove(path(kWeights));

  EXPECT_TRUE(refused(explain(), {path("model"), "model.safetensors"}));
}

TEST_F(BadCheckpoint, ShardThatIsNotThere) {
  testing::write_tiny_checkpoint(path("sharded"), {.form = testing::TinyForm::kSharded});
  for (const std::string& file : files_in("sharded")) {
    if (file.ends_with(".safetensors")) {
      std::filesystem::remove(path("sharded/" + file));
      EXPECT_TRUE(refused(run({"model", "info", path("sharded")}),
                          {file, "shard", "missing", "index.json"}));
      return;
    }
  }
  FAIL() << "no shards";
}

TEST_F(BadCheckpoint, TruncatedWeights) {
  std::filesystem::resize_file(path(kWeights), std::filesystem::file_size(path(kWeights)) - 10);
  EXPECT_TRUE(refused(explain(), {"model.safetensors", "offset"}));
}

TEST_F(BadCheckpoint, WeightsCutInsideTheHeader) {
  for (const std::uintmax_t size : {0, 5, 8, 100}) {
    testing::write_tiny_checkpoint(path("model"), {});
    std::filesystem::resize_file(path(kWeights), size);
    EXPECT_TRUE(refused(explain(), {"model.safetensors"})) << size;
  }
}

TEST_F(BadCheckpoint, OverlappingOffsets) {
  edit_header([](json& h) { h[kNorm2]["data_offsets"] = h[kNorm1]["data_offsets"]; });

  EXPECT_TRUE(refused(explain(), {"model.safetensors", "overlap", kNorm2}));
}

TEST_F(BadCheckpoint, OffsetsOutsideTheFile) {
  edit_header([](json& h) {
    for (json& additive_term : h[kNorm1]["data_offsets"])
      additive_term = additive_term.get<std::int64_t>() + (1 << 30);
  });

  EXPECT_TRUE(refused(explain(), {"model.safetensors", kNorm1}));
}

TEST_F(BadCheckpoint, WrongDataType) {
  edit_header([](json& h) { h[kNorm1]["dtype"] = "I32"; });
  EXPECT_TRUE(refused(explain(), {"model.safetensors", kNorm1, "I32"}));

  edit_header([](json& h) { h[kNorm1]["dtype"] = "Q4"; });
  EXPECT_TRUE(refused(explain(), {"model.safetensors", kNorm1, "Q4"}));
}

TEST_F(BadCheckpoint, WrongShape) {
  edit_header([](json& h) { std::swap(h[kFc1]["shape"][0], h[kFc1]["shape"][1]); });

  EXPECT_TRUE(refused(explain(), {"model.safetensors", kFc1, "24", "48"}));
}

TEST_F(BadCheckpoint, MissingTensor) {
  edit_header([](json& h) { h.erase(kFc1); });

  EXPECT_TRUE(refused(explain(), {kFc1, "model"}));
}

TEST_F(BadCheckpoint, WeightThatIsNotANumber) {
  put(kFc1, std::nanf(""));

  EXPECT_TRUE(refused(explain(), {"model.safetensors", kFc1, "NaN"}));
}

TEST_F(BadCheckpoint, InfiniteWeight) {
  put(kTextBias, std::numeric_limits<float>::infinity());

  EXPECT_TRUE(refused(explain(), {"model.safetensors", kTextBias, "infinite"}));
}

TEST_F(BadCheckpoint, ActivationsThatOverflowAreNamedByTheirTracePoint) {
  put(kFc1, 3e38f);

  for (const char* command : {"explain", "ledger", "regions"}) {
    for (const char* rules : {"contributions", "query-key"}) {
      const Ran ran = run({command, "-q", "-m", path("model"), "-c", "cat,dog", "-t", "simple",
                           "-o", path("out"), "--method", rules, toons_image("cat")});
      EXPECT_TRUE(refused(ran, {"vision.pooled", "not finite", "overflows"})) << command;
    }
  }
}

TEST_F(BadCheckpoint, LedgerAndRegionsOfBadWeightsAreRefused) {
  put(kFc1, std::nanf(""));

  for (const char* command : {"ledger", "regions"}) {
    const Ran ran = run({command, "-q", "-m", path("model"), "-c", "cat,dog", "-t", "simple", "-o",
                         path("out"), toons_image("cat")});
    EXPECT_TRUE(refused(ran, {"model.safetensors", kFc1, "NaN"})) << command;
  }
}

TEST_F(BadCheckpoint, ClassifyOfBadWeightsStillClosesItsJson) {
  put(kFc1, std::nanf(""));

  const Ran ran = run({"classify", "-q", "--json", "-m", path("model"), "-c", "cat,dog", "-t",
                       "simple", toons_image("cat")});

  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.json().at("images"), json::array());
}

// The defaults that stand for the fields are those of ViT-B/32, which this model is not.
TEST_F(BadCheckpoint, ConfigWithoutAField) {
  const auto without = [&](const char* field) {
    testing::write_tiny_checkpoint(path("model"), {});
    edit("config.json", [&](json& config) { config["vision_config"].erase(field); });
    return explain();
  };
  EXPECT_TRUE(
      refused(without("hidden_size"), {"model.safetensors", "class_embedding", "[768]", "[24]"}));
  EXPECT_TRUE(refused(without("patch_size"), {"config.json", "patch_size", "32"}));
  EXPECT_TRUE(refused(without("image_size"), {"preprocessor_config.json", "16 × 16", "224"}));
  EXPECT_TRUE(refused(without("num_hidden_layers"),
                      {"vision_model.encoder.layers.2.layer_norm1.weight", "missing"}));
}

TEST_F(BadCheckpoint, ConfigThatIsNotJson) {
  write("model/config.json", "{\"vision_config\": ");

  EXPECT_TRUE(refused(explain(), {"config.json"}));
}

TEST_F(BadCheckpoint, FieldOutOfRange) {
  edit("config.json", [](json& config) { config["vision_config"]["num_attention_heads"] = 0; });
  EXPECT_TRUE(refused(explain(), {"config.json", "num_attention_heads", "0"}));
}

TEST_F(BadCheckpoint, UnknownActivation) {
  edit("config.json", [](json& config) { config["vision_config"]["hidden_act"] = "swish"; });

  EXPECT_TRUE(refused(explain(), {"config.json", "hidden_act", "swish"}));
}

TEST_F(BadCheckpoint, VocabularyWithoutANeededToken) {
  const auto without = [&](const char* token) {
    testing::write_tiny_checkpoint(path("model"), {});
    edit("vocab.json", [&](json& vocabulary) {  // another takes its place
      vocabulary["unheard-of</w>"] = vocabulary[token];
      vocabulary.erase(token);
    });
    return explain();
  };
  EXPECT_TRUE(refused(without("a</w>"), {"vocab.json", "a</w>"}));
  // transformers adds special tokens that the vocabulary has not.
  EXPECT_TRUE(refused(without("<|endoftext|>"), {"738 tokens", "vocab_size is 737"}));
}

TEST_F(BadCheckpoint, FolderWithoutMerges) {
  std::filesystem::remove(path("model/merges.txt"));

  EXPECT_TRUE(refused(explain(), {"merges.txt"}));
}

}  // namespace bad_checkpoint_test
}  // namespace whyclip
