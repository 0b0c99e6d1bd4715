#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "whyclip/io/safetensors.h"

namespace whyclip::testing {

/// A file with this header, its true length before it, and this many zero bytes of data.
std::string file_with_header(std::string_view header, std::size_t data_bytes);

/// 8 bytes of header length, whatever it is.
std::string header_length(std::uint64_t length);

/// Opens the bytes as "w.safetensors".
Safetensors view_of(const std::string& file);

}  // namespace whyclip::testing
