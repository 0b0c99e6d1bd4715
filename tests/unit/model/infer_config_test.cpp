#include "whyclip/model/infer_config.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/model/fake_tensors.h"

namespace whyclip {
namespace infer_config_test {

using testing::BlockOrder;
using testing::error_of;
using testing::FakeClip;
using testing::FakeTensors;
using testing::hugging_face_tensors;
using testing::mentions;
using testing::open_clip_tensors;

InferredConfig infer(const FakeTensors& tensors, const InferOptions& options = {}) {
  return infer_config(tensors.listing(), options);
}

std::string error_for(const FakeTensors& tensors, const InferOptions& options = {}) {
  return error_of([&] { infer(tensors, options); });
}

/// The line of the result that begins so.
std::string line(const InferredConfig& result, std::string_view begin) {
  for (const std::string& text : result.inferred) {
    if (text.starts_with(begin)) return text;
  }
  return "(no line)";
}

/// Published towers: open_clip's model_configs and OpenAI's archives.
struct Published {
  const char* name;
  FakeClip sizes;
  int image_size, heads, text_heads;
};

const Published kPublished[] = {
    {"B32", {}, 224, 12, 8},
    {"B16", {.patch = 16, .grid = 14}, 224, 12, 8},
    {"L14",
     {.width = 1024,
      .mlp = 4096,
      .layers = 24,
      .patch = 14,
      .grid = 16,
      .text_width = 768,
      .joint = 768},
     224,
     16,
     12},
    {"L14at336",
     {.width = 1024,
      .mlp = 4096,
      .layers = 24,
      .patch = 14,
      .grid = 24,
      .text_width = 768,
      .joint = 768},
     336,
     16,
     12},
    {"H14",
     {.width = 1280,
      .mlp = 5120,
      .layers = 32,
      .patch = 14,
      .grid = 16,
      .text_width = 1024,
      .text_layers = 24,
      .joint = 1024},
     224,
     16,
     16},
    {"g14",
     {.width = 1408,
      .mlp = 6144,
      .layers = 40,
      .patch = 14,
      .grid = 16,
      .text_width = 1024,
      .text_layers = 24,
      .joint = 1024},
     224,
     16,
     16},
    {"bigG14",
     {.width = 1664,
      .mlp = 8192,
      .layers = 48,
      .patch = 14,
      .grid = 16,
      .text_width = 1280,
      .text_layers = 32,
      .joint = 1280},
     224,
     16,
     20},
    {"e14",
     {.width = 1792,
      .mlp = 15360,
      .layers = 56,
      .patch = 14,
      .grid = 16,
      .text_width = 1280,
      .text_layers = 36,
      .joint = 1280},
     224,
     16,
     20},
    {"B16plus240",
     {.width = 896, .mlp = 3584, .patch = 16, .grid = 15, .text_width = 640, .joint = 640},
     240,
     14,
     10},
    {"B32at256", {.grid = 8}, 256, 12, 8},
    {"S16alt",
     {.width = 384,
      .mlp = 1536,
      .patch = 16,
      .grid = 14,
      .text_width = 256,
      .text_layers = 10,
      .joint = 256},
     224,
     6,
     4},
};

class InferPublished : public ::testing::TestWithParam<Published> {
 protected:
  void expect_sizes(const InferredConfig& result) {
    const Published& model = GetParam();
    const ClipConfig& config = result.config;
    EXPECT_EQ(config.vision.tower.width, model.sizes.width);
    EXPECT_EQ(config.vision.tower.mlp_width, model.sizes.mlp);
    EXPECT_EQ(config.vision.tower.layers, model.sizes.layers);
    EXPECT_EQ(config.vision.tower.heads, model.heads);
    EXPECT_EQ(config.vision.patch_size, model.sizes.patch);
    EXPECT_EQ(config.vision.image_size, model.image_size);
    EXPECT_EQ(config.text.tower.width, model.sizes.text_width);
    EXPECT_EQ(config.text.tower.mlp_width, 4 * model.sizes.text_width);
    EXPECT_EQ(config.text.tower.layers, model.sizes.text_layers);
    EXPECT_EQ(config.text.tower.heads, model.text_heads);
    EXPECT_EQ(config.text.vocabulary, 49408);
    EXPECT_EQ(config.text.context_length, 77);
    EXPECT_EQ(config.projection, model.sizes.joint);
    EXPECT_EQ(config.vision.tower.epsilon, 1e-5f);
    EXPECT_EQ(result.preprocess.crop_width, model.image_size);
    EXPECT_EQ(std::get<ShortestEdge>(result.preprocess.size).pixels, model.image_size);
    EXPECT_FALSE(result.second_positions_from.has_value());
  }
};

TEST_P(InferPublished, OpenClipNamesGiveItsSizes) {
  const InferredConfig result = infer(open_clip_tensors(GetParam().sizes));

  expect_sizes(result);
  EXPECT_EQ(result.layout, CheckpointLayout::kOpenClip);
  EXPECT_EQ(result.preprocess.crop_rounding, CropRounding::kToEven);
  EXPECT_FALSE(result.config.text.end_id.has_value());
}

TEST_P(InferPublished, HuggingFaceNamesGiveItsSizes) {
  const InferredConfig result = infer(hugging_face_tensors(GetParam().sizes));

  expect_sizes(result);
  EXPECT_EQ(result.layout, CheckpointLayout::kHuggingFace);
  EXPECT_EQ(result.preprocess.crop_rounding, CropRounding::kDown);
  EXPECT_EQ(result.config.text.end_id, 49407);
}

INSTANTIATE_TEST_SUITE_P(InferConfig, InferPublished, ::testing::ValuesIn(kPublished),
                         [](const auto& row) { return row.param.name; });

const Published& published(std::string_view name) {
  return *std::find_if(std::begin(kPublished), std::end(kPublished),
                       [&](const Published& model) { return model.name == name; });
}

TEST(InferConfig, SaysWhereTheHeadsComeFrom) {
  const InferredConfig usual = infer(open_clip_tensors());
  const InferredConfig huge = infer(open_clip_tensors(published("H14").sizes));

  EXPECT_EQ(line(usual, "heads of the image"), "heads of the image tower: 12 (width 768 / 64)");
  EXPECT_EQ(line(usual, "heads of the text"), "heads of the text tower: 8 (width 512 / 64)");
  EXPECT_TRUE(mentions(line(huge, "heads of the image"), {"16", "ViT-H", "1280", "80"}));
}

TEST(InferConfig, TakesTheHeadsThatAreGiven) {
  const InferredConfig result =
      infer(open_clip_tensors(published("H14").sizes), {.vision_heads = 20, .text_heads = 32});

  EXPECT_EQ(result.config.vision.tower.heads, 20);
  EXPECT_EQ(result.config.text.tower.heads, 32);
  EXPECT_TRUE(mentions(line(result, "heads of the image"), {"20", "as given"}));
}

TEST(InferConfig, RefusesHeadsThatDoNotDivideTheWidth) {
  for (const int heads : {0, -4, 7, 100000}) {
    EXPECT_TRUE(mentions(error_for(open_clip_tensors(), {.vision_heads = heads}),
                         {"heads of the image tower", std::to_string(heads), "768"}));
  }
  EXPECT_TRUE(mentions(error_for(open_clip_tensors(), {.text_heads = 7}),
                       {"heads of the text tower", "7", "512"}));
}

TEST(InferConfig, AsksForTheHeadsOfAnUnusualWidth) {
  const FakeTensors tensors = open_clip_tensors({.width = 96, .mlp = 384});

  EXPECT_TRUE(mentions(error_for(tensors), {"clip.pt", "96", "64", "--heads"}));
  EXPECT_EQ(infer(tensors, {.vision_heads = 3}).config.vision.tower.heads, 3);
}

ActivationKind activation(const FakeTensors& tensors, const InferOptions& options = {}) {
  const ClipConfig config = infer(tensors, options).config;
  EXPECT_EQ(config.vision.tower.activation, config.text.tower.activation);
  return config.vision.tower.activation;
}

TEST(InferActivation, OpenClipsDefaultIsGeluAndSaysHowToChangeIt) {
  EXPECT_EQ(activation(open_clip_tensors()), ActivationKind::kGelu);
  EXPECT_TRUE(mentions(line(infer(open_clip_tensors()), "activation"),
                       {"gelu", "open_clip's default", "--activation quick_gelu"}));
}

TEST(InferActivation, OpenAIsArchivesHaveQuickGelu) {
  FakeTensors tensors = open_clip_tensors();
  for (const char* name : {"input_resolution", "context_length", "vocab_size"}) {
    tensors.add(name, {}, DataType::kI64);
  }

  EXPECT_EQ(activation(tensors), ActivationKind::kQuickGelu);
  EXPECT_TRUE(mentions(line(infer(tensors), "activation"), {"quick_gelu", "OpenAI"}));
}

TEST(InferActivation, TheOrderOfOpenAIsCodeMeansQuickGelu) {
  EXPECT_EQ(activation(open_clip_tensors({}, BlockOrder::kOpenAI)), ActivationKind::kQuickGelu);
}

// Sorted, attn comes before ln_1 whoever wrote the file.
TEST(InferActivation, SortedNamesTellNothing) {
  FakeTensors tensors = open_clip_tensors({}, BlockOrder::kOpenAI);
  tensors.sort();

  EXPECT_EQ(activation(tensors), ActivationKind::kGelu);
}

TEST(InferActivation, MixedPrecisionOfOpenAIsCodeMeansQuickGelu) {
  FakeTensors tensors = open_clip_tensors();
  tensors.add("visual.conv1.weight", {768, 3, 32, 32}, DataType::kF16);
  EXPECT_EQ(activation(tensors), ActivationKind::kQuickGelu);

  tensors.add("visual.ln_pre.weight", {768}, DataType::kF16);
  EXPECT_EQ(activation(tensors), ActivationKind::kGelu);
}

TEST(InferActivation, OpenClipPublishesSomeImageSizesWithQuickGeluOnly) {
  EXPECT_EQ(activation(open_clip_tensors(published("L14at336").sizes)), ActivationKind::kQuickGelu);
  EXPECT_EQ(activation(open_clip_tensors(published("L14").sizes)), ActivationKind::kGelu);
}

TEST(InferActivation, HuggingFacesDefaultIsQuickGeluButForTheLargeTowers) {
  EXPECT_EQ(activation(hugging_face_tensors()), ActivationKind::kQuickGelu);
  EXPECT_EQ(activation(hugging_face_tensors(published("L14").sizes)), ActivationKind::kQuickGelu);
  EXPECT_EQ(activation(hugging_face_tensors(published("H14").sizes)), ActivationKind::kGelu);
  EXPECT_TRUE(mentions(line(infer(hugging_face_tensors()), "activation"),
                       {"quick_gelu", "transformers", "--activation gelu"}));
}

TEST(InferActivation, TakesTheOneThatIsGiven) {
  const InferOptions options{.activation = ActivationKind::kGelu};

  EXPECT_EQ(activation(hugging_face_tensors(), options), ActivationKind::kGelu);
  EXPECT_EQ(line(infer(hugging_face_tensors(), options), "activation"),
            "activation: gelu (as given)");
}

TEST(InferConfig, NamesThePreprocessingAndTheSizes) {
  const InferredConfig result = infer(open_clip_tensors());

  EXPECT_TRUE(mentions(line(result, "preprocessing"), {"224", "bicubic", "open_clip"}));
  EXPECT_TRUE(mentions(line(result, "image tower"), {"12 blocks", "768", "3072", "224", "32"}));
  EXPECT_TRUE(mentions(line(result, "text tower"), {"12 blocks", "512", "2048", "77", "49408"}));
}

// A few added words; transformers' default config names the end-of-text token.
TEST(InferConfig, KeepsTheEndOfTextTokenBelowAddedWords) {
  EXPECT_EQ(infer(hugging_face_tensors({.vocabulary = 49411})).config.text.end_id, 49407);
  EXPECT_FALSE(infer(hugging_face_tensors({.vocabulary = 1000})).config.text.end_id.has_value());
}

TEST(InferConfig, RefusesTheVocabularyOfAMultilingualModel) {
  EXPECT_TRUE(mentions(error_for(open_clip_tensors({.vocabulary = 901629})),
                       {"multilingual", "901629", "49408"}));
}

TEST(InferLongClip, ReadsTheSecondTableOfPositions) {
  FakeTensors tensors = open_clip_tensors({.context = 248}, BlockOrder::kOpenAI);
  tensors.add("positional_embedding_res", {248, 512});

  const InferredConfig result = infer(tensors);

  EXPECT_EQ(result.second_positions_from, 20);
  EXPECT_EQ(result.config.text.context_length, 248);
  EXPECT_EQ(result.config.text.tower.activation, ActivationKind::kQuickGelu);
  EXPECT_TRUE(mentions(line(result, "text positions"), {"20", "positional_embedding_res"}));
}

TEST(InferLongClip, RefusesATableOfAnotherShape) {
  FakeTensors other = open_clip_tensors({.context = 248});
  other.add("positional_embedding_res", {247, 512});
  FakeTensors small = open_clip_tensors({.context = 20});
  small.add("positional_embedding_res", {20, 512});

  EXPECT_TRUE(mentions(error_for(other), {"positional_embedding_res", "248", "247"}));
  EXPECT_TRUE(mentions(error_for(small), {"positional_embedding_res", "20"}));
}

TEST(InferConfig, RefusesOneTowerAlone) {
  FakeTensors image = open_clip_tensors(), text = open_clip_tensors();
  image.remove("token_embedding.weight");
  text.remove("visual.conv1.weight");

  EXPECT_TRUE(mentions(error_for(image), {"clip.pt", "image tower alone"}));
  EXPECT_TRUE(mentions(error_for(text), {"clip.pt", "text tower alone"}));

  FakeTensors encoder = hugging_face_tensors();
  encoder.remove("vision_model.embeddings.patch_embedding.weight");
  EXPECT_TRUE(mentions(error_for(encoder), {"text tower alone"}));
}

TEST(InferConfig, RecognisesOneShardByTheNameOfTheFile) {
  FakeTensors tensors = hugging_face_tensors();
  tensors.remove("vision_model.embeddings.patch_embedding.weight");
  const auto message = [&](const char* file) {
    TensorListing listing = tensors.listing();
    listing.file = file;
    return error_of([&] { infer_config(listing); });
  };

  EXPECT_TRUE(mentions(message("clip/model-00001-of-00003.safetensors"), {"one shard", "folder"}));
  EXPECT_TRUE(mentions(message("best-of-clips/model.safetensors"), {"text tower alone"}));
}

TEST(InferConfig, RefusesAFileThatIsNoClip) {
  FakeTensors tensors;
  EXPECT_TRUE(mentions(error_for(tensors), {"clip.pt", "not a CLIP", "0 tensors"}));

  tensors.add("fc.weight\n[fake]", {10, 10});
  EXPECT_TRUE(mentions(error_for(tensors), {"not a CLIP", "1 tensors", "fc.weight?[fake]"}));
}

TEST(InferConfig, RefusesImageTowersOfOtherKinds) {
  FakeTensors no_norm = open_clip_tensors(), no_token = open_clip_tensors();
  no_norm.remove("visual.ln_pre.weight");
  no_token.remove("visual.class_embedding");
  FakeTensors siglip = hugging_face_tensors();
  siglip.add("vision_model.head.probe", {1, 1, 768});

  EXPECT_TRUE(mentions(error_for(no_norm), {"CLIPA", "layer norm before the blocks"}));
  EXPECT_TRUE(mentions(error_for(no_token), {"class token"}));
  EXPECT_TRUE(mentions(error_for(siglip), {"clip.pt", "SigLIP", "pooling head"}));
}

TEST(InferConfig, RefusesOpenClipsCustomTextTower) {
  FakeTensors tensors = open_clip_tensors();
  tensors.remove("token_embedding.weight");
  tensors.add("text.token_embedding.weight", {49408, 512});

  EXPECT_TRUE(mentions(error_for(tensors), {"CustomTextCLIP", "text."}));
}

/// A damaged tensor: its name, its shape, and what the message must contain besides the name.
struct Damaged {
  const char* name;
  std::vector<std::int64_t> shape;
  const char* part;
};

const Damaged kDamaged[] = {
    {"visual.positional_embedding", {51, 768}, "side × side + 1"},
    {"visual.positional_embedding", {1, 768}, "side × side + 1"},
    {"visual.positional_embedding", {50, 512}, "768"},
    {"visual.positional_embedding", {50}, "2 sizes"},
    {"visual.positional_embedding", {0, 768}, "[0, 768]"},
    {"visual.conv1.weight", {768, 4, 32, 32}, "3 channels"},
    {"visual.conv1.weight", {768, 3, 32, 16}, "square"},
    {"visual.conv1.weight", {768, 3 * 32 * 32}, "4 sizes"},
    {"visual.conv1.weight", {}, "4 sizes"},
    {"visual.conv1.weight", {-768, 3, 32, 32}, "-768"},
    {"visual.conv1.weight", {std::int64_t{1} << 40, 3, 32, 32}, "1048576"},
    {"visual.conv1.weight", {768, 3, 1 << 20, 1 << 20}, "7340032"},
    {"visual.proj", {512, 512}, "768"},
    {"visual.proj", {768, 640}, "640"},
    {"text_projection", {768, 512}, "512"},
    {"positional_embedding", {1, 512}, "2 or more"},
    {"positional_embedding", {77, 768}, "512"},
    {"token_embedding.weight", {}, "2 sizes"},
    {"token_embedding.weight", {49408, 0}, "[49408, 0]"},
    {"transformer.resblocks.3.mlp.c_fc.weight", {2000, 512}, "2048"},
    {"visual.transformer.resblocks.0.mlp.c_fc.weight", {3072, 512}, "768"},
    {"visual.transformer.resblocks.11.mlp.c_fc.weight", {3072}, "2 sizes"},
};

TEST(InferDamaged, ShapesAreNamed) {
  for (const Damaged& damaged : kDamaged) {
    FakeTensors tensors = open_clip_tensors();
    tensors.add(damaged.name, damaged.shape);

    const std::string message = error_for(tensors);

    EXPECT_TRUE(mentions(message, {"clip.pt", damaged.part})) << damaged.name;
    // A width or joint space that disagrees is found at the tensor that is read second.
    const bool second =
        std::string_view(damaged.part) == "640" || std::string_view(damaged.part) == "7340032";
    if (!second) {
      EXPECT_TRUE(mentions(message, {damaged.name}));
    }
  }
}

TEST(InferDamaged, MissingTensorsAreNamed) {
  for (const char* name : {"visual.positional_embedding", "visual.proj", "positional_embedding",
                           "text_projection", "transformer.resblocks.4.mlp.c_fc.weight"}) {
    FakeTensors tensors = open_clip_tensors();
    tensors.remove(name);
    EXPECT_TRUE(mentions(error_for(tensors), {"clip.pt", name, "missing"}));
  }
}

TEST(InferDamaged, AGapInTheBlocksIsNamed) {
  FakeTensors tensors = open_clip_tensors();
  for (const std::string& name : open_clip_tensors().names) {
    if (name.starts_with("visual.transformer.resblocks.5.")) tensors.remove(name);
  }

  EXPECT_TRUE(mentions(error_for(tensors), {"visual.transformer.resblocks.5", "missing", "11"}));
}

TEST(InferDamaged, NoBlocksAndNumbersOutOfRangeAreRefused) {
  EXPECT_TRUE(mentions(error_for(open_clip_tensors({.layers = 0})),
                       {"visual.transformer.resblocks.", "no block"}));
  for (const char* number : {"x", "-1", "1000", "99999999999999999999", "12", ""}) {
    FakeTensors tensors = open_clip_tensors();
    tensors.add(std::string("visual.transformer.resblocks.") + number, {768});
    EXPECT_TRUE(mentions(error_for(tensors), {"visual.transformer.resblocks.", "number"}))
        << number;
  }
}

TEST(InferOptions, AreReadFromTheTextOfTheCommand) {
  const InferOptions both = parse_infer_options("12", "gelu");
  EXPECT_EQ(both.vision_heads, 12);
  EXPECT_EQ(both.text_heads, 12);
  EXPECT_EQ(both.activation, ActivationKind::kGelu);
  EXPECT_EQ(parse_infer_options("16,8", "").vision_heads, 16);
  EXPECT_EQ(parse_infer_options("16,8", "").text_heads, 8);
  EXPECT_FALSE(parse_infer_options("", "").vision_heads.has_value());
  for (const char* heads : {"0", "-1", "x", "12,", ",8", "1,2,3", "99999999999"}) {
    EXPECT_THROW(parse_infer_options(heads, ""), Error) << heads;
  }
  EXPECT_THROW(parse_infer_options("", "relu"), Error);
}

}  // namespace infer_config_test
}  // namespace whyclip
