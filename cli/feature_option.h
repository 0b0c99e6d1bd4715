#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// A target by places of the joint space: "92", "92,98:0.5", "strong:0.75", "detractors:-0.75".
struct FeatureOption {
  std::optional<std::string> text;  ///< none: not asked for

  /// `purpose` begins the description: "Explain places of the image embedding instead of a score".
  void add_to(Command& command, const std::string& purpose);
  bool given() const { return text.has_value(); }
  /// Whether it selects by a text embedding.
  bool by_text() const;
  /// The indices and their weights; `text_embedding` (not normalised) is read where it selects by
  /// text. Throws Error for what cannot be read, and as strong_contributors and detractors do.
  std::vector<FeatureWeight> features(std::span<const float> text_embedding) const;
  /// What is explained; `of` says whose the text embedding is. Throws Error as features and
  /// feature_target do.
  Target target(std::span<const float> image_embedding, std::span<const float> text_embedding,
                const std::string& of) const;
};

}  // namespace whyclip::cli
