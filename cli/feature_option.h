#pragma once

#include <optional>
#include <span>
#include <string>

#include "cli/common.h"

namespace whyclip::cli {

/// A target by places of the joint space: "92", "92,98:0.5", "strong:0.75", "detractors:-0.75".
struct FeatureOption {
  std::optional<std::string> text;  ///< none: not asked for

  void add_to(CLI::App& command);
  bool given() const { return text.has_value(); }
  /// Whether it selects by a text embedding.
  bool by_text() const;
  /// What is explained; `text_embedding` (not normalised) and `of`, whose it is, are read where it
  /// selects by text. Throws Error for what cannot be read, and as feature_target,
  /// strong_contributors and detractors do.
  Target target(std::span<const float> image_embedding, std::span<const float> text_embedding,
                const std::string& of) const;
};

}  // namespace whyclip::cli
