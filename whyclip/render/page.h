#pragma once

#include <string>
#include <string_view>

namespace whyclip {

/// The specific parts of a self-contained HTML page.
struct Page {
  std::string_view title;         ///< of the browser tab, escaped
  std::string_view css;           ///< added after the style that all pages share
  std::string_view main;          ///< HTML of the main element
  std::string_view scripts = {};  ///< script elements; if empty, the page forbids scripts
};
/// Fills the template that all pages share.

std::string html_page(const Page& page);

/// A text that is compiled in.
std::string_view embedded_text(const unsigned char* bytes, unsigned long size);

}  // namespace whyclip
