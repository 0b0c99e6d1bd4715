#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Cache of float32 vectors on disk (one SQLite file), with the checkpoint's hash and the prompt as
/// key. Several processes may use one file. After the cache is open, read and write failures are
/// ignored: the vector is just not cached. A vector that is zero or not finite is neither stored
/// nor returned. Opening a file of whyclip 0.1 deletes its entries.
class EmbeddingCache {
 public:
  /// Opens or creates the file and its folder. Throws Error naming the path if this fails or if the
  /// file is not a cache.
  explicit EmbeddingCache(const std::filesystem::path& path);
  EmbeddingCache(EmbeddingCache&&) noexcept;
  EmbeddingCache& operator=(EmbeddingCache&&) noexcept;
  ~EmbeddingCache();

  /// Copies the vector into `out` and returns true, or returns false if there is no entry of that
  /// length.
  bool find(std::string_view checkpoint, std::string_view prompt, std::span<float> out);

  struct Entry {
    std::string_view prompt;
    std::span<const float> vector;
  };
  /// Stores all entries in one transaction.
  void store(std::string_view checkpoint, std::span<const Entry> entries);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace whyclip
