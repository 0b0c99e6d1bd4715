#include "whyclip/model/infer_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/model/config_checks.h"
#include "whyclip/model/tensor_names.h"

namespace whyclip {
namespace {

constexpr int kUsualHeadWidth = 64;         // OpenAI's build_model, open_clip's CLIPVisionCfg
constexpr float kPyTorchEpsilon = 1e-5f;    // of torch.nn.LayerNorm
constexpr int kClipVocabulary = 49408;      // OpenAI's byte-level BPE
constexpr std::int32_t kClipEndId = 49407;  // its <|endoftext|>
constexpr int kMostVocabulary = 2 * kClipVocabulary;  // words may be added, thousands at most
constexpr int kLongClipKept = 20;  // Long-CLIP's model_longclip.py: mask1 covers rows 0 to 19

/// Names of the tensors that tell the sizes.
struct LayoutNames {
  std::string_view patches, image_positions, image_blocks, image_projection;
  std::string_view tokens, text_positions, text_blocks, text_projection;
  std::string_view mlp;    ///< in a block
  std::size_t joint_axis;  ///< of the projections
};
constexpr LayoutNames kHuggingFaceNames{"vision_model.embeddings.patch_embedding.weight",
                                        "vision_model.embeddings.position_embedding.weight",
                                        "vision_model.encoder.layers.",
                                        "visual_projection.weight",
                                        "text_model.embeddings.token_embedding.weight",
                                        "text_model.embeddings.position_embedding.weight",
                                        "text_model.encoder.layers.",
                                        "text_projection.weight",
                                        "mlp.fc1.weight",
                                        0};
constexpr LayoutNames kOpenClipNames{"visual.conv1.weight",
                                     "visual.positional_embedding",
                                     "visual.transformer.resblocks.",
                                     "visual.proj",
                                     "token_embedding.weight",
                                     "positional_embedding",
                                     "transformer.resblocks.",
                                     "text_projection",
                                     "mlp.c_fc.weight",
                                     1};

/// Published image towers whose heads are not 64 wide, all with 16 heads: open_clip's
/// model_configs/ViT-H-14.json, ViT-H-16.json, ViT-g-14.json, ViT-bigG-14.json and ViT-e-14.json
/// (head_width 80, 88, 104, 112). Width and MLP width identify them; depth and patch size may
/// differ. Hugging Face's configs of LAION's models of these sizes have hidden_act gelu.
struct PublishedTower {
  int width, mlp_width, heads;
  std::string_view name;
};
constexpr PublishedTower kPublished[] = {{1280, 5120, 16, "ViT-H"},
                                         {1408, 6144, 16, "ViT-g"},
                                         {1664, 8192, 16, "ViT-bigG"},
                                         {1792, 15360, 16, "ViT-e"}};

const PublishedTower* published(const TowerConfig& tower) {
  for (const PublishedTower& row : kPublished) {
    if (row.width == tower.width && row.mlp_width == tower.mlp_width) return &row;
  }
  return nullptr;
}

/// A tensor's name for a message of one line.
std::string one_line(std::string_view name) {
  constexpr std::size_t kMost = 100;
  std::string result(name.substr(0, kMost));
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return result;
}

/// Reads sizes and makes the errors of one file.
class Shapes {
 public:
  explicit Shapes(const TensorListing& tensors) : tensors_(&tensors) {}

  bool has(std::string_view name) const { return tensors_->find(name) != nullptr; }
  DataType type(std::string_view name) const { return stored(name).type; }

  /// The sizes of a tensor with this number of dimensions.
  std::vector<int> sizes(std::string_view name, std::size_t dimensions) const {
    const std::vector<std::int64_t>& shape = stored(name).shape;
    const bool in_range = std::all_of(shape.begin(), shape.end(), [](std::int64_t size) {
      return size >= 1 && size <= config::kMostSize;
    });
    if (shape.size() != dimensions || !in_range) {
      throw error(name, fmt::format("expected {} sizes from 1 to {}, got the shape [{}]",
                                    dimensions, config::kMostSize, fmt::join(shape, ", ")));
    }
    return {shape.begin(), shape.end()};
  }

  /// The number of blocks whose tensors begin with the prefix and a number.
  int blocks(std::string_view prefix) const {
    std::set<std::int64_t> found;
    for (const std::string_view name : tensors_->names) {
      if (!name.starts_with(prefix)) continue;
      const std::string_view rest = name.substr(prefix.size());
      std::int64_t index = -1;
      const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
      const bool number = code == std::errc{} && end != rest.data() + rest.size() && *end == '.';
      if (!number || index < 0 || index >= config::kMostLayers) {
        throw error(name, fmt::format("expected the number of a block from 0 to {} after {}",
                                      config::kMostLayers - 1, prefix));
      }
      found.insert(index);
    }
    if (found.empty()) throw error(prefix, "no block of the transformer has this name");
    for (std::int64_t i = 0; i < std::int64_t(found.size()); ++i) {
      if (found.count(i) == 0) {
        throw error(fmt::format("{}{}", prefix, i),
                    fmt::format("this block is missing, the file has {} blocks up to number {}",
                                found.size(), *found.rbegin()));
      }
    }
    return int(found.size());
  }

  Error error(std::string_view tensor, std::string_view message) const {
    return Error(tensors_->file, fmt::format("tensor {}: {}", one_line(tensor), message));
  }
  Error unsupported(std::string_view message) const {
    return Error(tensors_->file, message, ErrorCode::kUnsupported);
  }

  const std::vector<std::string>& names() const { return tensors_->names; }
  const std::string& file() const { return tensors_->file; }

 private:
  const StoredTensor& stored(std::string_view name) const {
    const StoredTensor* found = tensors_->find(name);
    if (!found) throw error(name, "missing; the config cannot be inferred without it");
    return *found;
  }

  const TensorListing* tensors_;
};

/// Whether the name of the file is that of one shard of several: model-00001-of-00003.safetensors.
bool is_shard(std::string_view file) {
  const std::size_t at = file.rfind("-of-");
  return at != file.npos && at > 0 && file.find('/', at) == file.npos &&
         std::isdigit(static_cast<unsigned char>(file[at - 1])) != 0;
}

/// Throws Error unless the file has both towers of a plain CLIP.
CheckpointLayout check_family(const Shapes& shapes) {
  if (const auto family = unsupported_family(shapes.names())) throw shapes.unsupported(*family);
  const auto layout = layout_of(shapes.names());
  if (!layout) {
    const auto& names = shapes.names();
    throw shapes.unsupported(
        fmt::format("not a CLIP: no tensor {} (OpenAI, open_clip) or {} (Hugging Face); the file "
                    "has {} tensors{}",
                    kOpenClipNames.patches, kHuggingFaceNames.patches, names.size(),
                    names.empty() ? "" : ", the first is " + one_line(names.front())));
  }
  const LayoutNames& names =
      *layout == CheckpointLayout::kHuggingFace ? kHuggingFaceNames : kOpenClipNames;
  if (!shapes.has(names.tokens) && shapes.has("text.token_embedding.weight")) {
    throw shapes.unsupported(
        "a CLIP of open_clip's class CustomTextCLIP: names of its text tower begin with text.; "
        "this layout is not supported");
  }
  const bool both = shapes.has(names.tokens) && shapes.has(names.patches);
  if (!both && is_shard(shapes.file())) {
    throw shapes.unsupported("one shard of a checkpoint of several files; name its folder");
  }
  if (!shapes.has(names.tokens)) {
    throw shapes.unsupported(fmt::format(
        "an image tower alone: there is no text tower ({}), so there are no scores to explain",
        names.tokens));
  }
  if (!shapes.has(names.patches)) {
    throw shapes.unsupported(fmt::format(
        "a text tower alone: there is no image tower ({}), so there are no scores to explain",
        names.patches));
  }
  if (*layout == CheckpointLayout::kOpenClip && !shapes.has("visual.ln_pre.weight")) {
    throw shapes.unsupported(
        "a CLIP without a layer norm before the blocks (CLIPA): its image tower is not supported");
  }
  if (*layout == CheckpointLayout::kOpenClip && !shapes.has("visual.class_embedding")) {
    throw shapes.unsupported("a CLIP without a class token: average pooling is not supported");
  }
  return *layout;
}

/// The MLP width, which must be the same in all blocks.
int mlp_width(const Shapes& shapes, std::string_view prefix, const TowerConfig& tower,
              std::string_view mlp) {
  int result = 0;
  for (int i = 0; i < tower.layers; ++i) {
    const std::string name = fmt::format("{}{}.{}", prefix, i, mlp);
    const std::vector<int> sizes = shapes.sizes(name, 2);
    if (i == 0) result = sizes[0];
    if (sizes[0] != result || sizes[1] != tower.width) {
      throw shapes.error(name, fmt::format("expected the shape [{}, {}] of the other tensors, got "
                                           "[{}]",
                                           result, tower.width, fmt::join(sizes, ", ")));
    }
  }
  return result;
}

void read_image_tower(const Shapes& shapes, const LayoutNames& names, VisionConfig& vision) {
  const std::vector<int> patches = shapes.sizes(names.patches, 4);
  if (patches[1] != 3 || patches[2] != patches[3]) {
    throw shapes.error(names.patches,
                       fmt::format("expected square patches of 3 channels, got the shape [{}]",
                                   fmt::join(patches, ", ")));
  }
  vision.tower.width = patches[0];
  vision.patch_size = patches[2];

  const std::vector<int> positions = shapes.sizes(names.image_positions, 2);
  const int grid = int(std::lround(std::sqrt(double(positions[0] - 1))));
  if (grid < 1 || grid * grid + 1 != positions[0] || positions[1] != vision.tower.width) {
    throw shapes.error(
        names.image_positions,
        fmt::format("expected [side × side + 1, {}] for a square grid and a class token, got "
                    "[{}]",
                    vision.tower.width, fmt::join(positions, ", ")));
  }
  const std::int64_t side = std::int64_t(grid) * vision.patch_size;
  if (side > config::kMostSize) {
    throw shapes.error(names.image_positions,
                       fmt::format("{} patches of {} make images of {} pixels a side, more than {}",
                                   grid, vision.patch_size, side, config::kMostSize));
  }
  vision.image_size = int(side);
  vision.tower.layers = shapes.blocks(names.image_blocks);
  vision.tower.mlp_width = mlp_width(shapes, names.image_blocks, vision.tower, names.mlp);
}

void read_text_tower(const Shapes& shapes, const LayoutNames& names, TextConfig& text) {
  const std::vector<int> tokens = shapes.sizes(names.tokens, 2);
  text.vocabulary = tokens[0];
  if (text.vocabulary > kMostVocabulary) {
    throw shapes.unsupported(fmt::format(
        "a multilingual CLIP: its vocabulary of {} tokens is not CLIP's ({} tokens), and "
        "the file does not tell which it is",
        text.vocabulary, kClipVocabulary));
  }
  text.tower.width = tokens[1];
  const std::vector<int> positions = shapes.sizes(names.text_positions, 2);
  if (positions[0] < 2 || positions[1] != text.tower.width) {
    throw shapes.error(names.text_positions,
                       fmt::format("expected [2 or more, {}], got [{}]", text.tower.width,
                                   fmt::join(positions, ", ")));
  }
  text.context_length = positions[0];
  text.tower.layers = shapes.blocks(names.text_blocks);
  text.tower.mlp_width = mlp_width(shapes, names.text_blocks, text.tower, names.mlp);
}

int read_projection(const Shapes& shapes, const LayoutNames& names, const ClipConfig& config) {
  const auto joint = [&](std::string_view name, int width) {
    const std::vector<int> sizes = shapes.sizes(name, 2);
    if (sizes[1 - names.joint_axis] != width) {
      throw shapes.error(name, fmt::format("expected the tower's width {}, got the shape [{}]",
                                           width, fmt::join(sizes, ", ")));
    }
    return sizes[names.joint_axis];
  };
  const int image = joint(names.image_projection, config.vision.tower.width);
  const int text = joint(names.text_projection, config.text.tower.width);
  if (image != text) {
    throw shapes.error(
        names.text_projection,
        fmt::format("the joint space has {} values for texts and {} for images", text, image));
  }
  return image;
}

/// Sets the heads and returns the line about them.
std::string choose_heads(const Shapes& shapes, std::string_view which, TowerConfig& tower,
                         std::optional<int> given, const PublishedTower* known) {
  const auto line = [&](std::string_view reason) {
    return fmt::format("heads of the {} tower: {} ({})", which, tower.heads, reason);
  };
  const std::string where = fmt::format("heads of the {} tower", which);
  if (given) {
    tower.heads = *given;
    config::check_heads(tower, where);
    return line("as given");
  }
  if (known) {
    tower.heads = known->heads;
    return line(fmt::format("published {} towers of width {} have heads of {}", known->name,
                            tower.width, tower.width / tower.heads));
  }
  if (tower.width % kUsualHeadWidth != 0) {
    throw Error(shapes.file(),
                fmt::format("{}: not known; the width {} is no multiple of {}, the usual head "
                            "width; give their number with --heads",
                            where, tower.width, kUsualHeadWidth));
  }
  tower.heads = tower.width / kUsualHeadWidth;
  return line(fmt::format("width {} / {}", tower.width, kUsualHeadWidth));
}

/// Whether blocks are in the order of OpenAI's code: attn, ln_1, mlp, ln_2. open_clip's later code
/// has ln_1, attn, ln_2, mlp. Sorted names tell nothing.
bool written_by_openai_code(const std::vector<std::string>& names) {
  if (std::is_sorted(names.begin(), names.end())) return false;
  const auto at = [&](std::string_view tail) {
    const std::string name = fmt::format("{}0.{}", kOpenClipNames.image_blocks, tail);
    return std::find(names.begin(), names.end(), name);
  };
  const auto weight = at("attn.in_proj_weight"), bias = at("attn.in_proj_bias");
  const auto norm = at("ln_1.weight");
  return norm != names.end() && bias != names.end() && weight < bias && bias < norm;
}

/// Whether the weights of products are half precision and the norms are not: what OpenAI's
/// convert_weights leaves.
bool mixed_as_by_openai(const Shapes& shapes) {
  return shapes.type(kOpenClipNames.patches) == DataType::kF16 &&
         shapes.type("visual.ln_pre.weight") == DataType::kF32;
}

struct ActivationChoice {
  ActivationKind kind;
  std::string_view reason;
};

ActivationChoice choose_activation(const Shapes& shapes, CheckpointLayout layout,
                                   const ClipConfig& config, const PublishedTower* known,
                                   std::optional<ActivationKind> given) {
  using enum ActivationKind;
  if (given) return {*given, "as given"};
  if (layout == CheckpointLayout::kHuggingFace) {
    if (known) return {kGelu, "that of LAION's models of this size; the file does not tell"};
    return {kQuickGelu, "transformers' default; the file does not tell"};
  }
  if (shapes.has("input_resolution")) return {kQuickGelu, "an archive of OpenAI's code"};
  if (shapes.has("positional_embedding_res")) return {kQuickGelu, "Long-CLIP's code"};
  if (written_by_openai_code(shapes.names())) {
    return {kQuickGelu, "the blocks are in the order of OpenAI's code"};
  }
  if (mixed_as_by_openai(shapes)) {
    return {kQuickGelu, "half-precision products and float32 norms as OpenAI's code has"};
  }
  // open_clip's pretrained.py: ViT-L-14-336 openai and ViT-H-14-378 dfn5b, both quick_gelu.
  const auto is = [&](int width, int size) {
    return config.vision.tower.width == width && config.vision.image_size == size;
  };
  if (is(1024, 336) || is(1280, 378)) {
    return {kQuickGelu, "that of the published models of this image size"};
  }
  return {kGelu, "open_clip's default; the file does not tell"};
}

std::string activation_line(const ActivationChoice& choice, bool given) {
  if (given) return fmt::format("activation: {} (as given)", name_of(choice.kind));
  const ActivationKind other =
      choice.kind == ActivationKind::kGelu ? ActivationKind::kQuickGelu : ActivationKind::kGelu;
  return fmt::format("activation: {} ({}; if the model has the other one: --activation {})",
                     name_of(choice.kind), choice.reason, name_of(other));
}

/// OpenAI's transform at the model's image size, with the rounding of the layout's library.
PreprocessConfig default_preprocess(int size, CheckpointLayout layout) {
  PreprocessConfig result;
  result.size = ShortestEdge{size};
  result.crop_width = result.crop_height = size;
  result.crop_rounding =
      layout == CheckpointLayout::kHuggingFace ? CropRounding::kDown : CropRounding::kToEven;
  return result;
}

/// Long-CLIP's second table of positions.
std::optional<int> second_positions(const Shapes& shapes, const TextConfig& text) {
  constexpr std::string_view kName = "positional_embedding_res";
  if (!shapes.has(kName)) return std::nullopt;
  const std::vector<int> sizes = shapes.sizes(kName, 2);
  if (sizes != std::vector<int>{text.context_length, text.tower.width} ||
      text.context_length <= kLongClipKept) {
    throw shapes.error(kName, fmt::format("expected the shape [{}, {}] of positional_embedding "
                                          "and more than {} positions, got [{}]",
                                          text.context_length, text.tower.width, kLongClipKept,
                                          fmt::join(sizes, ", ")));
  }
  return kLongClipKept;
}

std::string tower_line(std::string_view which, const TowerConfig& tower, std::string_view rest) {
  return fmt::format("{} tower: {} blocks of width {}, MLP {}, {} (tensor shapes)", which,
                     tower.layers, tower.width, tower.mlp_width, rest);
}

}  // namespace

InferOptions parse_infer_options(std::string_view heads, std::string_view activation) {
  InferOptions options;
  const auto number = [&](std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value <= 0) {
      throw Error("heads", fmt::format("expected a number, or two for the image and the text "
                                       "tower (12,8), got \"{}\"",
                                       heads));
    }
    return value;
  };
  if (!heads.empty()) {
    const std::size_t comma = heads.find(',');
    options.vision_heads = number(heads.substr(0, comma));
    options.text_heads =
        comma == std::string_view::npos ? options.vision_heads : number(heads.substr(comma + 1));
  }
  if (activation.empty()) return options;
  for (const ActivationKind kind :
       {ActivationKind::kQuickGelu, ActivationKind::kGelu, ActivationKind::kGeluTanh}) {
    if (name_of(kind) == activation) options.activation = kind;
  }
  if (!options.activation) {
    throw Error("activation",
                fmt::format("expected quick_gelu, gelu or gelu_tanh, got \"{}\"", activation));
  }
  return options;
}

InferredConfig infer_config(const TensorListing& tensors, const InferOptions& options) {
  const Shapes shapes(tensors);
  InferredConfig result;
  result.layout = check_family(shapes);
  const bool hugging_face = result.layout == CheckpointLayout::kHuggingFace;
  const LayoutNames& names = hugging_face ? kHuggingFaceNames : kOpenClipNames;
  ClipConfig& config = result.config;
  VisionConfig& vision = config.vision;
  TextConfig& text = config.text;
  read_image_tower(shapes, names, vision);
  read_text_tower(shapes, names, text);
  config.projection = read_projection(shapes, names, config);
  result.inferred.push_back(tower_line(
      "image", vision.tower,
      fmt::format("images of {} in patches of {}", vision.image_size, vision.patch_size)));
  result.inferred.push_back(tower_line(
      "text", text.tower,
      fmt::format("{} tokens of a vocabulary of {}", text.context_length, text.vocabulary)));

  const PublishedTower* known = published(vision.tower);
  result.inferred.push_back(
      choose_heads(shapes, "image", vision.tower, options.vision_heads, known));
  result.inferred.push_back(choose_heads(shapes, "text", text.tower, options.text_heads, nullptr));
  const ActivationChoice activation =
      choose_activation(shapes, result.layout, config, known, options.activation);
  result.inferred.push_back(activation_line(activation, options.activation.has_value()));
  for (TowerConfig* tower : {&vision.tower, &text.tower}) {
    tower->activation = activation.kind;
    tower->epsilon = kPyTorchEpsilon;
  }
  // transformers' CLIPTextConfig names the end-of-text token, the other codes take the largest id.
  if (hugging_face && text.vocabulary >= kClipVocabulary) text.end_id = kClipEndId;

  text.tokenizer = hugging_face ? kHuggingFaceTokenizer : kOpenAiTokenizer;
  text.tokenizer.published = text.vocabulary >= kClipVocabulary;
  result.second_positions_from = second_positions(shapes, text);
  if (result.second_positions_from) {
    result.inferred.push_back(fmt::format(
        "text positions: from {} on those of positional_embedding_res (Long-CLIP)", kLongClipKept));
  }
  result.preprocess = default_preprocess(vision.image_size, result.layout);
  result.inferred.push_back(
      fmt::format("preprocessing: shorter side to {}, bicubic, centre crop, OpenAI's mean and "
                  "standard deviation ({}'s default)",
                  vision.image_size, hugging_face ? "transformers" : "open_clip"));
  return result;
}

}  // namespace whyclip
