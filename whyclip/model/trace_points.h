#pragma once

#include <string_view>

// Names of trace points (ARCHITECTURE.md) that several readers of a record use.

namespace whyclip::trace_points {

inline constexpr std::string_view kPatches = "vision.patches";         ///< patch embeddings
inline constexpr std::string_view kClassToken = "vision.class_token";  ///< learned class embedding
inline constexpr std::string_view kPositions = "vision.embedded";      ///< with position embeddings
inline constexpr std::string_view kImage = "vision.normalized";  ///< normalised image embedding
inline constexpr std::string_view kTextTokens = "text.tokens";   ///< token embeddings
inline constexpr std::string_view kTextPositions = "text.embedded";
inline constexpr std::string_view kText = "text.normalized";  ///< normalised text embedding

}  // namespace whyclip::trace_points
