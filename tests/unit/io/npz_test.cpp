#include "whyclip/io/npz.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace npz_test {

using testing::TemporaryFolder;

/// The names of an archive's entries and their contents.
std::vector<std::pair<std::string, std::string>> unzip(const std::filesystem::path& path) {
  std::vector<std::pair<std::string, std::string>> entries;
  zip_t* archive = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, nullptr);
  if (archive == nullptr) return entries;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t info;
    zip_stat_index(archive, zip_uint64_t(i), 0, &info);
    std::string content(info.size, '\0');
    zip_file_t* file = zip_fopen_index(archive, zip_uint64_t(i), 0);
    zip_fread(file, content.data(), content.size());
    zip_fclose(file);
    entries.emplace_back(info.name, content);
  }
  zip_discard(archive);
  return entries;
}

const std::vector<float> kValues{1, 2, 3, 4, 5, -0.5f};

TEST(Npz, ContainsEachArrayAsAnNpyFile) {
  const TemporaryFolder folder;
  write_npz(folder.path() / "a.npz", {{"patches", {2, 3}, kValues}, {"one", {6}, kValues}});

  const auto entries = unzip(folder.path() / "a.npz");

  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].first, "patches.npy");
  EXPECT_EQ(entries[1].first, "one.npy");
}

TEST(Npz, WritesHeaderAndValuesInTheFormatOfNumPy) {
  const TemporaryFolder folder;
  write_npz(folder.path() / "a.npz", {{"patches", {2, 3}, kValues}});

  const std::string npy = unzip(folder.path() / "a.npz").at(0).second;

  EXPECT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t header = std::size_t(npy[8]) + 256 * std::size_t(npy[9]);
  EXPECT_EQ((10 + header) % 64, 0u);
  const std::string text = npy.substr(10, header);
  EXPECT_EQ(text.substr(0, text.find_last_not_of(" \n") + 1),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  EXPECT_EQ(text.back(), '\n');
  ASSERT_EQ(npy.size(), 10 + header + 24);
  EXPECT_EQ(std::memcmp(npy.data() + 10 + header, kValues.data(), 24), 0);
}

TEST(Npz, WritesOneAxisAsAPythonTuple) {
  const TemporaryFolder folder;
  write_npz(folder.path() / "a.npz", {{"one", {6}, kValues}});

  EXPECT_NE(unzip(folder.path() / "a.npz").at(0).second.find("'shape': (6,)"), std::string::npos);
}

TEST(Npz, WritesAScalarAsAnEmptyTuple) {
  const TemporaryFolder folder;
  write_npz(folder.path() / "a.npz", {{"logit", {}, std::span(kValues).first(1)}});

  EXPECT_NE(unzip(folder.path() / "a.npz").at(0).second.find("'shape': ()"), std::string::npos);
}

TEST(Npz, GivesTheSameBytesForTheSameArrays) {
  const TemporaryFolder folder;
  write_npz(folder.path() / "a.npz", {{"patches", {2, 3}, kValues}});
  write_npz(folder.path() / "b.npz", {{"patches", {2, 3}, kValues}});

  EXPECT_EQ(read_text(folder.path() / "a.npz"), read_text(folder.path() / "b.npz"));
}

TEST(Npz, NamesThePathThatCannotBeWritten) {
  EXPECT_TRUE(testing::mentions(testing::error_of([] {
                                  write_npz("/proc/self/none/a.npz", {{"one", {6}, kValues}});
                                }),
                                {"/proc/self/none/a.npz"}));
}

}  // namespace npz_test
}  // namespace whyclip
