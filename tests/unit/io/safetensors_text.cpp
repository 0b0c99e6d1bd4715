#include "tests/unit/io/safetensors_text.h"

#include <cstring>

namespace whyclip::testing {

std::string header_length(std::uint64_t length) {
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes;
}

std::string file_with_header(std::string_view header, std::size_t data_bytes) {
  return header_length(header.size()) + std::string(header) + std::string(data_bytes, '\0');
}

TensorFile view_of(const std::string& file) {
  return TensorFile::view(std::as_bytes(std::span(file)), "w.safetensors");
}

}  // namespace whyclip::testing
