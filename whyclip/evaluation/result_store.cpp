#include "whyclip/evaluation/result_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "whyclip/core/error.h"
#include "whyclip/evaluation/result_json.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

/// Minimum time between syncs to disk, which block the threads.
constexpr std::chrono::seconds kBetweenSyncs{1};

/// An owned file descriptor.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (number_ < 0)
      throw Error(path.string(), fmt::format("cannot be opened: {}", std::strerror(errno)));
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }

  int number() const { return number_; }

  /// Appends the whole text, or truncates the file to its length before. Throws Error naming the
  /// path.
  void append(std::string_view text) {
    const off_t before = ::lseek(number_, 0, SEEK_END);
    std::string_view rest = text;
    while (!rest.empty()) {
      const ssize_t written = ::write(number_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(before);
      rest.remove_prefix(std::size_t(written));
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - synced_ < kBetweenSyncs) return;
    if (::fdatasync(number_) != 0 && errno != EINVAL && errno != EROFS) fail(before);
    synced_ = now;
  }

 private:
  [[noreturn]] void fail(off_t before) {
    const std::string reason = std::strerror(errno);
    if (::ftruncate(number_, before) != 0) {
      // The incomplete line is removed when the file is opened again.
    }
    throw Error(path_.string(), fmt::format("cannot be written: {}", reason));
  }

  std::filesystem::path path_;
  int number_;
  std::chrono::steady_clock::time_point synced_;
};

/// The lock's text: the process that has the folder open.
std::string owner_of(const std::filesystem::path& path) {
  try {
    std::string owner = read_text(path);
    while (!owner.empty() && owner.back() == '\n') owner.pop_back();
    return owner.empty() ? "another process" : owner;
  } catch (const Error&) {
    return "another process";
  }
}

std::string this_process() {
  char host[256] = "";
  ::gethostname(host, sizeof(host) - 1);
  const char* const user = std::getenv("USER");
  return fmt::format("process {} of {} on {}", ::getpid(), user != nullptr ? user : "this user",
                     host);
}

}  // namespace

struct ResultStore::Files {
  Descriptor lock, results;

  explicit Files(const std::filesystem::path& folder)
      : lock(folder / "lock", O_RDWR | O_CREAT),
        results(folder / "results.jsonl", O_RDWR | O_CREAT) {}
};

ResultStore::ResultStore() = default;
ResultStore::ResultStore(ResultStore&&) noexcept = default;
ResultStore::~ResultStore() = default;

ResultStore::ResultStore(const std::filesystem::path& folder,
                         const std::vector<std::pair<std::string, std::string>>& run_metadata) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(folder.string(), fmt::format("cannot be created: {}", error.message()));
  files_ = std::make_unique<Files>(folder);
  if (::flock(files_->lock.number(), LOCK_EX | LOCK_NB) != 0) {
    throw Error(folder.string(),
                fmt::format("is in use by {}; wait until it ends, or give another folder",
                            owner_of(folder / "lock")));
  }
  if (::ftruncate(files_->lock.number(), 0) != 0) {
    throw Error((folder / "lock").string(),
                fmt::format("cannot be written: {}", std::strerror(errno)));
  }
  files_->lock.append(this_process() + "\n");
  read(folder / "results.jsonl", run_metadata);
}

void ResultStore::read(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, std::string>>& run_metadata) {
  const std::string text = read_text(path);
  std::size_t begin = 0;
  for (int line = 1; begin < text.size(); ++line) {
    const std::size_t end = text.find('\n', begin);
    if (end == text.npos) break;  // an incomplete line
    const std::string where = fmt::format("{} line {}", path.string(), line);
    const JsonView json = JsonView::parse(std::string_view(text).substr(begin, end - begin), where);
    if (line == 1) {
      check_header(json, path.string(), run_metadata);
    } else {
      results_.push_back(result_of(json));
      known_.insert({results_.back().sample, results_.back().method});
    }
    begin = end + 1;
  }
  if (begin < text.size() && ::ftruncate(files_->results.number(), off_t(begin)) != 0) {
    throw Error(path.string(), fmt::format("the incomplete last line cannot be removed: {}",
                                           std::strerror(errno)));
  }
  if (begin == 0) files_->results.append(header_line(run_metadata) + "\n");
}

void ResultStore::add(MethodResult result) {
  if (files_) files_->results.append(to_line(result) + "\n");
  known_.insert({result.sample, result.method});
  results_.push_back(std::move(result));
}

}  // namespace whyclip
