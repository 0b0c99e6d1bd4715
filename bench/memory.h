#pragma once

namespace whyclip::bench {

/// Measures the peak resident memory of the process, from the kernel's counter (Linux).
class PeakMemory {
 public:
  /// Returns free memory to the system and starts counting. Throws Error if the kernel has no such
  /// counter.
  PeakMemory();
  /// The peak resident memory since the start minus the resident memory at the start, in MB (10⁶
  /// bytes).
  double megabytes() const;

 private:
  double before_;
};

}  // namespace whyclip::bench
