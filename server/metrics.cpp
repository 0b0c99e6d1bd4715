#include "server/metrics.h"

#include <fmt/format.h>

namespace whyclip::server {
namespace {

std::string heading(const char* name, const char* type, const char* help) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

template <class Number>
std::string single(const char* name, const char* type, const char* help, Number value) {
  return heading(name, type, help) + fmt::format("{} {}\n", name, value);
}

std::string queue_text(const Jobs& jobs) {
  std::string text = heading("whyclip_queue_length", "gauge", "Requests that wait, by lane.");
  const std::pair<const char*, Lane> lanes[] = {
      {"quick", Lane::kQuick}, {"long", Lane::kLong}, {"files", Lane::kFiles}};
  for (const auto& [name, lane] : lanes) {
    text += fmt::format("whyclip_queue_length{{lane=\"{}\"}} {}\n", name, jobs.waiting(lane));
  }
  text += heading("whyclip_running", "gauge", "Requests that are computed, by lane.");
  for (const auto& [name, lane] : lanes) {
    text += fmt::format("whyclip_running{{lane=\"{}\"}} {}\n", name, jobs.running(lane) ? 1 : 0);
  }
  return text +
         single("whyclip_rejected_total", "counter", "Requests refused because the queue was full.",
                jobs.rejected()) +
         single("whyclip_cancelled_total", "counter",
                "Requests whose work was cancelled, mostly because the client went away.",
                jobs.cancelled());
}

}  // namespace

void Metrics::count(const std::string& route, int status, std::optional<double> seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  if (!seconds) return;
  Times& times = times_[route];
  ++times.count;
  times.seconds += *seconds;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    if (*seconds > kBounds.at(i)) continue;
    ++times.buckets.at(i);
    break;
  }
}

std::string Metrics::text(const Jobs& jobs, const Images& images) const {
  std::string text =
      queue_text(jobs) +
      single("whyclip_images", "gauge", "Uploaded images that are kept.", images.kept()) +
      single("whyclip_images_bytes", "gauge", "Bytes of their pixels.", images.kept_bytes());
  const std::lock_guard lock(mutex_);
  text += heading("whyclip_requests_total", "counter", "Answered requests, by route and status.");
  for (const auto& [key, count] : requests_) {
    text += fmt::format("whyclip_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", key.first,
                        key.second, count);
  }
  text += heading("whyclip_request_seconds", "histogram",
                  "Time from the request to its answer, by route.");
  for (const auto& [route, times] : times_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      below += times.buckets.at(i);
      text += fmt::format("whyclip_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", route,
                          kBounds.at(i), below);
    }
    text += fmt::format(
        "whyclip_request_seconds_bucket{{route=\"{0}\",le=\"+Inf\"}} {1}\n"
        "whyclip_request_seconds_sum{{route=\"{0}\"}} {2}\n"
        "whyclip_request_seconds_count{{route=\"{0}\"}} {1}\n",
        route, times.count, times.seconds);
  }
  return text;
}

}  // namespace whyclip::server
