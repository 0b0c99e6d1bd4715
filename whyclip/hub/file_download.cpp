#include "whyclip/hub/file_download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/hub/file_lock.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr int kPartialContent = 206, kRangeNotSatisfiable = 416;
/// A try that received at least this much was not in vain.
constexpr std::uint64_t kWorthwhile = 1 << 20;
/// Tries of one file altogether, however much each receives.
constexpr int kMostTries = 1000;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

/// Begin and whole size of "bytes 5-9/10". Reference: RFC 9110, section 14.4
std::optional<std::pair<std::uint64_t, std::uint64_t>> content_range(const HttpReply& reply) {
  std::string_view text = reply.headers.contains("content-range")
                              ? std::string_view(reply.headers.at("content-range"))
                              : std::string_view();
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return {};
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-'), slash = text.find('/');
  if (dash == text.npos || slash == text.npos) return {};
  const auto begin = whole_number(text.substr(0, dash));
  const auto size = whole_number(text.substr(slash + 1));
  if (!begin || !size) return {};
  return std::pair(*begin, *size);
}

/// The file that grows while the download runs.
class IncompleteFile {
 public:
  IncompleteFile(const fs::path& path, FileSource source, DownloadMeter& meter);
  ~IncompleteFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  IncompleteFile(const IncompleteFile&) = delete;
  IncompleteFile& operator=(const IncompleteFile&) = delete;

  std::uint64_t size() const { return size_; }
  bool complete() const { return source_.size && size_ == *source_.size; }
  bool resumed() const { return resumed_; }
  void begin(const HttpReply& reply);
  void append(std::span<const char> bytes);
  void restart();
  void discard();  ///< forgets the bytes, for another object to begin again
  /// Throws Error unless size and checksum are right. Returns false if the checksum is wrong and
  /// bytes of an earlier process may be the cause.
  bool check();
  void move_to(const fs::path& target);

 private:
  [[noreturn]] void fail(std::string_view doing) const;
  void read_existing();

  fs::path path_;
  FileSource source_;
  DownloadMeter& meter_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  bool resumed_ = false;
  Checksum checksum_;
};

IncompleteFile::IncompleteFile(const fs::path& path, FileSource source, DownloadMeter& meter)
    : path_(path),
      source_(std::move(source)),
      meter_(meter),
      checksum_(source_.kind, source_.size.value_or(0)) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) fail("cannot write");
  struct stat info {};
  if (::fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) fail("cannot examine");
  const auto existing = static_cast<std::uint64_t>(info.st_size);
  if (source_.size) meter_.expect(static_cast<std::int64_t>(*source_.size));
  if (existing == 0) return;
  if (!source_.size || existing > *source_.size) {
    if (::ftruncate(descriptor_, 0) != 0) fail("cannot write");
    return;
  }
  read_existing();
  resumed_ = true;
  meter_.expect(-static_cast<std::int64_t>(size_));
}

void IncompleteFile::fail(std::string_view doing) const {
  throw Error(path_.string(), fmt::format("{}: {}", doing, std::strerror(errno)), ErrorCode::kIo);
}

void IncompleteFile::read_existing() {
  std::array<char, 1 << 16> block;
  while (true) {
    const ssize_t n = ::read(descriptor_, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read");
    if (n == 0) return;
    checksum_.add({block.data(), static_cast<std::size_t>(n)});
    size_ += static_cast<std::uint64_t>(n);
    meter_.tick();
  }
}

void IncompleteFile::discard() {
  if (::ftruncate(descriptor_, 0) != 0 || ::lseek(descriptor_, 0, SEEK_SET) != 0) {
    fail("cannot write");
  }
}

void IncompleteFile::restart() {
  discard();
  meter_.expect(static_cast<std::int64_t>(size_));
  size_ = 0;
  resumed_ = false;
  checksum_ = Checksum(source_.kind, source_.size.value_or(0));
}

void IncompleteFile::begin(const HttpReply& reply) {
  const std::string encoding = reply.header("content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    throw Error(source_.name,
                fmt::format("{}: the server sent it compressed ({})", source_.file, encoding));
  }
  if (reply.status == kPartialContent) {
    const auto range = content_range(reply);
    const bool fits = range && range->first == size_ && size_ > 0 &&
                      (!source_.size || range->second == *source_.size);
    if (fits) return;
    throw Error(source_.name,
                fmt::format("{}: asked for the bytes from {}, the server answered \"{}\"",
                            source_.file, size_, reply.header("content-range")));
  }
  if (size_ > 0) restart();  // the server ignored the range, or has another version
  const auto length = whole_number(reply.header("content-length"));
  if (!source_.size && length) {
    source_.size = length;
    meter_.expect(static_cast<std::int64_t>(*length));
    check_free_space(path_.parent_path(), *length, source_.name);
  }
}

void IncompleteFile::append(std::span<const char> bytes) {
  if (source_.size && bytes.size() > *source_.size - size_) {
    throw Error(source_.name, fmt::format("{}: the server sent more than its {} bytes",
                                          source_.file, *source_.size));
  }
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write");
    const auto written = static_cast<std::size_t>(n);
    checksum_.add(bytes.subspan(done, written));
    done += written;
    size_ += written;
    meter_.add(n);
  }
  meter_.tick();
}

bool IncompleteFile::check() {
  const std::string found = checksum_.finish();
  if (source_.kind == ChecksumKind::kNone || found.starts_with(source_.checksum)) return true;
  if (resumed_) return false;
  ::unlink(path_.c_str());
  throw Error(source_.name,
              fmt::format("{}: the checksum is {}, expected {}; the download is damaged, try again",
                          source_.file, found, source_.checksum),
              ErrorCode::kIo);
}

void IncompleteFile::move_to(const fs::path& target) {
  // The name must not be on the disk before the content is.
  if (::fdatasync(descriptor_) != 0) fail("cannot write");
  if (::rename(path_.c_str(), target.c_str()) != 0) fail("cannot rename");
}

/// One request for what is missing. Returns its reply.
HttpReply receive(HttpClient& client, const FileSource& source, IncompleteFile& file,
                  std::string& version) {
  HttpRequest request{.address = source.address};
  if (file.size() > 0) {
    request.headers.push_back(fmt::format("Range: bytes={}-", file.size()));
    if (!version.empty()) request.headers.push_back("If-Range: " + version);
  }
  request.on_headers = [&](const HttpReply& reply) {
    file.begin(reply);
    // The version of an earlier process is not known, and the store of large files has other
    // names of versions than the hub. The checksum finds what this cannot.
    const std::string etag = reply.header("etag");
    version = etag.starts_with('"') ? etag : std::string();
  };
  request.on_body = [&](std::span<const char> bytes) { file.append(bytes); };
  return client.once(request);
}

/// Receives all bytes, with as many requests as it takes.
void receive_all(HttpClient& client, const FileSource& source, IncompleteFile& file) {
  std::string version;
  int vain = 0;
  for (int tries = 0; tries < kMostTries; ++tries) {
    const std::uint64_t before = file.size();
    HttpReply reply = receive(client, source, file, version);
    // All bytes are there, whatever the connection did afterwards: the checksum decides.
    if (file.complete() || (reply.ok() && !source.size)) return;
    if (reply.status == kRangeNotSatisfiable && before > 0) {
      file.restart();
      ++vain;
    } else if (reply.ok()) {
      reply.transient = true;
      reply.failure = fmt::format("it sent {} of {} bytes", file.size(), *source.size);
    }
    vain = file.size() >= before + kWorthwhile ? 1 : vain + 1;
    if (reply.status != kRangeNotSatisfiable && !client.wait_for_retry(reply, vain)) {
      fail_request(reply, source.name, source.file, client.options());
    }
    if (vain > client.options().retries + 1) break;
  }
  throw Error(source.name,
              fmt::format("{}: the server did not send all of it; try again", source.file),
              ErrorCode::kIo);
}

bool is_there(const fs::path& target, const std::optional<std::uint64_t>& size) {
  std::error_code code;
  if (!fs::is_regular_file(target, code)) return false;
  return !size || fs::file_size(target, code) == *size;
}

}  // namespace

DownloadMeter::DownloadMeter(const Progress& progress, std::string name)
    : progress_(progress), name_(std::move(name)) {}

void DownloadMeter::expect(std::int64_t bytes) { expected_ += bytes; }

void DownloadMeter::add(std::int64_t bytes) { received_ += bytes; }

void DownloadMeter::report(bool finished, std::string_view waiting) const {
  constexpr std::int64_t kMegabyte = 1'000'000, kKilobyte = 1000, kManyKilobytes = 10'000'000;
  const bool large = expected_ >= kManyKilobytes;
  const std::int64_t unit = large ? kMegabyte : kKilobyte;
  const std::int64_t total = std::max<std::int64_t>(1, (expected_ + unit - 1) / unit);
  // The last step is left to finish(): more files may follow.
  const std::int64_t done = std::clamp<std::int64_t>(received_ / unit, 0, total - 1);
  report_progress(progress_,
                  fmt::format("downloading {} ({}{}{})", name_, waiting,
                              waiting.empty() ? "" : "; ", large ? "MB" : "kB"),
                  finished ? total : done, total);
}

void DownloadMeter::tick(std::string_view waiting) const { report(false, waiting); }

void DownloadMeter::finish() const { report(true, {}); }

void download_file(HttpClient& client, const FileSource& source, const fs::path& target,
                   const fs::path& lock, const Progress& progress, DownloadMeter& meter) {
  std::error_code code;
  fs::create_directories(target.parent_path(), code);
  if (code) {
    throw Error(target.parent_path().string(),
                fmt::format("cannot create this folder: {}", code.message()), ErrorCode::kIo);
  }
  const FileLock owner(lock, progress);
  if (is_there(target, source.size)) return;
  for (int round = 0; round < 2; ++round) {
    IncompleteFile file(target.string() + ".incomplete", source, meter);
    if (!file.complete()) receive_all(client, source, file);
    if (file.check()) {
      file.move_to(target);
      return;
    }
    file.discard();  // what an earlier process left is damaged
  }
}

void check_free_space(const fs::path& folder, std::uint64_t bytes, const std::string& name) {
  fs::path place = folder;
  std::error_code code;
  while (!fs::exists(place, code) && place.has_parent_path() && place != place.parent_path()) {
    place = place.parent_path();
  }
  if (place.empty()) place = ".";
  const fs::space_info space = fs::space(place, code);
  if (code || space.available >= bytes) return;  // if it cannot be asked, writing will tell
  throw Error(
      name,
      fmt::format("needs {} MB in {}, which has {} MB free; free some space or set HF_HOME "
                  "to another folder",
                  (bytes + 999'999) / 1'000'000, folder.string(), space.available / 1'000'000),
      ErrorCode::kLimit);
}

}  // namespace whyclip
