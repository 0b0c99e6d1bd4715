#pragma once

namespace whyclip::bench {

/// Measures the most memory that a process holds at once while something runs, from the kernel's
/// own counter (Linux).
class PeakMemory {
 public:
  /// Gives free memory back and starts counting. Throws Error if the kernel has no such counter.
  PeakMemory();
  /// The most resident memory since the start beyond what was resident then, in MB (10⁶ bytes).
  double megabytes() const;

 private:
  double before_;
};

}  // namespace whyclip::bench
