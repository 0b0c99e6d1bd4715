#include "whyclip/io/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "tests/support/data.h"
#include "tests/support/errors.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;

/// How many entries a folder has.
long entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(WriteFile, WritesEveryByte) {
  const TemporaryFolder folder;
  const std::string content("a\0b\n", 4);

  write_file(folder.path() / "f", content);

  EXPECT_EQ(read_text(folder.path() / "f"), content);
  EXPECT_EQ(read_bytes(folder.path() / "f").size(), 4u);
}

TEST(WriteFile, MakesMissingFolders) {
  const TemporaryFolder folder;

  write_file(folder.path() / "a" / "b" / "f", "x");

  EXPECT_EQ(read_text(folder.path() / "a" / "b" / "f"), "x");
}

TEST(WriteFile, ReplacesAFileAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "a longer text");

  write_file(folder.path() / "f", "new");

  EXPECT_EQ(read_text(folder.path() / "f"), "new");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(WriteFile, LeavesNothingBehindWhenTheTargetIsAFolder) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "f");

  const std::string message = error_of([&] { write_file(folder.path() / "f", "x"); });

  EXPECT_TRUE(mentions(message, {(folder.path() / "f").string(), "cannot write"}));
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(WriteFile, NamesThePathWhenItsFolderIsAFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "x");

  const std::string message = error_of([&] { write_file(folder.path() / "f" / "g", "x"); });

  EXPECT_TRUE(mentions(message, {(folder.path() / "f" / "g").string(), "folder"}));
  EXPECT_EQ(read_text(folder.path() / "f"), "x");
}

TEST(WriteFile, NamesThePathThatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0500);

  const std::string message = error_of([&] { write_file(folder.path() / "f", "x"); });

  ::chmod(folder.path().c_str(), 0700);
  EXPECT_TRUE(mentions(message, {(folder.path() / "f").string(), "Permission denied"}));
  EXPECT_EQ(entries(folder.path()), 0);
}

TEST(WriteFile, NamesThePathWhenTheDiskRefuses) {
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

TEST(ReadText, NamesAFileThatIsMissing) {
  EXPECT_TRUE(mentions(error_of([] { read_text("/nowhere/f"); }), {"/nowhere/f", "No such file"}));
}

TEST(ReadText, RefusesAFolderByName) {
  const TemporaryFolder folder;

  EXPECT_TRUE(mentions(error_of([&] { read_text(folder.path()); }),
                       {folder.path().string(), "expected a file"}));
}

TEST(ReadText, RefusesADeviceByName) {
  EXPECT_TRUE(mentions(error_of([] { read_text("/dev/zero"); }), {"/dev/zero", "expected a file"}));
}

TEST(MappedFile, ShowsTheBytes) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "abc");

  const MappedFile file(folder.path() / "f");

  ASSERT_EQ(file.bytes().size(), 3u);
  EXPECT_EQ(file.bytes()[2], std::byte{'c'});
}

TEST(MappedFile, OfAnEmptyFileHasNoBytes) {
  const TemporaryFolder folder;
  write_file(folder.path() / "f", "");

  EXPECT_TRUE(MappedFile(folder.path() / "f").bytes().empty());
}

TEST(MappedFile, MovesWithItsBytes) {
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

}  // namespace
}  // namespace whyclip
