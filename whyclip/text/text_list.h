#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// An entry of a list that a user wrote, and its place: "words.txt:3", "classes.json: [2]".
struct ListEntry {
  std::string text;
  std::string where;
};

/// Which forms of JSON a list may have.
enum class JsonForms {
  kStrings,  ///< an array of strings
  kNames,    ///< also the forms of class lists: see parse_text_list
};

/// Whether a list is written in JSON: the file's name ends in .json, or the text begins with a
/// bracket and then a string, another bracket or the closing one. A template "{} here" is text.
bool is_json_list(std::string_view text, std::string_view file, JsonForms forms);

/// The entries of a list, in their order, duplicates kept; never empty.
///   Text: one entry a line (LF, CRLF or CR). White space at the ends of lines and a byte order
///   mark are dropped; blank lines and lines that begin with # are skipped. JSON: an array of
///   strings. With kNames also an array of {"name": "tench"} or of
///   ["n01440764", "tench"]; {"0": "tench"} and {"0": ["n01440764", "tench"]} in the order of the
///   numbers; {"tench": 0} in the order of the numbers; {"n01440764": "tench"} in the order of the
///   WordNet ids; or an object with one of these under "classes", "class_names", "names", "labels",
///   "categories" or "id2label".
/// `file` is what messages call the list, and `wanted` what it should hold ("class name"). Throws
/// Error naming the place of an entry that is not UTF-8, blank or of another type; for another
/// form; and if no entry is left.
std::vector<ListEntry> parse_text_list(std::string_view text, std::string_view file,
                                       std::string_view wanted, JsonForms forms);

/// The text without white space at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace whyclip
