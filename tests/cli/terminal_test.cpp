// What a terminal gets to see.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <thread>

#include "tests/cli/command.h"

namespace whyclip {
namespace terminal_test {

using testing::CommandTest;
using testing::Ran;
using testing::toons_image;

/// A terminal of some width, without a name: no colours.
class PseudoTerminal {
 public:
  explicit PseudoTerminal(unsigned short columns) : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) return;
    name_ = ::ptsname(master_);
    // Held open, so that what was written stays readable after the command ended.
    slave_ = ::open(name_.c_str(), O_RDWR | O_NOCTTY);
    const winsize size{24, columns, 0, 0};
    ::ioctl(slave_, TIOCSWINSZ, &size);
    termios settings{};
    ::tcgetattr(slave_, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(slave_, TCSANOW, &settings);
    reader_ = std::thread([this] { read_all(); });
  }
  ~PseudoTerminal() { static_cast<void>(text()); }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  const std::string& name() const { return name_; }  ///< empty if there are none here
  /// Everything that was written. Closes the terminal.
  const std::string& text() {
    if (slave_ >= 0) {
      ::tcdrain(slave_);
      ::close(slave_);
      slave_ = -1;
      reader_.join();
    }
    if (master_ >= 0) ::close(master_);
    master_ = -1;
    return text_;
  }

 private:
  void read_all() {
    char block[4096];
    for (ssize_t n = 0; (n = ::read(master_, block, sizeof block)) > 0;) {
      text_.append(block, std::size_t(n));
    }
  }

  int master_ = -1, slave_ = -1;
  std::string name_, text_;
  std::thread reader_;
};

/// Columns of a line in which every character takes one.
std::size_t columns_of(const std::string& line) {
  std::size_t columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return columns;
}

class OnATerminal : public CommandTest, public ::testing::WithParamInterface<int> {};

TEST_P(OnATerminal, NoLineIsWiderThanIt) {
  const std::string image = toons_image("cat_and_dog");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rules"},
        {"methods"},
        {"ledger", "-q", "-t", "simple", "--full", "--words", "--interaction", "--method",
         "attnlrp", image},
        {"ledger", "-q", "-p", "a cat on a dog", "--regions", "blocks:2x2", "--interaction", image},
        {"regions", "-q", "-t", "simple", image},
        {"regions", "-q", "--feature", "92,98:0.5", image},
        {"inspect", "-q", "-p", "a photo of a cat beside a dog", "-p", "one small brown dog",
         "--threshold", "3,90", image}}) {
    PseudoTerminal terminal(static_cast<unsigned short>(GetParam()));
    if (terminal.name().empty()) GTEST_SKIP() << "there are no pseudo terminals here";

    ASSERT_EQ(run(arguments, {.output = terminal.name()}).status, 0);

    std::istringstream lines(terminal.text());
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      EXPECT_LE(columns_of(line), std::size_t(GetParam())) << line;
    }
    EXPECT_GT(count, 5) << arguments[0];
  }
}

class HelpPages : public CommandTest {};

TEST_F(HelpPages, FitIntoEightyColumns) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{},
                                                  {"classify"},
                                                  {"explain"},
                                                  {"ledger"},
                                                  {"inspect"},
                                                  {"regions"},
                                                  {"tracing"},
                                                  {"deoptimise"},
                                                  {"compare"},
                                                  {"methods"},
                                                  {"rules"},
                                                  {"serve"},
                                                  {"model"},
                                                  {"model", "info"}}) {
    std::vector<std::string> arguments = command;
    arguments.emplace_back("--help");
    const Ran ran = run(arguments);
    ASSERT_EQ(ran.status, 0) << ran.errors;
    std::istringstream lines(ran.output);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 80U) << line;
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, OnATerminal, ::testing::Values(40, 80, 200));

}  // namespace terminal_test
}  // namespace whyclip
