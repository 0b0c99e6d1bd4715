#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace whyclip::server {

/// An image that is compiled into the server.
struct Example {
  std::string name;  ///< "cat.png"
  std::string path;  ///< in the repository: "examples/pictures/cat.png"
  std::span<const std::byte> bytes;
};

const std::vector<Example>& examples();

}  // namespace whyclip::server
