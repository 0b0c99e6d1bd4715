#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whyclip/io/tensor_file.h"

namespace whyclip::testing {

/// Parts of a pickle of protocol 2, as Python and PyTorch write them.
namespace pickled {

std::string text(std::string_view text);
std::string integer(std::int64_t value);
std::string global(std::string_view module, std::string_view name);
std::string tuple(const std::vector<std::string>& items);
std::string list(const std::vector<std::string>& items);
std::string dict(const std::vector<std::pair<std::string, std::string>>& entries);
std::string call(const std::string& function, const std::string& arguments);
/// A storage; `type` is a class of the module torch.
std::string storage(std::string_view key, std::int64_t count,
                    std::string_view type = "FloatStorage");
/// A call of torch._utils._rebuild_tensor_v2.
std::string tensor(const std::string& storage, std::int64_t offset,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides);
/// A state dict of one tensor "a.weight" of 2 × 3 values in the storage 0.
std::string one_tensor();
/// The whole pickle.
std::string whole(const std::string& value);

}  // namespace pickled

/// A file of an archive to write.
struct FileOfArchive {
  std::string name, content;
  bool deflated = false;
};

/// A zip archive written by libzip.
std::string zip_of(const std::vector<FileOfArchive>& files);

/// The files of a checkpoint: archive/data.pkl and archive/data/0, archive/data/1, …
std::vector<FileOfArchive> checkpoint_files(const std::string& pickle,
                                            const std::vector<std::string>& storages);
/// The same as an archive.
std::string checkpoint_of(const std::string& pickle, const std::vector<std::string>& storages);

/// The bytes of float32 values.
std::string float_bytes(const std::vector<float>& values);

/// A checkpoint in the format before PyTorch 1.6; each storage is (key, values).
std::string legacy_checkpoint_of(
    const std::string& pickle,
    const std::vector<std::pair<std::string, std::vector<float>>>& storages);

/// Opens the bytes as "w.bin".
TensorFile pytorch_view_of(const std::string& file);

}  // namespace whyclip::testing
