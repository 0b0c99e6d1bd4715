#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/metrics/metric.h"

namespace whyclip {

/// The two removal curves for one fill, as scores.
struct StoredCurves {
  std::vector<double> most_first = {}, least_first = {};
};

/// The result of one method on one sample.
struct MethodResult {
  std::string sample = {}, method = {};
  double seconds = 0;                               ///< time of the method without metrics
  std::map<std::string, Measurement> metrics = {};  ///< by PlannedMetric::label
  std::map<std::string, StoredCurves> curves = {};  ///< by name_of(Fill)
  std::string error = {};                           ///< not empty: the method failed
};

/// Results in a folder, one line of JSON each in results.jsonl. Lines are appended as results
/// arrive and survive a crash. A lock file admits one process at a time.
class ResultStore {
 public:
  /// Keeps results in memory only.
  ResultStore();
  /// Opens or creates the folder. An incomplete last line is removed. Throws Error if another
  /// process has the folder open (naming the process), if the run metadata differ (naming the
  /// entry), if a line cannot be parsed (naming file and line), and if the folder cannot be
  /// written.
  ResultStore(const std::filesystem::path& folder,
              const std::vector<std::pair<std::string, std::string>>& run_metadata);
  ResultStore(ResultStore&&) noexcept;
  ~ResultStore();

  const std::vector<MethodResult>& results() const { return results_; }
  bool has(const std::string& sample, const std::string& method) const {
    return known_.contains({sample, method});
  }
  /// Writes the result at once and syncs to disk at most once a second. Throws Error naming the
  /// file (disk full); earlier lines are unchanged.
  void add(MethodResult result);

 private:
  struct Files;
  void read(const std::filesystem::path& path,
            const std::vector<std::pair<std::string, std::string>>& run_metadata);
  std::unique_ptr<Files> files_;
  std::vector<MethodResult> results_;
  std::set<std::pair<std::string, std::string>> known_;
};

}  // namespace whyclip
