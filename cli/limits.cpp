#include "cli/limits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>  // SIGXFSZ is POSIX, not C++
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace whyclip::cli {
namespace {

/// The limit of this process's address space; none if it has none.
std::optional<std::size_t> memory_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return {};
  return std::size_t(limit.rlim_cur);
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

std::string not_enough_memory() {
  const std::optional<std::size_t> limit = memory_limit();
  if (!limit) return "[memory] there is not enough memory for this";
  return fmt::format("[memory] there is not enough memory for this: the limit is {} MB (ulimit -v)",
                     *limit >> 20);
}

}  // namespace whyclip::cli
