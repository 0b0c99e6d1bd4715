#include "whyclip/hub/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

[[noreturn]] void fail_lock(const std::filesystem::path& path, std::string_view doing, int code) {
  throw Error(path.string(), fmt::format("{}: {}", doing, std::strerror(code)), ErrorCode::kIo);
}

/// Whether the open file is still the one of that path: its owner may have removed it.
bool is_current(int descriptor, const std::filesystem::path& path) {
  struct stat opened {
  }, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path, const Progress& progress) {
  constexpr std::chrono::milliseconds kBetweenTries{50};
  std::error_code code;
  std::filesystem::create_directories(path.parent_path(), code);
  if (code) fail_lock(path, "cannot create its folder", code.value());
  while (true) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor_ < 0) fail_lock(path, "cannot open", errno);
    int failure = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (failure == 0 && is_current(descriptor_, path)) return;
    ::close(descriptor_);
    descriptor_ = -1;
    if (failure != 0 && failure != EWOULDBLOCK && failure != EINTR) {
      fail_lock(path, "cannot lock", failure);
    }
    report_progress(progress, "waiting for another download of the same file", 0, 1);
    std::this_thread::sleep_for(kBetweenTries);
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace whyclip
