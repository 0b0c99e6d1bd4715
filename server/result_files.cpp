#include "server/result_files.h"

#include <fmt/format.h>

#include "server/article_pages.h"
#include "server/failure.h"
#include "whyclip/front_end.h"
#include "whyclip/whyclip.h"

namespace whyclip::server {
namespace {

/// "explanation" of "whyclip explanation 1".
std::string kind_of(const Json& result) {
  const auto format = result.is_object() ? result.find("format") : result.end();
  if (!result.is_object() || format == result.end() || !format->is_string()) {
    refuse("result", "is not a result of whyclip: send the JSON of an answer as it was");
  }
  const std::string name = format->get<std::string>();
  const std::size_t from = name.find(' '), to = name.rfind(' ');
  return from < to ? name.substr(from + 1, to - from - 1) : name;
}

const Image& needed(const Image* image) {
  if (image == nullptr) refuse("image", "is missing: send the id of the image of the result");
  return *image;
}

/// The seam to whyclip/pages.
std::string page(const std::string& kind, const std::string& text, const Image* image) {
  const std::string where = "result";
  if (kind == "explanation")
    return whyclip::page_of(explanation_from_json(text, where), needed(image));
  if (kind == "comparison")
    return whyclip::page_of(comparison_from_json(text, where), needed(image));
  if (kind == "inspection")
    return whyclip::page_of(inspection_from_json(text, where), needed(image));
  if (kind == "regions") return whyclip::page_of(regions_from_json(text, where), needed(image));
  if (kind == "concepts") return whyclip::page_of(concepts_from_json(text, where), needed(image));
  if (kind == "heads") return whyclip::page_of(heads_from_json(text, where));
  if (const auto html = article_page(kind, text, image)) return *html;
  throw RequestError({415, "unsupported", where, fmt::format("there is no page of a {}", kind)});
}

}  // namespace

std::string page_of(const Json& result, const Image* image) {
  return page(kind_of(result), result.dump(), image);
}

std::string overlay_of(const Json& result, const Image* image) {
  const std::string kind = kind_of(result);
  if (kind != "explanation") {
    throw RequestError(
        {415, "unsupported", "result",
         fmt::format("an overlay is made of an explanation only, not of a {}", kind)});
  }
  const Explanation e = explanation_from_json(result.dump(), "result");
  const Attribution& map = e.attribution;
  const Image drawn = overlay(needed(image), e.image.grid, map.patches,
                              {.is_signed = map.is_signed,
                               .title = fmt::format("{}: {}", e.target.name, value_text(e.target)),
                               .unit = map.in_logits ? e.target.unit : ""});
  const std::vector<std::byte> png = encode_png(drawn);
  return {reinterpret_cast<const char*>(png.data()), png.size()};
}

}  // namespace whyclip::server
