#include "tests/support/tiny_checkpoint.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/support/data.h"
#include "tests/support/hash_checkpoint.h"

namespace whyclip::testing {
namespace {

struct Shape {
  std::string name;
  std::vector<std::int64_t> sizes;
};

/// Norms near 1, matrices that preserve the scale of their inputs, and biases of noticeable size.
TensorToWrite tensor(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape.sizes) count *= std::size_t(size);
  const bool norm = shape.name.find("norm") != std::string::npos ||
                    shape.name.find("layrnorm") != std::string::npos;
  double mean = 0, deviation = 0.2;
  if (shape.name == "logit_scale") {
    mean = 4.6052, deviation = 0;
  } else if (norm && shape.name.ends_with("weight")) {
    mean = 1;
  } else if (shape.name.ends_with("_proj.weight") || shape.name.ends_with("_projection.weight") ||
             shape.name.find(".fc") != std::string::npos) {
    deviation = shape.sizes.size() > 1 ? 1 / std::sqrt(double(shape.sizes[1])) : 0.2;
  }
  return {shape.name, shape.sizes, hash_tensor(shape.name, count, mean, deviation)};
}

void add_blocks(std::vector<TensorToWrite>& tensors, const std::string& tower, std::int64_t width,
                std::int64_t mlp) {
  for (int block = 0; block < 2; ++block) {
    const std::string prefix = tower + ".encoder.layers." + std::to_string(block) + ".";
    for (const Shape& shape : {Shape{"layer_norm1.weight", {width}},
                               {"layer_norm1.bias", {width}},
                               {"self_attn.q_proj.weight", {width, width}},
                               {"self_attn.q_proj.bias", {width}},
                               {"self_attn.k_proj.weight", {width, width}},
                               {"self_attn.k_proj.bias", {width}},
                               {"self_attn.v_proj.weight", {width, width}},
                               {"self_attn.v_proj.bias", {width}},
                               {"self_attn.out_proj.weight", {width, width}},
                               {"self_attn.out_proj.bias", {width}},
                               {"layer_norm2.weight", {width}},
                               {"layer_norm2.bias", {width}},
                               {"mlp.fc1.weight", {mlp, width}},
                               {"mlp.fc1.bias", {mlp}},
                               {"mlp.fc2.weight", {width, mlp}},
                               {"mlp.fc2.bias", {width}}}) {
      tensors.push_back(tensor({prefix + shape.name, shape.sizes}));
    }
  }
}

std::uint16_t half_bits(float value) {
  const double magnitude = std::abs(double(value));
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const int last_position = std::max(exponent - 11, -24);
  const double positions = std::nearbyint(std::ldexp(magnitude, -last_position));
  const int bits = (last_position + 24) * 1024 + int(positions);
  return std::uint16_t(bits | (std::signbit(value) ? 0x8000 : 0));
}

std::uint16_t bfloat_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return std::uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <class Stored>
void append(std::string& file, Stored value) {
  file.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// A tensor's name in OpenAI's layout.
std::string open_clip_name(std::string name) {
  const bool vision = name.starts_with("vision_model.");
  const std::string tower = vision ? "visual." : "";
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, std::string>>{
           {"vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"},
           {"vision_model.embeddings.class_embedding", "visual.class_embedding"},
           {"vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"},
           {"text_model.embeddings.token_embedding.weight", "token_embedding.weight"},
           {"text_model.embeddings.position_embedding.weight", "positional_embedding"},
           {"vision_model.pre_layrnorm", "visual.ln_pre"},
           {"vision_model.post_layernorm", "visual.ln_post"},
           {"text_model.final_layer_norm", "ln_final"},
           {"visual_projection.weight", "visual.proj"},
           {"text_projection.weight", "text_projection"},
           {"vision_model.encoder.layers", "visual.transformer.resblocks"},
           {"text_model.encoder.layers", "transformer.resblocks"},
           {"layer_norm1", "ln_1"},
           {"layer_norm2", "ln_2"},
           {"self_attn.out_proj", "attn.out_proj"},
           {"mlp.fc1", "mlp.c_fc"},
           {"mlp.fc2", "mlp.c_proj"},
           {"self_attn.q_proj.", "attn.in_proj_"}}) {
    name = replaced(std::move(name), from, to);
  }
  return name;
}

TensorToWrite transposed(const TensorToWrite& tensor) {
  const std::int64_t rows = tensor.shape[0], columns = tensor.shape[1];
  TensorToWrite result{tensor.name, {columns, rows}, tensor.values};
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      result.values[std::size_t(c * rows + r)] = tensor.values[std::size_t(r * columns + c)];
    }
  }
  return result;
}

nlohmann::json tower_config(int width, int heads, ActivationKind activation) {
  return {{"hidden_size", width},
          {"intermediate_size", 2 * width},
          {"num_hidden_layers", 2},
          {"num_attention_heads", heads},
          {"hidden_act", whyclip::name_of(activation)},
          {"layer_norm_eps", 1e-5}};
}

}  // namespace

const char* const kTinyPreprocessor =
    R"({"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}, "resample": 3,
        "rescale_factor": 0.00392156862745098, "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711]})";

std::vector<TensorToWrite> tiny_tensors() {
  std::vector<TensorToWrite> tensors;
  for (const Shape& shape : {Shape{"vision_model.embeddings.class_embedding", {24}},
                             {"vision_model.embeddings.patch_embedding.weight", {24, 3, 4, 4}},
                             {"vision_model.embeddings.position_embedding.weight", {17, 24}},
                             {"vision_model.pre_layrnorm.weight", {24}},
                             {"vision_model.pre_layrnorm.bias", {24}},
                             {"vision_model.post_layernorm.weight", {24}},
                             {"vision_model.post_layernorm.bias", {24}},
                             {"visual_projection.weight", {20, 24}},
                             {"text_model.embeddings.token_embedding.weight", {737, 16}},
                             {"text_model.embeddings.position_embedding.weight", {32, 16}},
                             {"text_model.final_layer_norm.weight", {16}},
                             {"text_model.final_layer_norm.bias", {16}},
                             {"text_projection.weight", {20, 16}},
                             {"logit_scale", {}}}) {
    tensors.push_back(tensor(shape));
  }
  add_blocks(tensors, "vision_model", 24, 48);
  add_blocks(tensors, "text_model", 16, 32);
  return tensors;
}

std::vector<TensorToWrite> as_open_clip(const std::vector<TensorToWrite>& tensors) {
  std::vector<TensorToWrite> result;
  for (const TensorToWrite& tensor : tensors) {
    if (tensor.name.find("k_proj") != std::string::npos ||
        tensor.name.find("v_proj") != std::string::npos) {
      // The tables above list q, k and v of a block in this order, alternating weights and biases.
      TensorToWrite& stacked = *(result.end() - (tensor.name.ends_with("bias") ? 1 : 2));
      stacked.shape[0] += tensor.shape[0];
      stacked.values.insert(stacked.values.end(), tensor.values.begin(), tensor.values.end());
      continue;
    }
    const bool projection = tensor.name.find("_projection") != std::string::npos;
    result.push_back(projection ? transposed(tensor) : tensor);
    result.back().name = open_clip_name(tensor.name);
  }
  return result;
}

std::string tiny_config(ActivationKind activation) {
  nlohmann::json vision = tower_config(24, 3, activation), text = tower_config(16, 2, activation);
  vision.update({{"image_size", 16}, {"patch_size", 4}});
  text.update({{"vocab_size", 737}, {"max_position_embeddings", 32}, {"eos_token_id", 736}});
  return nlohmann::json{{"projection_dim", 20}, {"vision_config", vision}, {"text_config", text}}
      .dump(1);
}

std::string tiny_open_clip_config(ActivationKind activation) {
  const nlohmann::json vision{{"image_size", 16}, {"layers", 2},     {"width", 24},
                              {"patch_size", 4},  {"head_width", 8}, {"mlp_ratio", 2.0}};
  const nlohmann::json text{{"context_length", 32}, {"vocab_size", 737}, {"width", 16},
                            {"heads", 2},           {"layers", 2},       {"mlp_ratio", 2.0}};
  const nlohmann::json model{{"embed_dim", 20},
                             {"quick_gelu", activation == ActivationKind::kQuickGelu},
                             {"vision_cfg", vision},
                             {"text_cfg", text}};
  return nlohmann::json{{"model_cfg", model}}.dump(1);
}

std::string format_safetensors_as(DataType type, const std::vector<TensorToWrite>& tensors) {
  if (type == DataType::kF32) return format_safetensors(tensors);
  nlohmann::ordered_json header;
  std::string data;
  for (const TensorToWrite& tensor : tensors) {
    const std::size_t begin = data.size();
    for (const float v : tensor.values) {
      append(data, type == DataType::kF16 ? half_bits(v) : bfloat_bits(v));
    }
    header[tensor.name] = {{"dtype", whyclip::name_of(type)},
                           {"shape", tensor.shape},
                           {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  std::string file;
  append(file, std::uint64_t(text.size()));
  return file + text + data;
}

void write_tiny_checkpoint(const std::filesystem::path& folder, const TinyOptions& options) {
  write_tiny_checkpoint(folder, options, tiny_tensors());
}

void write_tiny_checkpoint(const std::filesystem::path& folder, const TinyOptions& options,
                           const std::vector<TensorToWrite>& tensors) {
  for (const char* name : {"vocab.json", "merges.txt"}) {
    write_file(folder / name, read_text(repository_file(std::string("models/toons/") + name)));
  }
  if (options.form == TinyForm::kOpenClip) {
    write_file(folder / "open_clip_config.json", tiny_open_clip_config(options.activation));
    write_file(folder / "open_clip_model.safetensors",
               format_safetensors_as(options.type, as_open_clip(tensors)));
    return;
  }
  write_file(folder / "config.json", tiny_config(options.activation));
  write_file(folder / "preprocessor_config.json", kTinyPreprocessor);
  if (options.form == TinyForm::kHuggingFace) {
    write_file(folder / "model.safetensors", format_safetensors_as(options.type, tensors));
    return;
  }
  nlohmann::json map;
  std::vector<TensorToWrite> shards[2];
  const std::string names[2] = {"model-00001-of-00002.safetensors",
                                "model-00002-of-00002.safetensors"};
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    shards[i % 2].push_back(tensors[i]);
    map[tensors[i].name] = names[i % 2];
  }
  for (int s : {0, 1}) {
    write_file(folder / names[s], format_safetensors_as(options.type, shards[s]));
  }
  write_file(folder / "model.safetensors.index.json",
             nlohmann::json{{"metadata", nlohmann::json::object()}, {"weight_map", map}}.dump());
}

}  // namespace whyclip::testing
