#pragma once

// Not part of the public interface: it shows the JSON library that the project uses.

#include <nlohmann/json.hpp>
#include <string>

namespace whyclip {

/// The result as plain HTML, for readers without scripts: headline, notes, single values, lists of
/// records and the map as tables. Long lists of numbers other than the map are left out.
std::string plain_tables(const nlohmann::ordered_json& result);

}  // namespace whyclip
