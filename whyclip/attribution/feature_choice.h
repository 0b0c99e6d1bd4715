#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/feature_target.h"
#include "whyclip/attribution/target.h"

namespace whyclip {

/// Entries of the joint space as a user writes them: indices ("92"), indices with weights
/// ("92,98:0.5"), or those that a text embedding selects ("strong", "strong:0.5", "detractors",
/// "detractors:-0.5").
class FeatureChoice {
 public:
  /// Throws Error for a text of another form.
  explicit FeatureChoice(std::string text);

  /// Whether a text embedding selects the entries.
  bool by_text() const { return selection_ != Selection::kNone; }
  /// The entries and their weights. `text_embedding` (not normalised, (projection)) is read only if
  /// it selects them. Throws Error as strong_contributors and detractors do.
  std::vector<FeatureWeight> features(std::span<const float> text_embedding) const;
  /// The target of these entries; `of` names the text whose embedding selects them. Throws Error as
  /// features and feature_target do.
  Target target(std::span<const float> image_embedding, std::span<const float> text_embedding,
                std::string_view of) const;

 private:
  enum class Selection { kNone, kStrong, kDetractors };

  std::string text_;
  Selection selection_ = Selection::kNone;
  double threshold_ = 0;
  std::vector<FeatureWeight> listed_;
};

}  // namespace whyclip
