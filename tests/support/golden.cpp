#include "tests/support/golden.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/support/data.h"

namespace whyclip::testing {

Golden::Golden(const std::string& name)
    : file_(TensorFile::open(repository_file("tests/golden/" + name + ".safetensors"))) {}

std::vector<float> Golden::floats(std::string_view tensor) const {
  return to_floats(file_.at(tensor), tensor);
}

std::vector<std::int64_t> Golden::integers(std::string_view tensor) const {
  const StoredTensor& stored = file_.at(tensor);
  std::vector<std::int64_t> values;
  const std::size_t size = stored.type == DataType::kI32 ? 4 : 8;
  for (std::size_t at = 0; at < stored.bytes.size(); at += size) {
    std::int64_t value = 0;
    std::memcpy(&value, stored.bytes.data() + at, size);
    values.push_back(value);
  }
  return values;
}

GoldenPrompts golden_prompts() {
  const auto json =
      nlohmann::json::parse(read_text(repository_file("tests/golden/toons/prompts.json")));
  return {json.at("classes"), json.at("templates"), json.at("prompts")};
}

}  // namespace whyclip::testing
