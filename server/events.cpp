#include "server/events.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "server/failure.h"

namespace whyclip::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kBetweenEvents{100};
constexpr int kClientClosed = 499;  // as other servers count it

std::string event(const char* name, const std::string& line) {
  return std::string("event: ") + name + "\ndata: " + line + "\n\n";
}

std::string text_of(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string error_event(const Failure& failure) {
  OrderedJson json = OrderedJson::parse(json_of(failure));
  json["status"] = failure.status;
  return event("error", text_of(json));
}

/// Turns the states of one job into events.
class EventStream {
 public:
  EventStream(Jobs& jobs, std::shared_ptr<Job> job, std::function<void(int)> on_end)
      : jobs_(jobs), job_(std::move(job)), on_end_(std::move(on_end)) {}

  /// Writes what is new, after at most kBetweenEvents. Returns false if the client went away, or
  /// there is no memory for an event: the HTTP library lets exceptions end the process.
  bool write_next(httplib::DataSink& sink) {
    try {
      return write_event(sink);
    } catch (...) {
      return false;
    }
  }

  void end() {
    try {
      jobs_.cancel(*job_);  // nothing, if it is finished
      on_end_(status_);
    } catch (...) {  // it is not counted
    }
  }

 private:
  bool write_event(httplib::DataSink& sink) {
    const JobState state = jobs_.wait(*job_, last_ ? kBetweenEvents : kBetweenEvents * 0);
    if (!sink.is_writable()) return false;
    const std::string text = state.finished ? last_event() : event_of(state);
    if (!text.empty() && !sink.write(text.data(), text.size())) return false;
    if (state.finished) sink.done();
    last_ = state;
    return true;
  }

  std::string event_of(const JobState& state) const {
    if (state.running && !state.stage.empty()) {
      const bool same = last_ && last_->running && last_->stage == state.stage &&
                        last_->done == state.done && last_->total == state.total;
      if (same) return {};
      return event("progress",
                   text_of({{"stage", state.stage}, {"done", state.done}, {"total", state.total}}));
    }
    if (last_ && last_->position == state.position) return {};
    return event("queued", text_of({{"position", state.position}}));
  }

  std::string last_event() {
    try {
      const std::string result = jobs_.take(*job_);
      status_ = 200;
      return event("result", result);
    } catch (...) {
      const Failure failure = failure_of(std::current_exception());
      status_ = failure.status;
      return error_event(failure);
    }
  }

  Jobs& jobs_;
  std::shared_ptr<Job> job_;
  std::function<void(int)> on_end_;
  std::optional<JobState> last_;
  int status_ = kClientClosed;
};

}  // namespace

bool wants_events(const httplib::Request& request) {
  return request.get_header_value("Accept").find("text/event-stream") != std::string::npos;
}

void stream_events(httplib::Response& response, Jobs& jobs, std::shared_ptr<Job> job,
                   std::function<void(int status)> on_end) {
  const auto stream = std::make_shared<EventStream>(jobs, std::move(job), std::move(on_end));
  response.status = 200;
  response.set_header("Cache-Control", "no-store");
  response.set_chunked_content_provider(
      "text/event-stream",
      [stream](std::size_t, httplib::DataSink& sink) { return stream->write_next(sink); },
      [stream](bool) { stream->end(); });
}

}  // namespace whyclip::server
