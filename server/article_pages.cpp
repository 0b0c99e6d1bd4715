#include "server/article_pages.h"

#include "server/failure.h"
#include "whyclip/article.h"

namespace whyclip::server {

std::optional<std::string> article_page(const std::string& kind, const std::string& text,
                                        const Image* image) {
  if (kind != "tracing" && kind != "deoptimisation") return {};
  if (image == nullptr) refuse("image", "is missing: send the id of the image of the result");
  if (kind == "tracing") return page_of(tracing_from_json(text, "result"), *image);
  return page_of(deoptimisation_from_json(text, "result"), *image);
}

}  // namespace whyclip::server
