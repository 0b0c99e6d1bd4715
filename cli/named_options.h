#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip::cli {

/// What was set, by name and option.
using NamedOptionTexts = std::map<std::string, std::map<std::string, std::string>>;

/// Reads "NAME.OPTION=VALUE" texts. `flag` and `form` ("METHOD.OPTION=VALUE") are for the Error
/// that is thrown for what cannot be read; `check` may throw one for a name.
NamedOptionTexts named_options(const std::vector<std::string>& texts, std::string_view flag,
                               std::string_view form,
                               const std::function<void(const std::string&)>& check);

/// Something to choose by its name, its group ("family:gradient", or the group's name alone where
/// nothing has that name) or "all".
struct Choice {
  std::string name, group;
  bool in_all = true;
};

/// The names that the words stand for. A name is that one choice, even if a group has the same
/// name; `kind` and a colon in front ("family:") always stand for a group. Throws Error for a group
/// that does not exist; `check` may throw one for a word that is neither name nor group.
std::set<std::string> chosen_names(const std::vector<std::string>& words, std::string_view kind,
                                   const std::vector<Choice>& choices,
                                   const std::function<void(const std::string&)>& check);

}  // namespace whyclip::cli
