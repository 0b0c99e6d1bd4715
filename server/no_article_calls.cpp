// Stands for article_calls.cpp in a build without whyclip/article.

#include "server/calls.h"

namespace whyclip::server {

std::vector<NamedCall> article_calls() { return {}; }

}  // namespace whyclip::server
