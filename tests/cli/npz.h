#pragma once

#include <map>
#include <string>
#include <vector>

namespace whyclip::testing {

/// An array of an .npz file: the text of its header, and its values.
struct NumpyArray {
  std::string header;
  std::vector<float> values;
};

/// The arrays by their names without ".npy"; none if the file is no archive.
std::map<std::string, NumpyArray> read_npz(const std::string& path);

}  // namespace whyclip::testing
