#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "whyclip/core/tensor.h"

namespace whyclip::testing {

/// Published model sizes with reference values.
enum class HashSize { kB32, kB16, kL14 };
std::string name_of(HashSize size);

/// Writes a full-size checkpoint in the Hugging Face layout with weights from a hash
/// (tests/golden/README.md), which avoids storing hundreds of megabytes: config.json,
/// preprocessor_config.json, model.safetensors (float32), and the toons vocabulary as a
/// placeholder, which is smaller than the config's.
void write_hash_checkpoint(const std::filesystem::path& folder, HashSize size);

/// Writes an untrained model with the architecture (models/toons/config.json) and preprocessor of
/// the embedded model.
void write_hash_toons(const std::filesystem::path& folder);

/// Values of the tensor `name`: mean + std·sqrt(3)·u with u in [−1, 1] from a hash.
std::vector<float> hash_tensor(const std::string& name, std::size_t count, double mean, double std);

}  // namespace whyclip::testing
