#include "whyclip/io/pytorch_globals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "whyclip/io/printable.h"

namespace whyclip {
namespace {

struct StorageRow {
  std::string_view storage;  ///< "" for types that have no storage class of their own
  ElementType element;
};

/// Source: the names of torch.storage._dtype_to_storage_type_map and of torch.dtype (PyTorch 2.9).
constexpr std::array kElementTypes{
    StorageRow{"FloatStorage", {"float32", 4, DataType::kF32}},
    StorageRow{"HalfStorage", {"float16", 2, DataType::kF16}},
    StorageRow{"BFloat16Storage", {"bfloat16", 2, DataType::kBF16}},
    StorageRow{"DoubleStorage", {"float64", 8, DataType::kF64}},
    StorageRow{"LongStorage", {"int64", 8, DataType::kI64}},
    StorageRow{"IntStorage", {"int32", 4, DataType::kI32}},
    StorageRow{"ShortStorage", {"int16", 2, DataType::kI16}},
    StorageRow{"CharStorage", {"int8", 1, DataType::kI8}},
    StorageRow{"ByteStorage", {"uint8", 1, DataType::kU8}},
    StorageRow{"BoolStorage", {"bool", 1, DataType::kBool}},
    StorageRow{"", {"uint16", 2, DataType::kU16}},
    StorageRow{"", {"uint32", 4, DataType::kU32}},
    StorageRow{"", {"uint64", 8, DataType::kU64}},
    StorageRow{"UntypedStorage", {"untyped", 1, std::nullopt}},
    StorageRow{"ComplexFloatStorage", {"complex64", 8, std::nullopt}},
    StorageRow{"ComplexDoubleStorage", {"complex128", 16, std::nullopt}},
    StorageRow{"", {"complex32", 4, std::nullopt}},
    StorageRow{"QInt8Storage", {"qint8", 1, std::nullopt}},
    StorageRow{"QUInt8Storage", {"quint8", 1, std::nullopt}},
    StorageRow{"QInt32Storage", {"qint32", 4, std::nullopt}},
    StorageRow{"QUInt4x2Storage", {"quint4x2", 1, std::nullopt}},
    StorageRow{"QUInt2x4Storage", {"quint2x4", 1, std::nullopt}},
    StorageRow{"", {"float8_e4m3fn", 1, std::nullopt}},
    StorageRow{"", {"float8_e5m2", 1, std::nullopt}},
    StorageRow{"", {"float8_e4m3fnuz", 1, std::nullopt}},
    StorageRow{"", {"float8_e5m2fnuz", 1, std::nullopt}},
    StorageRow{"", {"float8_e8m0fnu", 1, std::nullopt}},
    StorageRow{"", {"float4_e2m1fn_x2", 1, std::nullopt}},
};

struct GlobalRow {
  std::string_view module, name;
  PytorchRole role;
  std::string_view description = {};
};

/// Sources: torch/_utils.py, torch/_tensor.py and torch/_weights_only_unpickler.py of PyTorch 2.9
/// for tensors, torch/csrc/jit/serialization/pickler.cpp for torch.jit._pickle.
constexpr std::array kGlobals{
    GlobalRow{"collections", "OrderedDict", PytorchRole::kDict},
    GlobalRow{"collections", "defaultdict", PytorchRole::kDict},
    GlobalRow{"collections", "Counter", PytorchRole::kDict},
    GlobalRow{"torch", "Size", PytorchRole::kSize},
    GlobalRow{"torch._utils", "_rebuild_tensor", PytorchRole::kTensor},
    GlobalRow{"torch._utils", "_rebuild_tensor_v2", PytorchRole::kTensor},
    GlobalRow{"torch._utils", "_rebuild_tensor_v3", PytorchRole::kTypedTensor},
    GlobalRow{"torch._utils", "_rebuild_parameter", PytorchRole::kParameter},
    GlobalRow{"torch._utils", "_rebuild_parameter_with_state", PytorchRole::kParameter},
    GlobalRow{"torch._tensor", "_rebuild_from_type_v2", PytorchRole::kSubclass},
    GlobalRow{"torch._utils", "_rebuild_sparse_tensor", PytorchRole::kUnsupportedTensor, "sparse"},
    GlobalRow{"torch._utils", "_rebuild_sparse_csr_tensor", PytorchRole::kUnsupportedTensor,
              "sparse"},
    GlobalRow{"torch._utils", "_rebuild_nested_tensor", PytorchRole::kUnsupportedTensor, "nested"},
    GlobalRow{"torch._utils", "_rebuild_qtensor", PytorchRole::kUnsupportedTensor, "quantised"},
    GlobalRow{"torch._utils", "_rebuild_meta_tensor_no_storage", PytorchRole::kUnsupportedTensor,
              "meta (without values)"},
    GlobalRow{"torch._utils", "_rebuild_wrapper_subclass", PytorchRole::kUnsupportedTensor,
              "wrapper"},
    GlobalRow{"torch._utils", "_rebuild_device_tensor_from_numpy", PytorchRole::kUnsupportedTensor,
              "device"},
    GlobalRow{"torch._utils", "_rebuild_device_tensor_from_cpu_tensor",
              PytorchRole::kUnsupportedTensor, "device"},
    GlobalRow{"torch", "Tensor", PytorchRole::kTensorClass},
    GlobalRow{"torch.nn.parameter", "Parameter", PytorchRole::kTensorClass},
    GlobalRow{"torch.nn.parameter", "Buffer", PytorchRole::kTensorClass},
    GlobalRow{"torch", "device", PytorchRole::kPlain},
    GlobalRow{"torch", "per_tensor_affine", PytorchRole::kPlain},
    GlobalRow{"torch", "per_tensor_symmetric", PytorchRole::kPlain},
    GlobalRow{"torch", "per_channel_affine", PytorchRole::kPlain},
    GlobalRow{"torch", "per_channel_symmetric", PytorchRole::kPlain},
    GlobalRow{"torch", "per_channel_affine_float_qparams", PytorchRole::kPlain},
    GlobalRow{"torch.serialization", "_get_layout", PytorchRole::kPlain},
    GlobalRow{"torch.jit._pickle", "build_intlist", PytorchRole::kPlain},
    GlobalRow{"torch.jit._pickle", "build_doublelist", PytorchRole::kPlain},
    GlobalRow{"torch.jit._pickle", "build_boollist", PytorchRole::kPlain},
    GlobalRow{"torch.jit._pickle", "build_tensorlist", PytorchRole::kPlain},
    GlobalRow{"torch.jit._pickle", "build_tensor_from_id", PytorchRole::kPlain},
    GlobalRow{"torch.jit._pickle", "restore_type_tag", PytorchRole::kPlain},
    GlobalRow{"_codecs", "encode", PytorchRole::kPlain},
    GlobalRow{"argparse", "Namespace", PytorchRole::kPlain},
    GlobalRow{"numpy", "dtype", PytorchRole::kPlain},
    GlobalRow{"numpy", "ndarray", PytorchRole::kPlain},
    GlobalRow{"numpy.core.multiarray", "scalar", PytorchRole::kPlain},
    GlobalRow{"numpy.core.multiarray", "_reconstruct", PytorchRole::kPlain},
    GlobalRow{"numpy._core.multiarray", "scalar", PytorchRole::kPlain},
    GlobalRow{"numpy._core.multiarray", "_reconstruct", PytorchRole::kPlain},
    GlobalRow{"numpy.core.numeric", "_frombuffer", PytorchRole::kPlain},
    GlobalRow{"numpy._core.numeric", "_frombuffer", PytorchRole::kPlain},
};

/// The types of Python that have no side effects, in the modules of Python 3 and 2.
constexpr std::array<std::string_view, 12> kBuiltinTypes{
    "set",   "frozenset", "list", "dict",  "tuple",     "int",
    "float", "bool",      "str",  "bytes", "bytearray", "complex"};

/// Modules whose functions run programs, change files or load code. The list only chooses the
/// wording: every global that is not in the tables above is refused.
constexpr std::array<std::string_view, 22> kDangerous{
    "os",      "posix",           "nt",       "subprocess", "sys",         "shutil",
    "socket",  "runpy",           "pty",      "importlib",  "ctypes",      "pickle",
    "_pickle", "marshal",         "code",     "builtins",   "__builtin__", "webbrowser",
    "asyncio", "multiprocessing", "commands", "urllib"};

}  // namespace

std::optional<PytorchGlobal> find_pytorch_global(std::string_view module, std::string_view name,
                                                 bool script) {
  for (const GlobalRow& row : kGlobals) {
    if (row.module == module && row.name == name) {
      return PytorchGlobal{row.role, {}, row.description};
    }
  }
  if (module == "torch" || module == "torch.storage") {
    for (const StorageRow& row : kElementTypes) {
      if (row.storage == name && !name.empty()) {
        return PytorchGlobal{PytorchRole::kStorage, row.element, {}};
      }
      if (row.element.name == name && module == "torch") {
        return PytorchGlobal{PytorchRole::kElementType, row.element, {}};
      }
    }
  }
  const bool builtin = module == "builtins" || module == "__builtin__";
  if (builtin &&
      std::find(kBuiltinTypes.begin(), kBuiltinTypes.end(), name) != kBuiltinTypes.end()) {
    return PytorchGlobal{name == "dict" ? PytorchRole::kDict : PytorchRole::kPlain, {}, {}};
  }
  if (script && (module == "__torch__" || module.starts_with("__torch__."))) {
    return PytorchGlobal{PytorchRole::kModule, {}, {}};
  }
  return std::nullopt;
}

std::string refusal_of_global(std::string_view module, std::string_view name) {
  const std::string_view package = module.substr(0, module.find('.'));
  const std::string global = fmt::format("{}.{}", printable(module), printable(name));
  if (std::find(kDangerous.begin(), kDangerous.end(), package) != kDangerous.end()) {
    return fmt::format(
        "it would call {}, which can run programs or change files; nothing was executed. Do not "
        "load this file in Python",
        global);
  }
  return fmt::format(
      "it contains an object of {}, and whyclip reads only tensors and plain containers; nothing "
      "was "
      "executed. In Python, save the weights alone: torch.save(model.state_dict(), FILE)",
      global);
}

}  // namespace whyclip
