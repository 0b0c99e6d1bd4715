#include "whyclip/io/embedding_cache.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <system_error>
#include <vector>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

constexpr int kWaitMilliseconds = 2000;
/// Stored in SQLite's user_version. Files of whyclip 0.1 have 0: with some processors and OpenMP
/// settings it stored wrong vectors, which cannot be detected, so all entries are deleted.
constexpr int kVersion = 1;
constexpr const char* kSchema =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS text_embedding (checkpoint TEXT NOT NULL, prompt TEXT NOT NULL,"
    " vector BLOB NOT NULL, PRIMARY KEY (checkpoint, prompt)) WITHOUT ROWID;";

void bind(sqlite3_stmt* statement, int position, std::string_view text) {
  sqlite3_bind_text(statement, position, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

/// Stored after the floats of a vector, to detect damaged bytes.
std::uint64_t checksum_of(std::span<const float> vector) {
  return XXH3_64bits(vector.data(), vector.size_bytes());
}

/// Returns whether a vector cannot be a text embedding: a value is not finite, or all are zero.
bool is_broken(std::span<const float> vector) {
  return std::ranges::any_of(vector, [](float v) { return !std::isfinite(v); }) ||
         std::ranges::all_of(vector, [](float v) { return v == 0; });
}

}  // namespace

struct EmbeddingCache::Implementation {
  std::unique_ptr<sqlite3, CloseDatabase> database;
  Statement select, insert;

  Statement prepare(const std::filesystem::path& path, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database.get(), sql, -1, &statement, nullptr) != SQLITE_OK) fail(path);
    return Statement(statement);
  }
  void execute(const char* sql) { sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr); }
  [[noreturn]] void fail(const std::filesystem::path& path) {
    const int code = sqlite3_errcode(database.get()) & 0xff;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_READONLY) {
      throw Error(path.string(),
                  fmt::format("cannot use this file as the cache of text embeddings: {}; {}, or "
                              "name another",
                              sqlite3_errmsg(database.get()),
                              code == SQLITE_READONLY ? "make it writable"
                                                      : "wait for the process that uses it"));
    }
    fail(path, sqlite3_errmsg(database.get()));
  }
  [[noreturn]] static void fail(const std::filesystem::path& path, std::string_view reason) {
    throw Error(
        path.string(),
        fmt::format("cannot use this file as the cache of text embeddings: {}; delete it or "
                    "name another",
                    reason));
  }

  int version(const std::filesystem::path& path) {
    const Statement query = prepare(path, "PRAGMA user_version");
    return sqlite3_step(query.get()) == SQLITE_ROW ? sqlite3_column_int(query.get(), 0) : 0;
  }

  /// Deletes the entries of a file of an older version.
  void migrate(const std::filesystem::path& path) {
    const int found = version(path);
    if (found == kVersion) return;
    if (found > kVersion) {
      fail(path,
           fmt::format("its version is {}, this whyclip supports version {}", found, kVersion));
    }
    const std::string sql = fmt::format(
        "BEGIN IMMEDIATE; DELETE FROM text_embedding; PRAGMA user_version = {}; COMMIT;", kVersion);
    if (sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      if (sqlite3_get_autocommit(database.get()) == 0) execute("ROLLBACK");
      if (version(path) != kVersion) fail(path);  // another process may have done it
    }
  }
};

EmbeddingCache::EmbeddingCache(const std::filesystem::path& path)
    : implementation_(std::make_unique<Implementation>()) {
  std::error_code ignored;  // SQLite reports it
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  sqlite3* database = nullptr;
  const int code = sqlite3_open(path.c_str(), &database);
  implementation_->database.reset(database);
  if (code != SQLITE_OK) implementation_->fail(path);
  sqlite3_busy_timeout(database, kWaitMilliseconds);
  if (sqlite3_exec(database, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK) {
    implementation_->fail(path);
  }
  implementation_->migrate(path);
  implementation_->select = implementation_->prepare(
      path, "SELECT vector FROM text_embedding WHERE checkpoint = ? AND prompt = ?");
  implementation_->insert = implementation_->prepare(
      path, "INSERT OR REPLACE INTO text_embedding (checkpoint, prompt, vector) VALUES (?, ?, ?)");
}

EmbeddingCache::EmbeddingCache(EmbeddingCache&&) noexcept = default;
EmbeddingCache& EmbeddingCache::operator=(EmbeddingCache&&) noexcept = default;
EmbeddingCache::~EmbeddingCache() = default;

bool EmbeddingCache::find(std::string_view checkpoint, std::string_view prompt,
                          std::span<float> out) {
  sqlite3_stmt* select = implementation_->select.get();
  bind(select, 1, checkpoint);
  bind(select, 2, prompt);
  bool found = false;
  if (sqlite3_step(select) == SQLITE_ROW) {
    std::uint64_t checksum = 0;
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(select, 0));
    found = size == out.size_bytes() + sizeof checksum;
    if (found) {
      const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(select, 0));
      std::memcpy(out.data(), bytes, out.size_bytes());
      std::memcpy(&checksum, bytes + out.size_bytes(), sizeof checksum);
    }
    found = found && checksum == checksum_of(out) && !is_broken(out);
  }
  sqlite3_reset(select);
  return found;
}

void EmbeddingCache::store(std::string_view checkpoint, std::span<const Entry> entries) {
  sqlite3_stmt* insert = implementation_->insert.get();
  implementation_->execute("BEGIN");
  for (const Entry& entry : entries) {
    if (is_broken(entry.vector)) continue;
    bind(insert, 1, checkpoint);
    bind(insert, 2, entry.prompt);
    const std::uint64_t checksum = checksum_of(entry.vector);
    std::vector<std::byte> bytes(entry.vector.size_bytes() + sizeof checksum);
    std::memcpy(bytes.data(), entry.vector.data(), entry.vector.size_bytes());
    std::memcpy(bytes.data() + entry.vector.size_bytes(), &checksum, sizeof checksum);
    sqlite3_bind_blob(insert, 3, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  implementation_->execute("COMMIT");
}

}  // namespace whyclip
