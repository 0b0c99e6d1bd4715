#include <signal.h>  // sigaction is POSIX, not C++
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "server/server.h"

namespace whyclip::server {
namespace {

constexpr std::chrono::seconds kLongestStop{5};

/// A pipe that the signal handler writes to: any thread may get the signal.
std::array<int, 2> signal_pipe{-1, -1};

void on_signal(int) {
  const int error = errno;
  const char byte = 0;
  const ssize_t ignored = ::write(signal_pipe[1], &byte, 1);
  static_cast<void>(ignored);
  errno = error;
}

void watch_signals() {
  if (::pipe(signal_pipe.data()) != 0) throw std::system_error(errno, std::generic_category());
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the process
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

void wait_for_signal() {
  char byte = 0;
  while (::read(signal_pipe[0], &byte, 1) < 0 && errno == EINTR) {
  }
}

/// Work that does not look at its progress for long must not keep a process that was told to end.
void exit_later() {
  std::thread([] {
    std::this_thread::sleep_for(kLongestStop);
    std::_Exit(0);
  }).detach();
}

}  // namespace

void run_until_signal(Server& server, const std::function<void()>& on_start) {
  watch_signals();
  if (on_start) on_start();  // the port is open: clients wait until it is served
  std::thread listener([&] { server.run(); });
  wait_for_signal();
  exit_later();
  server.stop();
  listener.join();
}

}  // namespace whyclip::server
