#include "tests/cli/command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "whyclip/image/encode.h"
#include "whyclip/io/file.h"

namespace whyclip::testing {
namespace {

/// The variables of a process: a home of its own, and what the sanitizers are told.
std::vector<std::string> environment(const std::string& home) {
  std::vector<std::string> variables{"HOME=" + home, "XDG_CACHE_HOME=" + home + "/cache"};
  for (const char* kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(kept)) variables.push_back(std::string(kept) + "=" + value);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Ran CommandTest::run(const std::vector<std::string>& arguments, const Streams& streams) const {
  const TemporaryFolder captured;
  const std::string input = streams.input.empty() ? "/dev/null" : streams.input.string();
  const std::string output =
      streams.output.empty() ? (captured.path() / "output").string() : streams.output.string();
  const std::string errors = (captured.path() / "errors").string();
  constexpr int kWrite = O_WRONLY | O_CREAT;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), kWrite, 0600);

  std::vector<std::string> command;
  if (!streams.before.empty()) command = {"/bin/sh", "-c", streams.before + "; exec \"$0\" \"$@\""};
  command.emplace_back(WHYCLIP_COMMAND);
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment(folder_.path().string());
  pid_t process = 0;
  const int failed = ::posix_spawn(&process, command[0].c_str(), &actions, nullptr,
                                   pointers(command).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " WHYCLIP_COMMAND);
  int status = 0;
  ::waitpid(process, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          streams.output.empty() ? read_text(output) : "", read_text(errors)};
}

std::string CommandTest::write(const std::string& name, std::string_view content) const {
  write_file(folder_.path() / name, content);
  return path(name);
}

std::string CommandTest::pipe(const std::string& name, std::string_view content) {
  const std::string file = path(name);
  if (::mkfifo(file.c_str(), 0600) != 0) throw std::runtime_error("cannot make the pipe " + file);
  writers_.emplace_back([file, content = std::string(content)] {
    const int descriptor = ::open(file.c_str(), O_WRONLY);
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    EXPECT_EQ(written, ssize_t(content.size()));
    ::close(descriptor);
  });
  return file;
}

std::string CommandTest::draw(const std::string& name, int width, int height,
                              const std::function<std::array<int, 3>(int x, int y)>& colour) const {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int channel : colour(x, y)) image.rgb.push_back(std::uint8_t(channel));
    }
  }
  const auto png = encode_png(image);
  return write(name, {reinterpret_cast<const char*>(png.data()), png.size()});
}

std::vector<std::string> CommandTest::files_in(const std::string& name) const {
  std::vector<std::string> files;
  if (!std::filesystem::exists(path(name))) return files;
  for (const auto& entry : std::filesystem::directory_iterator(path(name))) {
    files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string toons_image(const std::string& name) {
  return repository_file("tests/golden/toons/images/" + name + ".png").string();
}

::testing::AssertionResult refused(const Ran& ran, std::initializer_list<std::string_view> parts,
                                   int status) {
  const auto failure = [&](std::string_view what) {
    return ::testing::AssertionFailure() << what << "; status " << ran.status << ", output \""
                                         << ran.output << "\", errors \"" << ran.errors << "\"";
  };
  if (ran.status != status) return failure("another exit status");
  if (!ran.output.empty()) return failure("standard output is not empty");
  if (!ran.errors.starts_with("whyclip: [")) return failure("does not begin with whyclip: [where]");
  if (ran.errors.find('\n') != ran.errors.size() - 1) return failure("not exactly one line");
  for (const std::string_view part : parts) {
    if (ran.errors.find(part) == std::string::npos) return failure("no " + std::string(part));
  }
  return ::testing::AssertionSuccess();
}

}  // namespace whyclip::testing
