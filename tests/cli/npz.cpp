#include "tests/cli/npz.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <cstring>

namespace whyclip::testing {

std::map<std::string, NumpyArray> read_npz(const std::string& path) {
  std::map<std::string, NumpyArray> arrays;
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code);
  if (archive == nullptr) return arrays;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t info;
    zip_stat_index(archive, zip_uint64_t(i), 0, &info);
    std::string bytes(info.size, '\0');
    zip_file_t* file = zip_fopen_index(archive, zip_uint64_t(i), 0);
    zip_fread(file, bytes.data(), bytes.size());
    zip_fclose(file);
    EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const std::size_t header =
        static_cast<unsigned char>(bytes.at(8)) + 256u * static_cast<unsigned char>(bytes.at(9));
    NumpyArray array{bytes.substr(10, header), {}};
    array.values.resize((bytes.size() - 10 - header) / sizeof(float));
    std::memcpy(array.values.data(), bytes.data() + 10 + header,
                array.values.size() * sizeof(float));
    const std::string name = info.name;
    arrays[name.substr(0, name.rfind(".npy"))] = array;
  }
  zip_discard(archive);
  return arrays;
}

}  // namespace whyclip::testing
