#include "whyclip/hub/checksum.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "tests/support/data.h"
#include "whyclip/core/error.h"
#include "whyclip/hub/file_lock.h"
#include "whyclip/hub/http_transfer.h"

namespace whyclip {
namespace checksum_test {

std::string checksum(ChecksumKind kind, const std::string& text) {
  Checksum sum(kind, text.size());
  for (const char& c : text) sum.add({&c, 1});  // piece by piece
  return sum.finish();
}

TEST(Checksum, OfLargeFilesIsSha256) {
  // FIPS 180-2, appendix B.1
  EXPECT_EQ(checksum(ChecksumKind::kSha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Checksum, OfSmallFilesIsGitsSha1) {
  // git hash-object of "what is up, doc?": Pro Git, chapter 10.2
  EXPECT_EQ(checksum(ChecksumKind::kGitBlob, "what is up, doc?"),
            "bd9dbf5aae1a3862dd1526723246b20206e5fc37");
}

TEST(Checksum, KindFollowsFromTheDigits) {
  EXPECT_EQ(checksum_kind(std::string(64, 'a')), ChecksumKind::kSha256);
  EXPECT_EQ(checksum_kind(std::string(40, '0')), ChecksumKind::kGitBlob);
  EXPECT_EQ(checksum_kind(std::string(40, 'g')), ChecksumKind::kNone);
  EXPECT_EQ(checksum_kind(""), ChecksumKind::kNone);
}

TEST(FileLock, IsThatOfOtherProcesses) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "a" / "x.lock";
  {
    const FileLock lock(path, {});
    const pid_t child = ::fork();
    if (child == 0) {
      const int file = ::open(path.c_str(), O_RDWR);
      ::_exit(::flock(file, LOCK_EX | LOCK_NB) == 0 ? 1 : 0);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "another process got the lock";
  }
  const FileLock again(path, {});  // given back
}

TEST(FileLock, CanBeCancelledWhileItWaits) {
  const testing::TemporaryFolder folder;
  const FileLock lock(folder.path() / "x.lock", {});

  EXPECT_THROW(FileLock(folder.path() / "x.lock",
                        [](std::string_view, std::int64_t, std::int64_t) { return false; }),
               Cancelled);
}

TEST(Address, OfARedirectIsResolved) {
  EXPECT_EQ(resolve_address("https://a.b/c/d?e", "/f g"), "https://a.b/f%20g");
  EXPECT_EQ(resolve_address("https://a.b/c/d?e", "/f"), "https://a.b/f");
  EXPECT_EQ(resolve_address("https://a.b/c/d", "x"), "https://a.b/c/x");
  EXPECT_EQ(resolve_address("https://a.b/c", "//other/x"), "https://other/x");
  EXPECT_EQ(resolve_address("https://a.b/c", "ftp://other/x"), "");
}

TEST(Address, HasAnOriginWithItsPort) {
  EXPECT_EQ(origin_of("https://HuggingFace.co/x"), "https://huggingface.co:443");
  EXPECT_EQ(origin_of("http://user@a:8080/x"), "http://a:8080");
  EXPECT_NE(origin_of("http://a/x"), origin_of("https://a/x"));
}

TEST(Address, IsEncoded) {
  EXPECT_EQ(percent_encoded("refs/pr/1 ä", false), "refs%2Fpr%2F1%20%C3%A4");
  EXPECT_EQ(percent_encoded("a/b", true), "a/b");
}

}  // namespace checksum_test
}  // namespace whyclip
