#pragma once

// Not part of the public interface: it shows the JSON library that the project uses.

#include "whyclip/evaluation/result_store.h"
#include "whyclip/io/json.h"

namespace whyclip {

/// A line of results.jsonl, without its end.
std::string to_line(const MethodResult& result);
/// Throws Error naming the field.
MethodResult result_of(const JsonView& json);

/// The first line: what the results are of.
std::string header_line(const std::vector<std::pair<std::string, std::string>>& run_metadata);
/// Throws Error naming the file and the first fact that differs, with both values and what to do.
void check_header(const JsonView& json, const std::string& file,
                  const std::vector<std::pair<std::string, std::string>>& run_metadata);

}  // namespace whyclip
