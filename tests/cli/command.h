#pragma once

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/data.h"

namespace whyclip::testing {

/// What a finished process left behind.
struct Ran {
  int status;  ///< exit status; −1 if a signal ended it
  std::string output, errors;

  /// Standard output as one JSON document.
  nlohmann::json json() const { return nlohmann::json::parse(output); }
};

/// A test with a folder of its own, which is also the home of every command it runs.
class CommandTest : public ::testing::Test {
 protected:
  /// Where standard input comes from and standard output goes; empty: nothing, and Ran::output. And
  /// a line of shell to run before the command starts: "ulimit -n 5".
  struct Streams {
    std::filesystem::path input = {}, output = {};
    std::string before = {};
  };
  /// Runs the command without a shell, terminal or inherited environment.
  Ran run(const std::vector<std::string>& arguments) const { return run(arguments, Streams{}); }
  Ran run(const std::vector<std::string>& arguments, const Streams& streams) const;

  /// A path below the test's folder.
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// Writes a file there and returns its path.
  std::string write(const std::string& name, std::string_view content) const;
  /// Draws a PNG there, of a colour for each pixel, and returns its path.
  std::string draw(const std::string& name, int width, int height,
                   const std::function<std::array<int, 3>(int x, int y)>& colour) const;
  /// Makes a named pipe there that gives `content` to whoever opens it; returns its path. The
  /// content must be small enough for a pipe to hold.
  std::string pipe(const std::string& name, std::string_view content);
  /// What lies in the folder `name`, sorted; empty if there is none.
  std::vector<std::string> files_in(const std::string& name) const;

 private:
  TemporaryFolder folder_;
  std::vector<std::jthread> writers_;  ///< of pipes
};

/// The golden image of a toons case.
std::string toons_image(const std::string& name);

/// Succeeds if the command failed with this status, printed no result, and said why in one line
/// that has every one of the parts.
::testing::AssertionResult refused(const Ran& ran, std::initializer_list<std::string_view> parts,
                                   int status = 1);

inline constexpr int kWrongUsage = 2;

}  // namespace whyclip::testing
