#include "tests/support/hash_checkpoint.h"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/support/data.h"
#include "whyclip/io/file.h"
#include "whyclip/model/weights.h"

namespace whyclip::testing {
namespace {

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

std::uint64_t splitmix(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

struct Distribution {
  double mean, std;
};

/// Mean and standard deviation of a tensor in the Hugging Face layout, as in the reference program.
Distribution distribution(const std::string& name, const std::vector<std::int64_t>& shape) {
  if (name == "logit_scale") return {4.6052, 0};
  if (contains(name, "norm") || contains(name, "layrnorm")) {
    return name.ends_with("weight") ? Distribution{1.0, 0.2} : Distribution{0.0, 0.1};
  }
  if (name.ends_with("bias") || contains(name, "class_embedding") ||
      contains(name, "position_embedding") || contains(name, "token_embedding")) {
    return {0, 0.05};
  }
  if (contains(name, "patch_embedding")) {
    return {0, 1 / std::sqrt(double(shape[1] * shape[2] * shape[3]))};
  }
  const double std = 1 / std::sqrt(double(shape.back()));
  if (contains(name, "q_proj") || contains(name, "k_proj")) return {0, 1.3 * std};
  if (contains(name, "fc2") || contains(name, "out_proj")) return {0, 0.6 * std};
  return {0, std};
}

nlohmann::json config_of(HashSize size) {
  const bool large = size == HashSize::kL14;
  const int patch = size == HashSize::kB32 ? 32 : large ? 14 : 16;
  const auto tower = [](int width, int layers, int heads) {
    return nlohmann::json{{"hidden_size", width},        {"intermediate_size", 4 * width},
                          {"num_hidden_layers", layers}, {"num_attention_heads", heads},
                          {"hidden_act", "quick_gelu"},  {"layer_norm_eps", 1e-5}};
  };
  nlohmann::json vision = large ? tower(1024, 24, 16) : tower(768, 12, 12);
  vision.update({{"image_size", 224}, {"patch_size", patch}});
  nlohmann::json text = large ? tower(768, 12, 12) : tower(512, 12, 8);
  text.update({{"vocab_size", 49408}, {"max_position_embeddings", 77}, {"eos_token_id", 2}});
  return {{"projection_dim", large ? 768 : 512}, {"vision_config", vision}, {"text_config", text}};
}

/// Writes a complete checkpoint of this config with weights from the hash.
void write_folder(const std::filesystem::path& folder, const std::string& config_text,
                  const std::string& preprocessor_text) {
  const ClipConfig config = parse_hugging_face_config(config_text, "hash config");
  std::vector<WeightRow> rows = vision_weights(config);
  for (WeightRow& row : text_weights(config)) rows.push_back(std::move(row));

  nlohmann::ordered_json header;
  std::uint64_t offset = 0;
  const auto count = [](const WeightRow& row) {
    std::uint64_t n = 1;
    for (const std::int64_t s : row.shape) n *= std::uint64_t(s);
    return n;
  };
  for (const WeightRow& row : rows) {
    const std::uint64_t end = offset + 4 * count(row);
    header[row.hugging_face] = {
        {"dtype", "F32"}, {"shape", row.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string header_text = header.dump();
  header_text.resize((header_text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header_text.size();
  std::ofstream file(folder / "model.safetensors", std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << header_text;
  for (const WeightRow& row : rows) {
    const Distribution d = distribution(row.hugging_face, row.shape);
    const std::vector<float> values = hash_tensor(row.hugging_face, count(row), d.mean, d.std);
    file.write(reinterpret_cast<const char*>(values.data()), std::streamsize(4 * values.size()));
  }
  file.close();
  if (!file) throw std::runtime_error("cannot write " + (folder / "model.safetensors").string());
  std::ofstream(folder / "config.json") << config_text;
  std::ofstream(folder / "preprocessor_config.json") << preprocessor_text;
  for (const char* name : {"vocab.json", "merges.txt"}) {
    std::filesystem::copy_file(repository_file(std::string("models/toons/") + name), folder / name);
  }
}

}  // namespace

std::string name_of(HashSize size) {
  return size == HashSize::kB32 ? "vit-b-32" : size == HashSize::kB16 ? "vit-b-16" : "vit-l-14";
}

std::vector<float> hash_tensor(const std::string& name, std::size_t count, double mean,
                               double std) {
  std::vector<float> values(count);
  const std::uint64_t seed = fnv1a(name);
  const double factor = std * std::sqrt(3.0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto uniform = static_cast<float>(double(splitmix(seed + i) >> 40) / 8388608.0 - 1.0);
    values[i] = static_cast<float>(double(uniform) * factor + mean);
  }
  return values;
}

void write_hash_checkpoint(const std::filesystem::path& folder, HashSize size) {
  write_folder(folder, config_of(size).dump(1),
               R"({"size": 224, "crop_size": 224, "resample": 3,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711]})");
}

void write_hash_toons(const std::filesystem::path& folder) {
  write_folder(folder, read_text(repository_file("models/toons/config.json")),
               read_text(repository_file("models/toons/preprocessor_config.json")));
}

}  // namespace whyclip::testing
