#include "whyclip/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// An open file descriptor, closed by the destructor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// The system's message for an error, with the resource limit that was exceeded.
std::string reason(int code) {
  const auto with_limit = [&](auto resource, const char* unit, const char* option) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
      return std::string(std::strerror(code));
    }
    return fmt::format("{} (the limit is {} {}, ulimit {})", std::strerror(code),
                       std::uint64_t(limit.rlim_cur), unit, option);
  };
  if (code == EFBIG) return with_limit(RLIMIT_FSIZE, "bytes", "-f");
  if (code == EMFILE) return with_limit(RLIMIT_NOFILE, "open files", "-n");
  if (code == ENOMEM) return with_limit(RLIMIT_AS, "bytes of memory", "-v");
  return std::strerror(code);
}

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view doing) {
  const int code = errno;
  throw Error(path.string(), fmt::format("{}: {}", doing, reason(code)),
              code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo);
}

/// Maximum size of a pipe: more than any list or image, and a limit for endless pipes.
constexpr std::size_t kMostInPipe = std::size_t{1} << 30;

/// Returns whether the descriptor can be read to its end although it has no size: a pipe, a socket,
/// a terminal, /dev/null.
bool is_stream(int descriptor, mode_t mode) {
  if (S_ISFIFO(mode) || S_ISSOCK(mode)) return true;
  struct stat info {
  }, null{};
  return S_ISCHR(mode) && (::isatty(descriptor) == 1 ||
                           (::fstat(descriptor, &info) == 0 && ::stat("/dev/null", &null) == 0 &&
                            info.st_rdev == null.st_rdev));
}

void check_regular(const std::filesystem::path& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  throw Error(path.string(),
              fmt::format("expected a file, got a {}", S_ISDIR(mode)    ? "folder"
                                                       : S_ISFIFO(mode) ? "pipe; save it to a file"
                                                                        : "device"));
}

/// Returns the size of an open file. Throws Error unless it is a regular file.
std::size_t open_size(const std::filesystem::path& path, const Descriptor& file) {
  if (file.get() < 0) fail(path, "cannot open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail(path, "cannot examine");
  check_regular(path, info.st_mode);
  return static_cast<std::size_t>(info.st_size);
}

/// Creates a new file in the folder of `path` that no other process or thread uses.
std::pair<std::string, int> make_temporary(const std::filesystem::path& path) {
  constexpr int kMostTries = 1000;
  constexpr std::size_t kMostOfName = 200;  // of the 255 bytes that file systems allow
  const std::string kept = path.filename().string().substr(0, kMostOfName);
  for (int i = 0; i < kMostTries; ++i) {
    std::string name = path.parent_path() / fmt::format("{}.{}-{}.tmp", kept, ::getpid(), i);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return {std::move(name), descriptor};
    if (errno != EEXIST) break;
  }
  fail(path, "cannot write");
}

/// Block size for reading a file without a size.
constexpr std::size_t kBlock = std::size_t{1} << 16;

template <class Container>
Container read_all(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "cannot open");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail(path, "cannot examine");
  const bool stream = is_stream(file.get(), info.st_mode);
  if (!stream) check_regular(path, info.st_mode);
  Container content(stream ? kBlock : static_cast<std::size_t>(info.st_size),
                    typename Container::value_type{});
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::read(file.get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "cannot read");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
    if (done > kMostInPipe && stream) {
      throw Error(path.string(), "the pipe has more than 1 GiB; save it to a file",
                  ErrorCode::kLimit);
    }
    if (stream && done == content.size()) content.resize(2 * done);
  }
  content.resize(done);
  return content;
}

}  // namespace

bool has_regular_file(const std::filesystem::path& path) {
  struct stat link {
  }, target{};
  if (::lstat(path.c_str(), &link) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail(path, "cannot examine");
  }
  if (::stat(path.c_str(), &target) != 0) fail(path, "a broken link");
  check_regular(path, target.st_mode);
  return true;
}

std::string read_text(const std::filesystem::path& path) { return read_all<std::string>(path); }

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  return read_all<std::vector<std::byte>>(path);
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> content) {
  if (path.has_parent_path()) {
    std::error_code code;
    std::filesystem::create_directories(path.parent_path(), code);
    if (code)
      throw Error(path.string(), fmt::format("cannot create its folder: {}", code.message()),
                  ErrorCode::kIo);
  }
  const auto [temporary, descriptor] = make_temporary(path);
  Descriptor file(descriptor);
  try {
    std::size_t done = 0;
    while (done < content.size()) {
      const ssize_t n = ::write(file.get(), content.data() + done, content.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path, "cannot write");
      done += static_cast<std::size_t>(n);
    }
    if (!file.close()) fail(path, "cannot write");
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path, "cannot write");
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  write_file(path, std::as_bytes(std::span(content)));
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  // O_NONBLOCK: a pipe without a writer is refused, not waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  size_ = open_size(path, file);
  if (size_ == 0) return;
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) fail(path, "cannot map");
  data_ = static_cast<const std::byte*>(address);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace whyclip
