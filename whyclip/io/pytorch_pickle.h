#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whyclip/io/pickle.h"
#include "whyclip/io/pytorch_globals.h"

namespace whyclip {

/// A storage that a pickle refers to: values in another part of the file.
struct PytorchStorage {
  std::string_view key;
  ElementType element;
  std::int64_t count = 0;  ///< values
  /// The part of the storage that tensors see, in values (only in the legacy format).
  std::int64_t view_offset = 0, view_count = 0;
};

/// A tensor as a view of a storage. Offset and strides are in values.
struct PytorchTensor {
  PytorchStorage storage;
  ElementType element;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

/// The values of a pickle as PyTorch means them. Nothing is called: a tensor is recognised by the
/// name of the function that would make it.
class PytorchPickle {
 public:
  /// Parses `bytes`. Throws Error naming `where` and the class or function if the pickle refers to
  /// one that a checkpoint of tensors does not need.
  PytorchPickle(std::span<const std::byte> bytes, std::string where, bool script);

  const Pickle& pickle() const { return pickle_; }
  const std::string& where() const { return where_; }

  bool is_tensor(PickleId id) const;
  /// The tensor that is_tensor recognised. Throws Error naming `where` if it is sparse, quantised
  /// or otherwise not a plain view of a storage, or if its description is not valid.
  PytorchTensor tensor(PickleId id, const std::string& where) const;

  /// Keys and values of a dictionary; nullopt for other values.
  std::optional<std::vector<std::pair<PickleId, PickleId>>> dict(PickleId id) const;
  /// Names and values of the attributes of a TorchScript module; nullopt for other values.
  std::optional<std::vector<std::pair<PickleId, PickleId>>> module(PickleId id) const;
  /// The text of a value, nullopt for other values.
  std::optional<std::string_view> text(PickleId id) const;

  /// The storages that the pickle refers to, in its order. Throws Error if one is not valid.
  std::vector<PytorchStorage> storages() const;

 private:
  std::optional<PytorchGlobal> callable(PickleId id) const;
  std::span<const PickleId> arguments(PickleId id) const;
  PytorchStorage storage(PickleId id, const std::string& where) const;
  std::int64_t integer(PickleId id, const std::string& where) const;
  std::vector<std::int64_t> integers(PickleId id, const std::string& where) const;
  PytorchTensor plain_tensor(std::span<const PickleId> arguments, bool typed,
                             const std::string& where) const;

  std::string where_;
  bool script_;
  Pickle pickle_;
};

}  // namespace whyclip
