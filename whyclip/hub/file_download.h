#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "whyclip/core/progress.h"
#include "whyclip/hub/checksum.h"
#include "whyclip/hub/http_client.h"

namespace whyclip {

/// Counts the bytes of one or more downloads for a progress callback.
class DownloadMeter {
 public:
  /// `name`: of what is downloaded, for the reader.
  DownloadMeter(const Progress& progress, std::string name);

  void expect(std::int64_t bytes);  ///< more bytes to come; negative: fewer
  void add(std::int64_t bytes);     ///< bytes received; negative: received in vain
  /// Reports. Throws Cancelled. `waiting`: that the download waits, and why.
  void tick(std::string_view waiting = {}) const;
  /// Reports that everything was received.
  void finish() const;

 private:
  void report(bool finished, std::string_view waiting) const;

  const Progress& progress_;
  std::string name_;
  std::int64_t expected_ = 0, received_ = 0;
};

/// A file on a server.
struct FileSource {
  std::string name = {};     ///< of the model, for messages
  std::string file = {};     ///< "model.safetensors", for messages
  std::string address = {};  ///< of its content
  std::optional<std::uint64_t> size = {};
  ChecksumKind kind = ChecksumKind::kNone;
  std::string checksum = {};  ///< the digits, or the first of them
};

/// Downloads a file to `target`, by way of `target`.incomplete, which a later call continues. Does
/// nothing if the target exists and has the size of the source. Other downloads of the same file
/// wait for the lock, those of huggingface_hub too. The target exists only if its size and checksum
/// are right. Throws Error naming model and file, and Cancelled.
void download_file(HttpClient& client, const FileSource& source,
                   const std::filesystem::path& target, const std::filesystem::path& lock,
                   const Progress& progress, DownloadMeter& meter);

/// Throws Error unless the file system of the folder (or of its nearest existing parent) has that
/// many bytes free.
void check_free_space(const std::filesystem::path& folder, std::uint64_t bytes,
                      const std::string& name);

}  // namespace whyclip
