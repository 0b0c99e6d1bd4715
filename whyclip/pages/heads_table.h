#pragma once

#include <string>

#include "whyclip/heads.h"
#include "whyclip/pages/document.h"

namespace whyclip {

/// "fur 12 %, stripes 8 %", with no-break spaces within an entry.
std::string head_words_text(const HeadDescription& head);

/// A head's words, one a row, with what each explains and all until then.
DocumentTable head_table(const HeadDescription& head);

}  // namespace whyclip
