#include "cli/limits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>  // SIGXFSZ is POSIX, not C++
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <latch>
#include <limits>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "whyclip/core/error.h"

namespace whyclip::cli {
namespace {

/// What a small computation takes beside the stacks of its threads.
constexpr std::size_t kReserve = std::size_t{256} << 20;

/// The limit of this process's address space; none if it has none.
std::optional<std::size_t> memory_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return {};
  return std::size_t(limit.rlim_cur);
}

std::size_t address_space_used() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages;
  return pages * std::size_t(::sysconf(_SC_PAGESIZE));
}

std::size_t stack_of_a_thread() {
  pthread_attr_t attributes;
  std::size_t size = 0;
  if (::pthread_getattr_default_np(&attributes) != 0) return 0;
  ::pthread_attr_getstacksize(&attributes, &size);
  ::pthread_attr_destroy(&attributes);
  return size;
}

/// How many threads fit into the address space that is left.
int threads_that_fit() {
  const std::optional<std::size_t> limit = memory_limit();
  const std::size_t stack = stack_of_a_thread(), used = address_space_used();
  if (!limit || stack == 0) return std::numeric_limits<int>::max();
  const std::size_t left = *limit > used + kReserve ? *limit - used - kReserve : 0;
  return int(std::min<std::size_t>(1 + left / stack, 1 << 20));
}

/// How many threads, this one and up to count − 1 others, can live at the same time.
int threads_that_start(int count) {
  std::latch done(1);
  std::vector<std::thread> others;
  try {
    others.reserve(std::size_t(count));
    while (int(others.size()) + 1 < count) others.emplace_back([&] { done.wait(); });
  } catch (const std::system_error&) {  // no more of them
  }
  done.count_down();
  for (std::thread& thread : others) thread.join();
  return int(others.size()) + 1;
}

int possible_threads(int wanted) {
  return threads_that_start(std::min(wanted, threads_that_fit()));
}

/// What the handler below needs, made before it can be called.
struct LastWords {
  std::size_t limit = 0, page = 0;
  std::string line;
} last_words;

/// How many pages of address space the process has; 0 if that cannot be told. For signal handlers.
std::size_t pages_now() {
  const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  char text[32] = {};
  const ssize_t size = file < 0 ? 0 : ::read(file, text, sizeof text);
  std::size_t pages = 0;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) {
    pages = 10 * pages + std::size_t(text[i] - '0');
  }
  return pages;
}

/// oneDNN writes to what it could not allocate. Where the limit is as good as reached, that is why
/// the process crashes, and it says so; any other crash stays one.
void on_crash(int signal) {
  constexpr std::size_t kNearly = std::size_t{16} << 20;
  if (pages_now() * last_words.page + kNearly > last_words.limit) {
    const ssize_t ignored = ::write(STDERR_FILENO, last_words.line.data(), last_words.line.size());
    static_cast<void>(ignored);
    ::_exit(1);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

void heed_limits() {
  ::signal(SIGXFSZ, SIG_IGN);
  if (const std::optional<std::size_t> limit = memory_limit()) {
    last_words = {.limit = *limit,
                  .page = std::size_t(::sysconf(_SC_PAGESIZE)),
                  .line = "whyclip: " + not_enough_memory() + "\n"};
    ::signal(SIGSEGV, on_crash);
    ::signal(SIGABRT, on_crash);
  }
#ifdef __GLIBC__
  // Every thread would reserve 64 MB for what it allocates.
  if (memory_limit()) mallopt(M_ARENA_MAX, 1);
#endif
}

int default_thread_count() {
  static const int count = [] {
    const int processors = omp_get_num_procs(), possible = possible_threads(processors);
    if (possible >= processors) return 0;
    omp_set_num_threads(std::min(possible, omp_get_max_threads()));  // for the matrix products
    return possible;
  }();
  return count;
}

void check_threads(int count) {
  const int possible = count > 1 ? possible_threads(count) : count;
  if (possible >= count) return;
  throw Error("--threads",
              fmt::format("{} threads cannot be started, {} can{}; give fewer", count, possible,
                          memory_limit() ? " (memory is limited, ulimit -v)" : ""));
}

std::string not_enough_memory() {
  const std::optional<std::size_t> limit = memory_limit();
  if (!limit) return "[memory] there is not enough memory for this";
  return fmt::format("[memory] there is not enough memory for this: the limit is {} MB (ulimit -v)",
                     *limit >> 20);
}

}  // namespace whyclip::cli
