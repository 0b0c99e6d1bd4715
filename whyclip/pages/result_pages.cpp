#include "whyclip/pages/result_pages.h"

#include <fmt/format.h>

#include "whyclip/pages/page.h"

namespace whyclip {
namespace {

PageParts parts_of(const std::string& about, const std::string& what, const Image& image) {
  return {.title = fmt::format("{} · {} · whyclip", file_name(about), what),
          .pictures = {page_image(image)}};
}

}  // namespace

std::string page_of(const Explanation& e, const Image& image, double limit) {
  PageParts parts = parts_of(e.image.name, e.target.name, image);
  parts.limit = limit;
  return html_page(to_json(e, -1), parts);
}

std::string page_of(const Comparison& c, const Image& image) {
  return html_page(to_json(c, -1), parts_of(c.image.name, c.target.name, image));
}

std::string page_of(const InspectionResult& i, const Image& image) {
  return html_page(to_json(i, -1), parts_of(i.image.name, i.target.name, image));
}

std::string page_of(const RegionTable& r, const Image& image) {
  return html_page(to_json(r, -1), parts_of(r.image.name, "regions", image));
}

std::string page_of(const ImageConcepts& c, const Image& image) {
  return html_page(to_json(c, -1), parts_of(c.image.name, "concepts", image));
}

std::string page_of(const DescribedHeads& heads) {
  return html_page(to_json(heads, -1), {.title = "heads · whyclip"});
}

std::string page_of(const Evaluation& evaluation) {
  return html_page(to_json(evaluation, -1), {.title = evaluation.table.title});
}

}  // namespace whyclip
