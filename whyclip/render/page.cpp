#include "whyclip/render/page.h"

#include "whyclip/render/html.h"
#include "whyclip/render/report_sections.h"

extern "C" const unsigned char whyclip_page_html[];
extern "C" const unsigned long whyclip_page_html_size;

namespace whyclip {

std::string html_page(const Page& page) {
  const std::string css = report_css() + std::string(page.css);
  return fill_template(embedded_text(whyclip_page_html, whyclip_page_html_size),
                       {{"title", page.title},
                        {"theme", theme_colours()},
                        {"css", css},
                        {"scripts", page.scripts.empty() ? "" : "; script-src 'unsafe-inline'"},
                        {"main", page.main},
                        {"after", page.scripts}});
}

std::string_view embedded_text(const unsigned char* bytes, unsigned long size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace whyclip
