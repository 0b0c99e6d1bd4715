#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace whyclip::testing {

bool contains(std::string_view text, std::string_view part);
std::size_t count(std::string_view text, std::string_view part);

/// The first tag that is not closed in order, or empty. Knows void elements and skips scripts and
/// styles.
std::string first_unbalanced(std::string_view html);

/// The text between the first `begin` of a page and the next `end`. Throws if one is missing.
std::string between(std::string_view page, std::string_view begin, std::string_view end);

/// The tables for readers without scripts.
std::string tables_of(std::string_view page);

/// The JSON inside a page: {"result": …, "pictures": {"image": "data:…"}}.
nlohmann::ordered_json payload_of(std::string_view page);

/// payload_of(page)["result"].
nlohmann::json result_of(std::string_view page);

/// The page without what comes from the result: its title, tables and payload.
std::string frame_of(std::string_view page);

/// Succeeds if the page is one well-formed file that needs nothing from outside and has this
/// result.
::testing::AssertionResult is_page_of(std::string_view page, const nlohmann::json& result);

}  // namespace whyclip::testing
