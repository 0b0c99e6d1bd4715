#pragma once

#include <vector>

#include "whyclip/text/unicode.h"

namespace whyclip {

/// Replaces character references (&eacute; &amp &#233; &#xE9;) once, exactly like Python's
/// html.unescape: all names of HTML5, the old ones also without semicolon; unknown references are
/// unchanged. The replacement has the byte range of the whole reference.
std::vector<Character> unescape_html(std::vector<Character> text);

/// Replaces once the references that end in a semicolon, exactly like ftfy 6.3 (ftfy/fixes.py:
/// unescape_html): names of up to 24 letters and digits, also in capitals where that is
/// unambiguous (&EACUTE; is É), and numbers.
std::vector<Character> unescape_complete_html(std::vector<Character> text);

}  // namespace whyclip
