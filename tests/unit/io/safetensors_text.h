#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "whyclip/io/safetensors.h"

namespace whyclip::testing {

/// A file with the correct header length, this header and this many zero bytes of data.
std::string file_with_header(std::string_view header, std::size_t data_bytes);

/// 8 bytes of header length, valid or not.
std::string header_length(std::uint64_t length);

/// Opens the bytes as "w.safetensors".
TensorFile view_of(const std::string& file);

}  // namespace whyclip::testing
