#include "whyclip/io/zip_archive.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/support/errors.h"
#include "tests/unit/io/pytorch_bytes.h"

namespace whyclip {
namespace zip_archive_test {

using testing::error_of;
using testing::mentions;
using testing::zip_of;

ZipArchive read(const std::string& bytes) {
  return ZipArchive(std::as_bytes(std::span(bytes)), "w.zip");
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Replaces the bytes at `at` by those of the value.
template <class Integer>
std::string with(std::string bytes, std::size_t at, Integer value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
  return bytes;
}

const std::string kTwo = zip_of({{"a", "first"}, {"b/c", "second entry"}});
/// The positions of the first row of the directory and of the last record.
const std::size_t kRow = kTwo.find("PK\1\2"), kLast = kTwo.rfind("PK\5\6");

TEST(ZipArchive, ReadsStoredEntriesInPlace) {
  const ZipArchive archive = read(kTwo);

  ASSERT_EQ(archive.entries().size(), 2u);
  const ZipEntry* entry = archive.find("b/c");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(text_of(entry->bytes), "second entry");
  EXPECT_EQ(text_of(entry->bytes).data() == nullptr, false);
  EXPECT_EQ(reinterpret_cast<const char*>(entry->bytes.data()),
            kTwo.data() + kTwo.find("second entry"));
  EXPECT_EQ(archive.find("d"), nullptr);
}

TEST(ZipArchive, InflatesEntries) {
  const std::string content(5000, 'x');
  const std::string bytes = zip_of({{"a", content, true}});

  const ZipArchive archive = read(bytes);

  const ZipEntry& entry = *archive.find("a");
  EXPECT_TRUE(entry.deflated);
  EXPECT_LT(entry.bytes.size(), 100u);
  EXPECT_EQ(text_of(archive.inflate(entry)), content);
}

TEST(ZipArchive, ReadsSizesAndOffsetsOfZip64) {
  // One entry whose sizes and offset are in the zip64 field, a zip64 end record and its locator.
  const auto bytes_of = [](auto... values) {
    std::string bytes;
    const auto append = [&](auto value) {
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    (append(values), ...);
    return bytes;
  };
  using U16 = std::uint16_t;
  using U32 = std::uint32_t;
  using U64 = std::uint64_t;
  const std::string local =
      "PK\3\4" +
      bytes_of(U16(45), U16(0), U16(0), U32(0), U32(0), ~U32(0), ~U32(0), U16(1), U16(0)) + "adata";
  const std::string row =
      "PK\1\2" +
      bytes_of(U16(45), U16(45), U16(0), U16(0), U32(0), U32(0), ~U32(0), ~U32(0), U16(1), U16(28),
               U16(0), U16(0), U16(0), U32(0), ~U32(0)) +
      "a" + bytes_of(U16(1), U16(24), U64(4), U64(4), U64(0));
  const std::string end64 = "PK\6\6" + bytes_of(U64(44), U16(45), U16(45), U32(0), U32(0), U64(1),
                                                U64(1), U64(row.size()), U64(local.size()));
  const std::string locator = "PK\6\7" + bytes_of(U32(0), U64(local.size() + row.size()), U32(1));
  const std::string end =
      "PK\5\6" + bytes_of(U16(0), U16(0), U16(0xffff), U16(0xffff), ~U32(0), ~U32(0), U16(0));
  const std::string file = local + row + end64 + locator + end;

  const ZipArchive archive = read(file);

  ASSERT_NE(archive.find("a"), nullptr);
  EXPECT_EQ(text_of(archive.find("a")->bytes), "data");
}

TEST(ZipArchive, NamesWhatIsWrong) {
  const auto refusal = [](const std::string& bytes) { return error_of([&] { read(bytes); }); };
  EXPECT_TRUE(mentions(refusal("PK\3\4"), {"w.zip", "no directory"}));
  EXPECT_TRUE(mentions(refusal(kTwo.substr(0, kTwo.size() - 1)), {"w.zip", "truncated"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kLast + 10, std::uint16_t(9))), {"9 entries"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kLast + 16, std::uint32_t(1000))), {"at 1000"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kLast + 4, std::uint16_t(1))), {"parts"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kRow, 'X')), {"expected a directory entry"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kRow + 8, std::uint16_t(1))), {"a]", "encrypted"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kRow + 10, std::uint16_t(14))), {"a]", "method 14"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kRow + 20, std::uint32_t(9))), {"a]", "9", "5"}));
  EXPECT_TRUE(mentions(refusal(with(with(kTwo, kRow + 20, 9999u), kRow + 24, 9999u)),
                       {"9999 bytes", "outside"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kRow + 42, std::uint32_t(1))), {"a]", "no entry"}));
  EXPECT_TRUE(mentions(refusal(with(kTwo, kRow + 46, 'z')), {"z]", "another name"}));
}

TEST(ZipArchive, RefusesEntriesThatOverlap) {
  // The first entry claims the bytes of the second, too.
  const std::uint32_t more = 5 + 30;

  EXPECT_TRUE(mentions(error_of([&] {
                         const std::string bytes =
                             with(with(kTwo, kRow + 20, more), kRow + 24, more);
                         read(bytes);
                       }),
                       {"w.zip", "a and b/c", "overlap"}));
}

TEST(ZipArchive, RefusesTwoEntriesOfOneName) {
  std::string bytes = zip_of({{"a", "1"}, {"b", "2"}});
  for (std::size_t at = bytes.find('b'); at != bytes.npos; at = bytes.find('b')) bytes[at] = 'a';

  EXPECT_TRUE(mentions(error_of([&] { read(bytes); }), {"two entries", "a"}));
}

TEST(ZipArchive, RefusesAnEntryThatInflatesToAnotherSizeOrContent) {
  const std::string bytes = zip_of({{"a", std::string(5000, 'x'), true}});
  const std::size_t row = bytes.find("PK\1\2");
  const auto refusal = [](const std::string& file) {
    return error_of([&] {
      const ZipArchive archive = read(file);
      archive.inflate(*archive.find("a"));
    });
  };

  EXPECT_TRUE(mentions(refusal(with(bytes, row + 24, std::uint32_t(4999))), {"w.zip: a", "4999"}));
  EXPECT_TRUE(mentions(refusal(with(bytes, row + 24, std::uint32_t(5001))), {"w.zip: a", "5001"}));
  EXPECT_TRUE(mentions(refusal(with(bytes, row + 16, std::uint32_t(1))), {"w.zip: a", "checksum"}));
  EXPECT_TRUE(mentions(refusal(with(bytes, 31, std::uint8_t(0xff))), {"w.zip: a", "5000"}));
}

TEST(ZipArchive, ShowsControlCharactersOfNamesAsText) {
  const std::string bytes = zip_of({{"a\nb", "1"}, {"b", "2"}});

  EXPECT_TRUE(mentions(error_of([&] {
                         const std::string encrypted =
                             with(bytes, bytes.find("PK\1\2") + 8, std::uint16_t(1));
                         read(encrypted);
                       }),
                       {"a\\x0ab"}));
}

}  // namespace zip_archive_test
}  // namespace whyclip
