#include <signal.h>  // sigwait is POSIX, not C++

#include <chrono>
#include <cstdlib>
#include <thread>

#include "server/server.h"

namespace whyclip::server {
namespace {

constexpr std::chrono::seconds kLongestStop{5};

/// Work that does not look at its progress for long must not keep a process that was told to end.
void exit_later() {
  std::thread([] {
    std::this_thread::sleep_for(kLongestStop);
    std::_Exit(0);
  }).detach();
}

}  // namespace

void run_until_signal(Server& server, const std::function<void()>& on_start) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // in all threads that are started from now on
  std::thread listener([&] { server.run(); });
  if (on_start) on_start();
  int signal = 0;
  sigwait(&ends, &signal);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  exit_later();
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  server.stop();
  listener.join();
}

}  // namespace whyclip::server
