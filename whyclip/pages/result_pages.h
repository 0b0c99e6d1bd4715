#pragma once

#include <string>

#include "whyclip/compare.h"
#include "whyclip/concepts.h"
#include "whyclip/evaluate.h"
#include "whyclip/explain.h"
#include "whyclip/heads.h"
#include "whyclip/image/image.h"
#include "whyclip/inspect.h"
#include "whyclip/regions.h"

// Self-contained HTML pages of results (see html_page). `image` is the image that the result is of.
// They throw Error as html_page and page_image do.

namespace whyclip {

/// `limit`: units at full colour; 0: the largest |value|.
std::string page_of(const Explanation& explanation, const Image& image, double limit = 0);
std::string page_of(const Comparison& comparison, const Image& image);
std::string page_of(const InspectionResult& inspection, const Image& image);
std::string page_of(const RegionTable& regions, const Image& image);
std::string page_of(const ImageConcepts& concepts, const Image& image);
std::string page_of(const DescribedHeads& heads);
std::string page_of(const Evaluation& evaluation);

}  // namespace whyclip
