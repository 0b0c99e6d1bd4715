#include "cli/feature_option.h"

namespace whyclip::cli {

void FeatureOption::add_to(Command& command, const std::string& purpose) {
  command
      .add_option("--feature", text,
                  purpose +
                      ": an index (92), indices with weights (92,98:0.5), or those that the text "
                      "embedding of the prompt or class selects: strong (values of 0.75 and more; "
                      "strong:0.5 for another threshold) or detractors (-0.75 and less)")
      ->type_name("FEATURES");
}

bool FeatureOption::by_text() const { return given() && FeatureChoice(*text).by_text(); }

std::vector<FeatureWeight> FeatureOption::features(std::span<const float> text_embedding) const {
  return FeatureChoice(*text).features(text_embedding);
}

Target FeatureOption::target(std::span<const float> image_embedding,
                             std::span<const float> text_embedding, const std::string& of) const {
  return FeatureChoice(*text).target(image_embedding, text_embedding, of);
}

}  // namespace whyclip::cli
