#include "whyclip/text/published_vocabulary.h"

#include <span>
#include <string>

#include "whyclip/text/byte_alphabet.h"

extern "C" const unsigned char whyclip_published_merges[];
extern "C" const unsigned long whyclip_published_merges_size;

namespace whyclip {
namespace {

constexpr std::size_t kMergeBytes = 4;

void add_published(Vocabulary& vocabulary, std::string token) {
  vocabulary.ids.emplace(token, static_cast<std::int32_t>(vocabulary.tokens.size()));
  vocabulary.tokens.push_back(std::move(token));
}

std::int32_t little_endian(std::span<const unsigned char> bytes) {
  return static_cast<std::int32_t>(bytes[0] | bytes[1] << 8);
}

}  // namespace

Vocabulary published_vocabulary() {
  Vocabulary vocabulary;
  vocabulary.file = "published CLIP vocabulary";
  vocabulary.tokens.reserve(kPublishedTokens);
  vocabulary.ids.reserve(kPublishedTokens);
  // The symbols that are the bytes themselves have the first ids.
  for (const bool is_shifted : {false, true}) {
    for (const std::string& symbol : byte_symbols()) {
      if (is_shifted_symbol(symbol) == is_shifted) add_published(vocabulary, symbol);
    }
  }
  const std::size_t bytes = vocabulary.tokens.size();
  for (std::size_t i = 0; i < bytes; ++i) {
    add_published(vocabulary, vocabulary.tokens[i] + std::string(kEndOfWord));
  }
  const std::span<const unsigned char> data(whyclip_published_merges,
                                            whyclip_published_merges_size);
  for (std::size_t at = 0; at < data.size(); at += kMergeBytes) {
    const std::int32_t left = little_endian(data.subspan(at));
    const std::int32_t right = little_endian(data.subspan(at + 2));
    vocabulary.merges.push_back({left, right, static_cast<std::int32_t>(vocabulary.tokens.size())});
    add_published(vocabulary, vocabulary.tokens[static_cast<std::size_t>(left)] +
                                  vocabulary.tokens[static_cast<std::size_t>(right)]);
  }
  add_published(vocabulary, std::string(kStartOfText));
  add_published(vocabulary, std::string(kEndOfText));
  return vocabulary;
}

}  // namespace whyclip
