#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace whyclip::bench {

/// A drawing of two things (bench/drawings/README.md).
struct Drawing {
  std::filesystem::path file;
  std::string first, second;  ///< the classes of the things, from the file's name
};

/// The classes of the things.
extern const std::vector<std::string> kDrawnClasses;

/// The first `count` drawings by number. Throws Error if there are fewer, and for a file that is
/// not named NNN_FIRST_SECOND.png after two different classes.
std::vector<Drawing> drawings(std::size_t count);

}  // namespace whyclip::bench
