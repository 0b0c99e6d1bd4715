#include "server/http.h"

#include <utility>

namespace whyclip::server {
namespace {

class CountingPool : public httplib::TaskQueue {
 public:
  CountingPool(std::size_t threads, std::atomic<int>& connections)
      : pool_(threads), connections_(connections) {}

  // Nothing in older versions of the library, whether there was room in newer ones.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue({}));

  Enqueued enqueue(std::function<void()> serve) override {
    ++connections_;
    return pool_.enqueue([this, serve = std::move(serve)] {
      serve();
      --connections_;
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  httplib::ThreadPool pool_;
  std::atomic<int>& connections_;
};

}  // namespace

void send(httplib::Response& response, int status, std::string body,
          const std::string& content_type) {
  response.status = status;
  const auto content = std::make_shared<const std::string>(std::move(body));
  response.set_content_provider(content->size(), content_type,
                                [content](std::size_t offset, std::size_t length, auto& sink) {
                                  if (offset > content->size()) return false;
                                  if (length > content->size() - offset) return false;
                                  return sink.write(content->data() + offset, length);
                                });
}

httplib::Request& unrouted(const httplib::Request& request) {
  return const_cast<httplib::Request&>(request);
}

std::unique_ptr<httplib::TaskQueue> thread_pool(std::size_t threads,
                                                std::atomic<int>& connections) {
  return std::make_unique<CountingPool>(threads, connections);
}

}  // namespace whyclip::server
