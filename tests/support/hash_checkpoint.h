#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "whyclip/core/tensor.h"

namespace whyclip::testing {

/// The published sizes that reference values exist for.
enum class HashSize { kB32, kB16, kL14 };
std::string name_of(HashSize size);

/// Makes a full-size checkpoint in the Hugging Face layout whose weights come from a hash
/// (tests/golden/README.md), so that no file of hundreds of megabytes need be kept: config.json,
/// preprocessor_config.json, model.safetensors (float32), and the vocabulary of the toons model,
/// which is smaller than the config says and only stands in.
void write_hash_checkpoint(const std::filesystem::path& folder, HashSize size);

/// The same with the architecture of the embedded model (models/toons/config.json) and its
/// preprocessor: a model of its shape that has learnt nothing.
void write_hash_toons(const std::filesystem::path& folder);

/// Values of the tensor `name`: mean + std·sqrt(3)·u with u in [−1, 1] from the hash.
std::vector<float> hash_tensor(const std::string& name, std::size_t count, double mean, double std);

}  // namespace whyclip::testing
