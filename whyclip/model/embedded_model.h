#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace whyclip {

/// The files of models/toons, compiled into the library.
std::span<const std::byte> embedded_weights();
/// The text of config.json, preprocessor_config.json, vocab.json, merges.txt, words.txt or
/// image_mean.txt. Throws Error for another name.
std::string_view embedded_text(std::string_view file);

}  // namespace whyclip
