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

/// Vectors of float32 kept on disk (one SQLite file), each under a checkpoint's hash and a prompt.
/// Several processes may use one file. What cannot be read or written is only not cached: the cache
/// never makes a computation fail once it is open. A vector that is zero or not finite is neither
/// stored nor returned. A file of whyclip 0.1 is emptied when it is opened.
class EmbeddingCache {
 public:
  /// Opens or makes the file and its folder. Throws Error naming the path if that is impossible or
  /// if the file is something else.
  explicit EmbeddingCache(const std::filesystem::path& path);
  EmbeddingCache(EmbeddingCache&&) noexcept;
  EmbeddingCache& operator=(EmbeddingCache&&) noexcept;
  ~EmbeddingCache();

  /// Copies the vector into `out` and returns true, or returns false if there is none of that
  /// length.
  bool find(std::string_view checkpoint, std::string_view prompt, std::span<float> out);

  struct Entry {
    std::string_view prompt;
    std::span<const float> vector;
  };
  /// Stores all in one transaction.
  void store(std::string_view checkpoint, std::span<const Entry> entries);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace whyclip
