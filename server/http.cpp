#include "server/http.h"

#include <utility>

namespace whyclip::server {

void send(httplib::Response& response, int status, std::string body,
          const std::string& content_type) {
  response.status = status;
  const auto content = std::make_shared<const std::string>(std::move(body));
  response.set_content_provider(content->size(), content_type,
                                [content](std::size_t offset, std::size_t length, auto& sink) {
                                  return sink.write(content->data() + offset, length);
                                });
}

std::unique_ptr<httplib::TaskQueue> thread_pool(std::size_t threads) {
  return std::make_unique<httplib::ThreadPool>(threads);
}

}  // namespace whyclip::server
