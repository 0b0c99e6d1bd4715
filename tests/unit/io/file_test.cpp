#include "whyclip/io/file.h"

#include <gtest/gtest.h>
#include <signal.h>  // SIGXFSZ is POSIX, not C++
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/data.h"
#include "tests/support/errors.h"

namespace whyclip {
namespace file_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;

/// Number of entries of a folder.
long entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(HasRegularFile, RefusesWhatIsThereAndCannotBeRead) {
  const TemporaryFolder folder;
  const auto refusal = [&](const char* name) {
    return error_of([&] { has_regular_file(folder.path() / name); });
  };
  write_file(folder.path() / "file", "x");
  fs::create_symlink("file", folder.path() / "link");
  fs::create_symlink("nothing", folder.path() / "broken");
  fs::create_symlink("loop", folder.path() / "loop");
  fs::create_directory(folder.path() / "folder");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);

  EXPECT_TRUE(has_regular_file(folder.path() / "file"));
  EXPECT_TRUE(has_regular_file(folder.path() / "link"));
  EXPECT_FALSE(has_regular_file(folder.path() / "missing"));
  EXPECT_FALSE(has_regular_file(folder.path() / "file" / "x"));
  EXPECT_TRUE(mentions(refusal("broken"), {"broken", "link"}));
  EXPECT_TRUE(mentions(refusal("loop"), {"loop", "link"}));
  EXPECT_TRUE(mentions(refusal("folder"), {"folder"}));
  EXPECT_TRUE(mentions(refusal("pipe"), {"pipe"}));
  EXPECT_TRUE(mentions(error_of([&] { MappedFile(folder.path() / "pipe"); }), {"pipe"}));
}

TEST(WriteFile, WritesEveryByte) {
  const TemporaryFolder folder;
  const std::string content("a\0b\n", 4);

  write_file(folder.path() / "f", content);

  EXPECT_EQ(read_text(folder.path() / "f"), content);
  EXPECT_EQ(read_bytes(folder.path() / "f").size(), 4u);
}

TEST(WriteFile, CreatesMissingFolders) {
  const TemporaryFolder folder;

  write_file(folder.path() / "a" / "b" / "f", "x");

  EXPECT_EQ(read_text(folder.path() / "a" / "b" / "f"), "x");
}

TEST(WriteFile, ReplacesAFileAndLeavesNoTemporaryFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "a longer text");

  write_file(folder.path() / "f", "new");

  EXPECT_EQ(read_text(folder.path() / "f"), "new");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(WriteFile, LeavesNoTemporaryFileIfTheTargetIsAFolder) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "f");

  const std::string message = error_of([&] { write_file(folder.path() / "f", "x"); });

  EXPECT_TRUE(mentions(message, {(folder.path() / "f").string(), "cannot write"}));
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(WriteFile, NamesThePathIfItsFolderIsAFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "x");

  const std::string message = error_of([&] { write_file(folder.path() / "f" / "g", "x"); });

  EXPECT_TRUE(mentions(message, {(folder.path() / "f" / "g").string(), "folder"}));
  EXPECT_EQ(read_text(folder.path() / "f"), "x");
}

TEST(WriteFile, NamesAPathWithoutWritePermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0500);

  const std::string message = error_of([&] { write_file(folder.path() / "f", "x"); });

  ::chmod(folder.path().c_str(), 0700);
  EXPECT_TRUE(mentions(message, {(folder.path() / "f").string(), "Permission denied"}));
  EXPECT_EQ(entries(folder.path()), 0);
}

TEST(WriteFile, NamesThePathIfTheFileSystemFails) {
  if (!fs::exists("/proc/self")) GTEST_SKIP() << "no /proc here";

  EXPECT_TRUE(mentions(error_of([] { write_file("/proc/self/whyclip-f", "x"); }),
                       {"/proc/self/whyclip-f", "cannot write"}));
}

TEST(WriteFile, MakesFilesThatOthersMayRead) {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(022);

  write_file(folder.path() / "f", "x");

  ::umask(mask);
  EXPECT_EQ(fs::status(folder.path() / "f").permissions(), fs::perms(0644));
}

/// Sets a limit of this process during the lifetime of the object.
class LimitedResource {
 public:
  LimitedResource(__rlimit_resource resource, rlim_t limit) : resource_(resource) {
    ::getrlimit(resource_, &before_);
    const rlimit now{limit, before_.rlim_max};
    ::setrlimit(resource_, &now);
  }
  ~LimitedResource() { ::setrlimit(resource_, &before_); }
  LimitedResource(const LimitedResource&) = delete;
  LimitedResource& operator=(const LimitedResource&) = delete;

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};

TEST(WriteFile, ReportsTheLimitIfAFileIsTooLarge) {
  const TemporaryFolder folder;
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  std::string message;
  {
    const LimitedResource limited(RLIMIT_FSIZE, 512);
    message = error_of([&] { write_file(folder.path() / "f", std::string(1000, 'x')); });
  }
  ::signal(SIGXFSZ, before);

  EXPECT_EQ(message, "[" + (folder.path() / "f").string() +
                         "] cannot write: File too large (the limit is 512 bytes, ulimit -f)");
  EXPECT_EQ(entries(folder.path()), 0);
}

TEST(WriteFile, AcceptsTheLongestNameThatFileSystemsAllow) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / std::string(255, 'a');

  write_file(file, "x");

  EXPECT_EQ(read_text(file), "x");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(ReadText, ReportsTheLimitOfOpenFiles) {
  std::string message;
  {
    const LimitedResource limited(RLIMIT_NOFILE, 0);
    message = error_of([] { read_text("/dev/null"); });
  }

  EXPECT_EQ(message,
            "[/dev/null] cannot open: Too many open files (the limit is 0 open files, ulimit -n)");
}

TEST(ReadText, ReadsAPipeToItsEnd) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += char('a' + i % 26);  // more than one block
  std::jthread writer([&] { std::ofstream(path) << content; });

  EXPECT_EQ(read_text(path), content);
}

TEST(ReadText, ReadsNothingFromTheNullDevice) { EXPECT_EQ(read_text("/dev/null"), ""); }

TEST(ReadText, NamesAFileThatIsMissing) {
  EXPECT_TRUE(mentions(error_of([] { read_text("/nowhere/f"); }), {"/nowhere/f", "No such file"}));
}

TEST(ReadText, NamesAFolder) {
  const TemporaryFolder folder;

  EXPECT_TRUE(mentions(error_of([&] { read_text(folder.path()); }),
                       {folder.path().string(), "expected a file"}));
}

TEST(ReadText, NamesADevice) {
  EXPECT_TRUE(mentions(error_of([] { read_text("/dev/zero"); }), {"/dev/zero", "expected a file"}));
}

TEST(MappedFile, HasTheBytesOfTheFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "abc");

  const MappedFile file(folder.path() / "f");

  ASSERT_EQ(file.bytes().size(), 3u);
  EXPECT_EQ(file.bytes()[2], std::byte{'c'});
}

TEST(MappedFile, HasNoBytesIfTheFileIsEmpty) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "");

  EXPECT_TRUE(MappedFile(folder.path() / "f").bytes().empty());
}

TEST(MappedFile, KeepsItsBytesWhenMoved) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "abc");
  write_file(folder.path() / "g", "defg");
  MappedFile f(folder.path() / "f"), g(folder.path() / "g");
  const std::byte* bytes = g.bytes().data();

  f = std::move(g);
  const MappedFile last(std::move(f));

  EXPECT_EQ(last.bytes().data(), bytes);
  EXPECT_EQ(last.bytes().size(), 4u);
}

TEST(MappedFile, NamesAFileThatIsMissing) {
  EXPECT_TRUE(mentions(error_of([] { MappedFile file("/nowhere/f"); }), {"/nowhere/f"}));
}

}  // namespace file_test
}  // namespace whyclip
