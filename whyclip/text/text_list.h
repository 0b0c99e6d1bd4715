#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// An entry of a user's list with its location: "words.txt:3", "classes.json: [2]".
struct ListEntry {
  std::string text;
  std::string where;
};

/// JSON forms that a list may have.
enum class JsonForms {
  kStrings,  ///< an array of strings
  kNames,    ///< also the forms of class lists: see parse_text_list
};

/// Returns whether a list is JSON: the file's name ends in .json, or the text begins with a bracket
/// followed by a string or another bracket. A template "{} here" is text.
bool is_json_list(std::string_view text, std::string_view file, JsonForms forms);

/// Parses the entries of a list, in their order, including duplicates; never empty.
///   Text: one entry per line (LF, CRLF or CR). White space at the ends of lines and a byte order
///   mark are removed; blank lines and lines that begin with # are skipped. JSON: an array of
///   strings. With kNames also an array of {"name": "tench"} or of
///   ["n01440764", "tench"]; {"0": "tench"} and {"0": ["n01440764", "tench"]} in the order of the
///   numbers; {"tench": 0} in the order of the numbers; {"n01440764": "tench"} in the order of the
///   WordNet ids; or an object with one of these under "classes", "class_names", "names", "labels",
///   "categories" or "id2label".
/// `file` is the list's name in messages, and `wanted` the kind of entries ("class name"). Throws
/// Error with the location of an entry that is not UTF-8, blank or of another type; for another
/// form; and if there is no entry.
std::vector<ListEntry> parse_text_list(std::string_view text, std::string_view file,
                                       std::string_view wanted, JsonForms forms);

/// Removes white space at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace whyclip
