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

/// The two removal curves of one kind, score form.
struct StoredCurves {
  std::vector<double> most_first = {}, least_first = {};
};

/// One method on one image.
struct MethodResult {
  std::string sample = {}, method = {};
  double seconds = 0;                               ///< of the method alone
  std::map<std::string, Measurement> metrics = {};  ///< by PlannedMetric::label
  std::map<std::string, StoredCurves> curves = {};  ///< by name_of(Fill)
  std::string error = {};                           ///< the method could not do it; nothing else
};

/// Results in a folder, a line of JSON each in results.jsonl, added as they come: what is written
/// survives whatever happens next. One process at a time.
class ResultStore {
 public:
  /// Opens or begins. A last line that was cut off is dropped. Throws Error naming the file and the
  /// owner where another process has it open; naming the fact where what is there is of another
  /// evaluation; naming file and line for what cannot be read; for a folder that cannot be written.
  ResultStore(const std::filesystem::path& folder,
              const std::vector<std::pair<std::string, std::string>>& run_metadata);
  ResultStore(ResultStore&&) noexcept;
  ~ResultStore();

  const std::vector<MethodResult>& results() const { return results_; }
  bool has(const std::string& sample, const std::string& method) const {
    return known_.contains({sample, method});
  }
  /// Hands it to the system at once, which a killed process does not undo; to the disk once a
  /// second. Throws Error naming the file (disk full): what was there stays.
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
