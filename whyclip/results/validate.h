#pragma once

#include <string>

// Checks of values that a result cannot have, for readers of JSON: fields.h calls validate for each
// struct that has one, after its fields are read. All throw Error naming the field below `where`.

namespace whyclip {

struct Comparison;
struct Explanation;
struct ImageInfo;
struct PatchGrid;
struct RegionTable;
struct TargetInfo;

/// The sizes are positive.
void validate(const ImageInfo& image, const std::string& where);
void validate(const PatchGrid& grid, const std::string& where);
/// The kind is one of the four.
void validate(const TargetInfo& target, const std::string& where);
/// The map has a value for each patch of the grid, and the regions have patches of the grid.
void validate(const Explanation& explanation, const std::string& where);
void validate(const Comparison& comparison, const std::string& where);
/// The regions have patches of the grid, and each target has a value for each source.
void validate(const RegionTable& table, const std::string& where);

}  // namespace whyclip
