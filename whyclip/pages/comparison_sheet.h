#pragma once

#include <string>

#include "whyclip/compare.h"
#include "whyclip/image/image.h"

namespace whyclip {

/// A contact sheet: the image, the effects of true removal, and every map on a scale of its own.
/// Throws Error as overlay and contact_sheet do.
Image comparison_sheet(const Comparison& comparison, const Image& image);

/// The method's rank correlation with true removal: "+0.41", "none", or "–" if it was not
/// requested.
std::string removal_text(const Comparison& comparison, const ComparedMethod& method);

/// The prompt in quotation marks, or the number of prompts.
std::string prompts_text(const ComparedWords& words);

}  // namespace whyclip
