#include "whyclip/pages/viewer_files.h"

#include <array>
#include <utility>

// NOLINTBEGIN(modernize-avoid-c-arrays): symbols of files that the assembler includes
extern "C" {
extern const unsigned char whyclip_page_js[], whyclip_page_css[], whyclip_live_js[],
    whyclip_live_css[], whyclip_live_html[];
extern const unsigned long whyclip_page_js_size, whyclip_page_css_size, whyclip_live_js_size,
    whyclip_live_css_size, whyclip_live_html_size;
}
// NOLINTEND(modernize-avoid-c-arrays)

namespace whyclip {
namespace {

std::string_view text_of_bytes(const unsigned char* bytes, unsigned long size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string_view viewer_file(std::string_view name) {
  const std::array<std::pair<std::string_view, std::string_view>, 5> files{
      {{"page.js", text_of_bytes(whyclip_page_js, whyclip_page_js_size)},
       {"page.css", text_of_bytes(whyclip_page_css, whyclip_page_css_size)},
       {"live.js", text_of_bytes(whyclip_live_js, whyclip_live_js_size)},
       {"live.css", text_of_bytes(whyclip_live_css, whyclip_live_css_size)},
       {"live.html", text_of_bytes(whyclip_live_html, whyclip_live_html_size)}}};
  for (const auto& [known, content] : files) {
    if (known == name) return content;
  }
  return {};
}

}  // namespace whyclip
