#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// A picture that a page shows beside the result.
struct PagePicture {
  std::string name = {};             ///< "image": the image that the result is of
  std::string type = "image/png";    ///< media type
  std::vector<std::byte> file = {};  ///< encoded
};

/// What a page has beside the result.
struct PageParts {
  std::string title = {};  ///< of the browser tab
  std::vector<PagePicture> pictures = {};
  double limit = 0;  ///< units at full colour; 0: the largest |value|
};

/// The image as pages have it: PNG, reduced to at most 1600 pixels a side. Throws Error if its size
/// does not match its pixels.
PagePicture page_image(const Image& image);

/// A self-contained HTML page (UTF-8) of a result's JSON: the viewer (viewer/), the JSON and the
/// pictures in one file. It requests nothing from outside, which its security policy enforces, and
/// the same input gives the same bytes. A reader without scripts gets the result as tables. Throws
/// Error if the text is not a JSON object or its kind of result has no page.
std::string html_page(std::string_view json, const PageParts& parts);

}  // namespace whyclip
