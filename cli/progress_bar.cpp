#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <signal.h>  // sigaction is POSIX, not C++
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>

#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

volatile sig_atomic_t interrupt_seen = 0;
std::atomic<bool> line_shown = false;  // warnings come from every thread
bool hidden = false;

void on_interrupt(int) { interrupt_seen = 1; }

std::string duration(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

void draw(std::string_view stage, std::int64_t done, std::int64_t total, double seconds) {
  constexpr int kMost = 30, kLeast = 4, kBrackets = 5;
  const double left = done > 0 ? seconds * double(total - done) / double(done) : 0;
  const std::string numbers = fmt::format("{}/{}, {} left", done, total, duration(left));
  // A line that wraps cannot be taken back.
  const int available = Terminal::standard_error().width - 1;
  const int bar =
      std::min(kMost, available - columns_of(stage) - columns_of(numbers) - kBrackets + 1);
  std::string line = fmt::format("{} {}", stage, numbers);
  if (bar >= kLeast) {
    const int full = int(bar * done / std::max<std::int64_t>(total, 1));
    line = fmt::format("{} [{:=<{}}{: <{}}] {}", stage, "", full, "", bar - full, numbers);
  }
  fmt::print(stderr, "\r\033[K{}", fit(line, available));
  std::fflush(stderr);
  line_shown = true;
}

}  // namespace

void clear_progress_line() {
  if (!line_shown) return;
  fmt::print(stderr, "\r\033[K");
  line_shown = false;
}

void hide_progress() { hidden = true; }

Progress progress_bar() {
  using Clock = std::chrono::steady_clock;
  const bool visible = !hidden && ::isatty(STDERR_FILENO) == 1;
  constexpr std::chrono::milliseconds kQuiet{500};
  Clock::time_point start = Clock::now(), next = start + kQuiet;
  return [=](std::string_view stage, std::int64_t done, std::int64_t total) mutable {
    const Clock::time_point now = Clock::now();
    if (visible && done >= total) {
      clear_progress_line();
      start = now;  // of the next stage
      next = start + kQuiet;
    } else if (visible && now >= next) {
      draw(stage, done, total, std::chrono::duration<double>(now - start).count());
      next = now + std::chrono::milliseconds(100);
    }
    return !interrupted();
  };
}

void watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
}

bool interrupted() { return interrupt_seen != 0; }

}  // namespace whyclip::cli
