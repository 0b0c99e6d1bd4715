#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Something that is chosen by its name, by its group ("family:gradient", or the group's name alone
/// if nothing has that name) or by "all".
struct NamedChoice {
  std::string name = {}, group = {};
  bool in_all = true;
};

/// The names that the words stand for. A word that is a name is that one choice, even if a group
/// has the same name; `kind` and a colon in front ("family:") always name a group. Throws Error for
/// a group that does not exist. `check` is called for a word that is neither name nor group, and
/// may throw an Error that lists the names.
std::set<std::string> chosen_names(std::span<const std::string> words, std::string_view kind,
                                   std::span<const NamedChoice> choices,
                                   const std::function<void(const std::string&)>& check);

}  // namespace whyclip
