#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "server/images.h"
#include "server/jobs.h"

namespace whyclip::server {

/// Counts and times of requests, for GET /metrics.
class Metrics {
 public:
  /// `route`: as it is documented ("/api/v1/explain"), so that clients cannot make new series.
  void count(const std::string& route, int status, std::optional<double> seconds = {});
  /// Prometheus' text format.
  std::string text(const Jobs& jobs, const Images& images) const;

 private:
  static constexpr std::array kBounds{0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0};

  struct Times {
    std::array<std::uint64_t, kBounds.size()> buckets{};  // of each bound alone, not cumulative
    std::uint64_t count = 0;
    double seconds = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::string, Times> times_;
};

}  // namespace whyclip::server
