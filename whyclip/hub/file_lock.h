#pragma once

#include <filesystem>

#include "whyclip/core/progress.h"

namespace whyclip {

/// An exclusive lock on a file, as Python's filelock (and so huggingface_hub) takes it: flock on a
/// file that is created if it is missing and that remains. The system gives it back if the process
/// ends.
class FileLock {
 public:
  /// Waits for another owner, reporting to `progress` meanwhile. Throws Error naming the path if
  /// the file cannot be created or the file system has no locks, and Cancelled.
  FileLock(const std::filesystem::path& path, const Progress& progress);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace whyclip
