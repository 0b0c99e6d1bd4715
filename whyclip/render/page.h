#pragma once

#include <string>
#include <string_view>

namespace whyclip {

/// A self-contained page: what stands around its own part is the same for all.
struct Page {
  std::string_view title;         ///< of the browser's tab, escaped
  std::string_view css;           ///< of its own, after the style that all pages contribution
  std::string_view main;          ///< HTML of its own
  std::string_view scripts = {};  ///< script elements that follow it; without any none may run
};

std::string html_page(const Page& page);

/// A text that was compiled in.
std::string_view embedded_text(const unsigned char* bytes, unsigned long size);

}  // namespace whyclip
