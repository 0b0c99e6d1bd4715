#include "whyclip/model/embedded_model.h"

#include <array>

#include "whyclip/core/error.h"

// Made by whyclip_embed in CMakeLists.txt.
extern "C" {
extern const unsigned char whyclip_toons_weights[];
extern const unsigned long whyclip_toons_weights_size;
extern const unsigned char whyclip_toons_config[];
extern const unsigned long whyclip_toons_config_size;
extern const unsigned char whyclip_toons_preprocessor[];
extern const unsigned long whyclip_toons_preprocessor_size;
extern const unsigned char whyclip_toons_vocab[];
extern const unsigned long whyclip_toons_vocab_size;
extern const unsigned char whyclip_toons_merges[];
extern const unsigned long whyclip_toons_merges_size;
extern const unsigned char whyclip_toons_words[];
extern const unsigned long whyclip_toons_words_size;
extern const unsigned char whyclip_toons_image_mean[];
extern const unsigned long whyclip_toons_image_mean_size;
}

namespace whyclip {
namespace {

std::string_view text_of(const unsigned char* data, unsigned long size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

std::span<const std::byte> embedded_weights() {
  return std::as_bytes(std::span(whyclip_toons_weights, whyclip_toons_weights_size));
}

std::string_view embedded_text(std::string_view file) {
  if (file == "config.json") return text_of(whyclip_toons_config, whyclip_toons_config_size);
  if (file == "preprocessor_config.json") {
    return text_of(whyclip_toons_preprocessor, whyclip_toons_preprocessor_size);
  }
  if (file == "vocab.json") return text_of(whyclip_toons_vocab, whyclip_toons_vocab_size);
  if (file == "merges.txt") return text_of(whyclip_toons_merges, whyclip_toons_merges_size);
  if (file == "words.txt") return text_of(whyclip_toons_words, whyclip_toons_words_size);
  if (file == "image_mean.txt") {
    return text_of(whyclip_toons_image_mean, whyclip_toons_image_mean_size);
  }
  throw Error(file, "the embedded model has no such file");
}

}  // namespace whyclip
