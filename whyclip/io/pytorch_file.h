#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "whyclip/io/tensor_file.h"

namespace whyclip {

/// Containers of PyTorch checkpoints.
enum class PytorchContainer {
  kNone,    ///< not a PyTorch checkpoint
  kZip,     ///< torch.save since PyTorch 1.6, TorchScript
  kPickle,  ///< torch.save before
  kTar,     ///< torch.save of 2016
};

/// Recognises the container by the first bytes.
PytorchContainer recognise_pytorch(std::span<const std::byte> bytes);

/// Reads the state dict of a checkpoint that torch.save or torch.jit.save wrote (format:
/// torch/serialization.py and torch/csrc/jit/serialization/pickler.cpp of PyTorch 2.9). Only the
/// description of the tensors (data.pkl) is parsed, and nothing in it is called; the code of a
/// TorchScript archive is not looked at. Tensors are views into `bytes`; copies of strided tensors
/// have at most the size of the file, and decompressed entries at most eight times that. Throws
/// Error naming `file` and the tensor, entry, class or function.
TensorFileContent read_pytorch_zip(std::span<const std::byte> bytes, const std::string& file);

/// The same for the format before PyTorch 1.6: pickles followed by the storages.
TensorFileContent read_pytorch_legacy(std::span<const std::byte> bytes, const std::string& file);

}  // namespace whyclip
