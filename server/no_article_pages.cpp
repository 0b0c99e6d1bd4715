// Stands for article_pages.cpp in a build without whyclip/article.

#include "server/article_pages.h"

namespace whyclip::server {

std::optional<std::string> article_page(const std::string&, const std::string&, const Image*) {
  return {};
}

}  // namespace whyclip::server
