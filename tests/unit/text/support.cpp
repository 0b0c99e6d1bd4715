#include "tests/unit/text/support.h"

#include "tests/support/data.h"
#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"
#include "whyclip/io/file.h"
#include "whyclip/text/unicode.h"

namespace whyclip::testing {

const std::string& toons_vocab_json() {
  static const std::string text = read_text(repository_file("models/toons/vocab.json"));
  return text;
}

const std::string& toons_merges_txt() {
  static const std::string text = read_text(repository_file("models/toons/merges.txt"));
  return text;
}

const Tokenizer& toons_tokenizer() {
  static const Tokenizer tokenizer =
      Tokenizer::from_text(toons_vocab_json(), toons_merges_txt(), "toons", kBasicTokenizer);
  return tokenizer;
}

std::string utf8(std::u32string_view text) {
  std::string result;
  for (const char32_t code : text) append_utf8(result, code);
  return result;
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing thrown";
}

}  // namespace whyclip::testing
