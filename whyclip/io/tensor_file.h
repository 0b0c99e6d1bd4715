#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/io/file.h"
#include "whyclip/io/stored_tensor.h"

namespace whyclip {

enum class TensorFormat {
  kSafetensors,
  kPyTorch,        ///< torch.save, a zip archive (PyTorch 1.6 and later)
  kTorchScript,    ///< torch.jit.save
  kPyTorchLegacy,  ///< torch.save before PyTorch 1.6
};

/// "safetensors", "PyTorch", "TorchScript", "PyTorch (legacy)".
std::string_view name_of(TensorFormat format);

/// What the reader of one format finds in a file.
struct TensorFileContent {
  TensorFormat format = TensorFormat::kSafetensors;
  std::map<std::string, StoredTensor, std::less<>> tensors;
  std::vector<std::string> names;  ///< in the order of a PyTorch file; empty for safetensors
  std::map<std::string, std::string> metadata;
  std::vector<std::string> notes;
  std::vector<std::vector<std::byte>>
      copies;  ///< bytes of tensors that are not in the file as such
};

/// A file of named tensors: safetensors or a PyTorch checkpoint, recognised by its content. A
/// tensor is a view into the mapped file; only strided tensors and compressed entries of archives
/// are copied. Nothing in a file is executed.
class TensorFile {
 public:
  /// Maps the file. Throws Error naming the file, the tensor and the values; for files of other
  /// kinds their kind.
  static TensorFile open(const std::filesystem::path& path);
  /// Reads from memory that must outlive the object; `name` is its name in messages.
  static TensorFile view(std::span<const std::byte> bytes, std::string name);

  const std::string& name() const { return name_; }
  TensorFormat format() const { return content_.format; }
  bool has(std::string_view tensor) const { return tensors().find(tensor) != tensors().end(); }
  /// Throws Error if there is no such tensor.
  const StoredTensor& at(std::string_view tensor) const;
  const std::map<std::string, StoredTensor, std::less<>>& tensors() const {
    return content_.tensors;
  }
  /// The tensors' names in the order in which a PyTorch file has them, otherwise sorted.
  std::vector<std::string> names() const;
  /// The metadata of a safetensors file.
  const std::map<std::string, std::string>& metadata() const { return content_.metadata; }
  /// Decisions made while reading a PyTorch checkpoint, one sentence each: which of its
  /// dictionaries was read, which prefix was removed from the names, which entries were ignored.
  const std::vector<std::string>& notes() const { return content_.notes; }

 private:
  TensorFile(std::span<const std::byte> bytes, std::string name);

  std::optional<MappedFile> file_;
  std::string name_;
  TensorFileContent content_;
};

}  // namespace whyclip
