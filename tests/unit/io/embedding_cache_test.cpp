#include "whyclip/io/embedding_cache.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace embedding_cache_test {

using testing::TemporaryFolder;

void store(EmbeddingCache& cache, const std::string& checkpoint, const std::string& prompt,
           const std::vector<float>& vector) {
  const EmbeddingCache::Entry entry{prompt, vector};
  cache.store(checkpoint, {&entry, 1});
}

/// The stored vector, or an empty one.
std::vector<float> find(EmbeddingCache& cache, const std::string& checkpoint,
                        const std::string& prompt, std::size_t length) {
  std::vector<float> result(length);
  if (!cache.find(checkpoint, prompt, result)) result.clear();
  return result;
}

class Cache : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "deep" / "cache.sqlite";
};

TEST_F(Cache, FindsAStoredVector) {
  EmbeddingCache cache(path);
  store(cache, "abc", "a cat", {1, 2.5f, -3});

  EXPECT_EQ(find(cache, "abc", "a cat", 3), (std::vector<float>{1, 2.5f, -3}));
}

TEST_F(Cache, FindsNothingForAnotherPromptOrCheckpoint) {
  EmbeddingCache cache(path);
  store(cache, "abc", "a cat", {1, 2});

  EXPECT_TRUE(find(cache, "abc", "a dog", 2).empty());
  EXPECT_TRUE(find(cache, "xyz", "a cat", 2).empty());
}

TEST_F(Cache, FindsNothingForAnotherLength) {
  EmbeddingCache cache(path);
  store(cache, "abc", "a cat", {1, 2, 3});

  EXPECT_TRUE(find(cache, "abc", "a cat", 2).empty());
  EXPECT_TRUE(find(cache, "abc", "a cat", 4).empty());
}

TEST_F(Cache, ReplacesAnEntry) {
  EmbeddingCache cache(path);
  store(cache, "abc", "a cat", {1});

  store(cache, "abc", "a cat", {2});

  EXPECT_EQ(find(cache, "abc", "a cat", 1), std::vector<float>{2});
}

TEST_F(Cache, StoresAllEntriesOfACall) {
  EmbeddingCache cache(path);
  const std::vector<float> first{1}, second{2};
  const std::vector<EmbeddingCache::Entry> entries{{"a", first}, {"b", second}};

  cache.store("abc", entries);

  EXPECT_EQ(find(cache, "abc", "a", 1), first);
  EXPECT_EQ(find(cache, "abc", "b", 1), second);
}

TEST_F(Cache, IsPersistent) {
  {
    EmbeddingCache cache(path);
    store(cache, "abc", "a cat", {4});
  }
  EmbeddingCache again(path);

  EXPECT_EQ(find(again, "abc", "a cat", 1), std::vector<float>{4});
}

TEST_F(Cache, CanBeSharedByTwoHandles) {
  EmbeddingCache one(path), two(path);

  store(one, "abc", "a cat", {1});
  store(two, "abc", "a dog", {2});

  EXPECT_EQ(find(two, "abc", "a cat", 1), std::vector<float>{1});
  EXPECT_EQ(find(one, "abc", "a dog", 1), std::vector<float>{2});
}

TEST_F(Cache, WorksAfterAMove) {
  EmbeddingCache first(path);
  store(first, "abc", "a cat", {1});

  EmbeddingCache second(std::move(first));

  EXPECT_EQ(find(second, "abc", "a cat", 1), std::vector<float>{1});
}

TEST_F(Cache, DistinguishesPromptsWithQuotesAndZeroBytes) {
  EmbeddingCache cache(path);
  store(cache, "abc", "it's \"x\"", {1});
  store(cache, "abc", std::string("a\0b", 3), {2});

  EXPECT_EQ(find(cache, "abc", "it's \"x\"", 1), std::vector<float>{1});
  EXPECT_EQ(find(cache, "abc", std::string("a\0b", 3), 1), std::vector<float>{2});
  EXPECT_TRUE(find(cache, "abc", "a", 1).empty());
}

TEST_F(Cache, DoesNotStoreAVectorThatIsZeroOrNotFinite) {
  EmbeddingCache cache(path);
  store(cache, "abc", "zero", {0, 0, -0.0f});
  store(cache, "abc", "infinite", {1, std::numeric_limits<float>::infinity(), 0});
  store(cache, "abc", "not a number", {1, std::numeric_limits<float>::quiet_NaN(), 0});

  EXPECT_TRUE(find(cache, "abc", "zero", 3).empty());
  EXPECT_TRUE(find(cache, "abc", "infinite", 3).empty());
  EXPECT_TRUE(find(cache, "abc", "not a number", 3).empty());
}

/// Runs SQL on the file, as another program would.
void run_sql(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST_F(Cache, DoesNotReturnAVectorThatWasStoredAsZeroByAnotherProgram) {
  EmbeddingCache cache(path);
  store(cache, "abc", "a cat", {1, 2});
  run_sql(path, "UPDATE text_embedding SET vector = zeroblob(16)");

  EXPECT_TRUE(find(cache, "abc", "a cat", 2).empty());
}

TEST_F(Cache, DoesNotReturnAVectorWithDamagedBytes) {
  EmbeddingCache cache(path);
  store(cache, "abc", "a cat", {1, 2});
  run_sql(path, "UPDATE text_embedding SET vector = x'0000803f00004040' || substr(vector, 9)");

  EXPECT_TRUE(find(cache, "abc", "a cat", 2).empty());
}

// Version 0.1 wrote no version and, on some processors, wrong vectors.
TEST_F(Cache, DeletesTheEntriesOfVersion01) {
  {
    EmbeddingCache cache(path);
    store(cache, "abc", "a cat", {1, 2});
  }
  run_sql(path, "PRAGMA user_version = 0");

  EmbeddingCache again(path);

  EXPECT_TRUE(find(again, "abc", "a cat", 2).empty());
  store(again, "abc", "a cat", {3, 4});
  EXPECT_EQ(find(again, "abc", "a cat", 2), (std::vector<float>{3, 4}));
}

TEST_F(Cache, RefusesAFileOfALaterVersion) {
  { EmbeddingCache cache(path); }
  run_sql(path, "PRAGMA user_version = 99");

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { EmbeddingCache cache(path); }),
                                {path.string(), "version is 99", "name another"}));
}

TEST_F(Cache, RejectsAnotherKindOfFileWithoutChangingIt) {
  const std::string content(5000, 'x');
  write_file(path, content);

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { EmbeddingCache cache(path); }),
                                {path.string(), "not a database"}));
  EXPECT_EQ(read_text(path), content);
}

TEST_F(Cache, NamesAPathThatCannotBeOpened) {
  EXPECT_TRUE(testing::mentions(
      testing::error_of([] { EmbeddingCache cache("/proc/self/none/cache.sqlite"); }),
      {"/proc/self/none/cache.sqlite"}));
}

}  // namespace embedding_cache_test
}  // namespace whyclip
