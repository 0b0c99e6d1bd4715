#include "bench/memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

#include "whyclip/core/error.h"

namespace whyclip::bench {
namespace {

/// A line of /proc/self/status, "VmHWM: 1234 kB", in MB.
double status_megabytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kibibytes = 0;
    if (word == name + ":" && status >> kibibytes) return kibibytes * 1024 / 1e6;
  }
  throw Error("/proc/self/status", "has no " + name);
}

}  // namespace

PeakMemory::PeakMemory() {
  malloc_trim(0);
  std::ofstream reset("/proc/self/clear_refs");
  reset << 5 << std::flush;  // resets the peak to the current value: proc_pid_clear_refs(5)
  if (!reset) throw Error("/proc/self/clear_refs", "cannot reset the peak memory counter");
  before_ = status_megabytes("VmRSS");
}

double PeakMemory::megabytes() const { return status_megabytes("VmHWM") - before_; }

}  // namespace whyclip::bench
