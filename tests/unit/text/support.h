#pragma once

#include <functional>
#include <string>
#include <vector>

#include "whyclip/text/tokenizer.h"

namespace whyclip::testing {

/// The tokenizer of models/toons, and the text of its two files.
const Tokenizer& toons_tokenizer();
const std::string& toons_vocab_json();
const std::string& toons_merges_txt();

/// Encodes code points as UTF-8.
std::string utf8(std::u32string_view text);

/// The message of the Error that a call throws, or "nothing thrown".
std::string error_of(const std::function<void()>& call);

}  // namespace whyclip::testing
