#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/io/tensor_file.h"

namespace whyclip::testing {

/// A file of reference values; see tests/golden/README.md for their origin.
class Golden {
 public:
  /// `name` is a path below tests/golden, without ".safetensors".
  explicit Golden(const std::string& name);
  std::vector<float> floats(std::string_view tensor) const;
  std::vector<std::int64_t> integers(std::string_view tensor) const;
  const TensorFile& file() const { return file_; }

 private:
  TensorFile file_;
};

/// The golden images of the toons model.
inline constexpr const char* kToonsCases[] = {"cat", "cat_and_dog", "girl_tree_bird", "sketch_dog",
                                              "blurry_building"};

/// Classes, templates and prompts of the toons golden files.
struct GoldenPrompts {
  std::vector<std::string> classes, templates, prompts;
};
GoldenPrompts golden_prompts();

}  // namespace whyclip::testing
