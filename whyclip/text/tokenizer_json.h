#pragma once

// Not part of the public interface: it exposes the JSON library.

#include <optional>
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

/// "normalizer": NFC, Replace of \s+ by a blank and Lowercase, alone or in a Sequence. If it is
/// absent, those of CLIP, as transformers 5 does. Throws Error naming any other.
std::vector<NormalizerStep> parse_normalizer(const JsonView& tokenizer_json);

/// "pre_tokenizer": the pattern of the Split before the byte alphabet. Throws Error unless it is
/// one of CLIP's; that of transformers 4 if it is absent.
WordPattern parse_pre_tokenizer(const JsonView& tokenizer_json);

struct StartAndEnd {
  std::string start, end;  ///< names of the tokens
};

/// "post_processor": the tokens that RobertaProcessing or TemplateProcessing puts around a text;
/// nullopt if it is absent. Throws Error naming any other.
std::optional<StartAndEnd> parse_post_processor(const JsonView& tokenizer_json);

}  // namespace whyclip
