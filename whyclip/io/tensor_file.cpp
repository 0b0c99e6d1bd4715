#include "whyclip/io/tensor_file.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/io/pytorch_file.h"
#include "whyclip/io/safetensors.h"

namespace whyclip {
namespace {

TensorFileContent read_content(std::span<const std::byte> bytes, const std::string& name) {
  switch (recognise_pytorch(bytes)) {
    case PytorchContainer::kZip:
      return read_pytorch_zip(bytes, name);
    case PytorchContainer::kPickle:
      return read_pytorch_legacy(bytes, name);
    case PytorchContainer::kTar:
      throw Error(name,
                  "a PyTorch checkpoint in the tar format of 2016, which is not supported; load it "
                  "with an old PyTorch and save it again",
                  ErrorCode::kUnsupported);
    case PytorchContainer::kNone:
      break;
  }
  return read_safetensors(bytes, name);
}

}  // namespace

std::string_view name_of(TensorFormat format) {
  switch (format) {
    case TensorFormat::kSafetensors:
      return "safetensors";
    case TensorFormat::kPyTorch:
      return "PyTorch";
    case TensorFormat::kTorchScript:
      return "TorchScript";
    case TensorFormat::kPyTorchLegacy:
      return "PyTorch (legacy)";
  }
  return "unknown";
}

TensorFile::TensorFile(std::span<const std::byte> bytes, std::string name)
    : name_(std::move(name)), content_(read_content(bytes, name_)) {}

TensorFile TensorFile::open(const std::filesystem::path& path) {
  MappedFile file(path);
  TensorFile result(file.bytes(), path.string());
  result.file_ = std::move(file);
  return result;
}

TensorFile TensorFile::view(std::span<const std::byte> bytes, std::string name) {
  return {bytes, std::move(name)};
}

std::vector<std::string> TensorFile::names() const {
  if (!content_.names.empty()) return content_.names;
  std::vector<std::string> sorted;
  for (const auto& [name, tensor] : tensors()) sorted.push_back(name);
  return sorted;
}

const StoredTensor& TensorFile::at(std::string_view tensor) const {
  const auto found = tensors().find(tensor);
  if (found == tensors().end()) throw Error(name_, fmt::format("tensor {} is missing", tensor));
  return found->second;
}

}  // namespace whyclip
