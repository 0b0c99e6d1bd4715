#include "whyclip/pages/article_pages.h"

#include <fmt/format.h>

#include "whyclip/pages/page.h"

namespace whyclip {

std::string page_of(const Tracing& t, const Image& image) {
  return html_page(to_json(t, -1),
                   {.title = fmt::format("{} · tracing · whyclip", file_name(t.image.name)),
                    .pictures = {page_image(image)}});
}

std::string page_of(const Deoptimisation& d, const Image& image,
                    std::span<const std::byte> animation) {
  PageParts parts{.title = fmt::format("{} · {} · whyclip", file_name(d.image.name), d.target.name),
                  .pictures = {page_image(image)}};
  if (!animation.empty()) {
    parts.pictures.push_back(
        {.name = "animation", .type = "image/webp", .file = {animation.begin(), animation.end()}});
  }
  if (d.detail && d.detail->edited.width > 0) {
    parts.pictures.push_back(page_image(d.detail->edited));
    parts.pictures.back().name = "edited";
  }
  return html_page(to_json(d, -1), parts);
}

}  // namespace whyclip
