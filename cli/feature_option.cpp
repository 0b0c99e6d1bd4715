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

}  // namespace whyclip::cli
