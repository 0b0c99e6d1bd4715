#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "whyclip/io/stored_tensor.h"

namespace whyclip {

/// The type of the values of a storage or tensor.
struct ElementType {
  std::string_view name;         ///< "float32"
  std::int64_t size = 1;         ///< bytes
  std::optional<DataType> type;  ///< nullopt if whyclip has no such type
};

/// What a class or function of a PyTorch pickle means.
enum class PytorchRole {
  kDict,         ///< collections.OrderedDict and the like
  kSize,         ///< torch.Size
  kTensor,       ///< torch._utils._rebuild_tensor, _v2: (storage, offset, shape, strides, …)
  kTypedTensor,  ///< torch._utils._rebuild_tensor_v3: the same, and a type
  kParameter,    ///< torch._utils._rebuild_parameter: (tensor, …)
  kSubclass,     ///< torch._tensor._rebuild_from_type_v2: (function, class, arguments, state)
  kUnsupportedTensor,  ///< sparse, quantised and other tensors; `description` says which
  kStorage,            ///< torch.FloatStorage and the like: a type
  kElementType,        ///< torch.float32 and the like
  kTensorClass,        ///< torch.Tensor, torch.nn.parameter.Parameter
  kModule,             ///< a class of a TorchScript archive
  kPlain,              ///< data that whyclip does not read: sets, numpy values, devices
};

struct PytorchGlobal {
  PytorchRole role = PytorchRole::kPlain;
  ElementType element;           ///< kStorage, kElementType
  std::string_view description;  ///< kUnsupportedTensor
};

/// The classes and functions that a checkpoint of tensors may refer to; nullopt for all others.
/// Names of Python 2 are included. `script` allows the classes of a TorchScript archive.
std::optional<PytorchGlobal> find_pytorch_global(std::string_view module, std::string_view name,
                                                 bool script);

/// The message for a class or function that is not among them.
std::string refusal_of_global(std::string_view module, std::string_view name);

}  // namespace whyclip
