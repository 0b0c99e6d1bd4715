#pragma once

#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// Replaces character references (&eacute; &amp &#233; &#xE9;) once, exactly as Python's
/// html.unescape: all names of HTML5, the old ones without their semicolon too, unknown ones left
/// as they are. What a reference becomes stands for all of its bytes.
std::vector<Character> unescape_html(std::vector<Character> text);

}  // namespace whyclip
