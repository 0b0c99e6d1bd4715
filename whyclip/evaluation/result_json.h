#pragma once

// Not part of the public interface: it exposes the JSON library.

#include "whyclip/evaluation/result_store.h"
#include "whyclip/io/json.h"

namespace whyclip {

/// A line of results.jsonl without line break.
std::string to_line(const MethodResult& result);
/// Parses a line of results.jsonl. Throws Error naming the field.
MethodResult result_of(const JsonView& json);

/// The first line of results.jsonl: format and run metadata.
std::string header_line(const std::vector<std::pair<std::string, std::string>>& run_metadata);
/// Throws Error naming the file and the first entry of the metadata that differs, with both values.
void check_header(const JsonView& json, const std::string& file,
                  const std::vector<std::pair<std::string, std::string>>& run_metadata);

}  // namespace whyclip
