#include "whyclip/text/common_words.h"

#include "whyclip/text/templates.h"

extern "C" const unsigned char whyclip_common_words[];
extern "C" const unsigned long whyclip_common_words_size;

namespace whyclip {

const std::vector<std::string>& common_words() {
  static const std::vector<std::string> words = parse_word_list(
      {reinterpret_cast<const char*>(whyclip_common_words), whyclip_common_words_size},
      "common_words.txt");
  return words;
}

}  // namespace whyclip
