#pragma once

// Not part of the public interface: it exposes the JSON library.

#include <string>
#include <vector>

#include "whyclip/io/json.h"
#include "whyclip/text/added_tokens.h"
#include "whyclip/text/normalizer.h"
#include "whyclip/text/words.h"

namespace whyclip {

/// The sections of a tokenizer.json (Hugging Face `tokenizers` library) of a CLIP tokenizer. Other
/// kinds are refused by name.

/// An added token, without its id. Absent flags are false.
AddedToken parse_added_token(const JsonView& token);

/// "normalizer": NFC, Replace of \s+ by a blank and Lowercase, alone or in a Sequence; none if it
/// is null or absent. Throws Error naming any other.
std::vector<NormalizerStep> parse_normalizer(const JsonView& tokenizer_json);

/// "pre_tokenizer": the pattern of the Split before the byte alphabet. Throws Error unless it is
/// one of CLIP's, also if it is null or absent.
WordPattern parse_pre_tokenizer(const JsonView& tokenizer_json);

struct StartAndEnd {
  std::string start, end;  ///< names of the tokens
};

/// "post_processor": the tokens that RobertaProcessing or TemplateProcessing puts around a text.
/// Throws Error naming any other, also if it is null or absent: the library adds no tokens then.
StartAndEnd parse_post_processor(const JsonView& tokenizer_json);

}  // namespace whyclip
