#include "whyclip/core/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <optional>
#include <string>

namespace whyclip {
namespace {

/// The number after a word in a file of "word number" lines.
std::optional<std::size_t> number_after(const char* file, const std::string& word) {
  std::ifstream lines(file);
  std::string found;
  while (lines >> found) {
    std::size_t number = 0;
    if (found == word && lines >> number) return number;
  }
  return {};
}

std::optional<std::size_t> number_in(const char* file) {
  std::ifstream line(file);
  std::size_t number = 0;
  if (line >> number) return number;  // "max" means no limit
  return {};
}

}  // namespace

std::size_t available_memory() {
  constexpr std::size_t kKibibyte = 1024;
  std::size_t available = number_after("/proc/meminfo", "MemAvailable:").value_or(0) * kKibibyte;
  const auto limit = number_in("/sys/fs/cgroup/memory.max"),
             used = number_in("/sys/fs/cgroup/memory.current");
  if (limit && used) {
    // Cached files count as used, but the kernel reclaims them when memory is needed.
    const std::size_t cached =
        std::min(number_after("/sys/fs/cgroup/memory.stat", "file").value_or(0), *used);
    const std::size_t held = *used - cached, left = *limit > held ? *limit - held : 0;
    available = available == 0 ? left : std::min(available, left);
  }
  return available;
}

void require_address_space(std::size_t bytes) {
  void* const mapped = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  munmap(mapped, bytes);
}

std::size_t peak_memory() {
  constexpr std::size_t kKibibyte = 1024;  // the unit of ru_maxrss
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::size_t(usage.ru_maxrss) * kKibibyte;
}

}  // namespace whyclip
