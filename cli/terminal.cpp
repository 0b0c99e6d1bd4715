#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace whyclip::cli {
namespace {

Terminal terminal_at(int descriptor) {
  Terminal terminal;
  if (::isatty(descriptor) != 1) return terminal;
  const char* kind = std::getenv("TERM");
  terminal.colour =
      std::getenv("NO_COLOR") == nullptr && kind != nullptr && std::string_view(kind) != "dumb";
  winsize size{};
  const bool known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  terminal.width = known ? size.ws_col : 80;
  return terminal;
}

}  // namespace

Terminal Terminal::standard_output() { return terminal_at(STDOUT_FILENO); }

Terminal Terminal::standard_error() { return terminal_at(STDERR_FILENO); }

std::string Terminal::bold(std::string_view text) const {
  return colour ? fmt::format("\033[1m{}\033[0m", text) : std::string(text);
}

std::string Terminal::dim(std::string_view text) const {
  return colour ? fmt::format("\033[2m{}\033[0m", text) : std::string(text);
}

std::string Terminal::bar(double contribution, int columns) const {
  if (width == 0 || columns <= 0) return {};
  const int full = int(std::lround(std::clamp(contribution, 0.0, 1.0) * columns));
  std::string bar;
  for (int i = 0; i < full; ++i) bar += "█";
  return colour && full > 0 ? fmt::format("\033[34m{}\033[0m", bar) : bar;
}

std::string fit(std::string_view text, int columns) {
  if (columns <= 0 || columns_of(text) <= columns) return std::string(text);
  std::string result;
  int used = 1;  // for the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    next_code_point(text, at);
    const std::string_view character = text.substr(begin, at - begin);
    used += columns_of(character);
    if (used > columns) break;
    result += character;
  }
  return result + "…";
}

std::string wrap(std::string_view text, int columns) {
  if (columns <= 0) return std::string(text);
  std::string result;
  int used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (used > 0) {
      const bool fits = used + 1 + columns_of(word) <= columns;
      result += fits ? ' ' : '\n';
      used = fits ? used + 1 : 0;
    }
    result += word;
    used += columns_of(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string one_line(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\x{:02X}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

std::string pad(std::string_view text, int columns) {
  return std::string(text) + std::string(std::size_t(std::max(0, columns - columns_of(text))), ' ');
}

std::string definition(const std::string& name, const std::string& text, int columns, int width) {
  constexpr int kLeastText = 30, kIndent = 6;
  const bool below = width > 0 && width - columns < kLeastText;  // too narrow for two columns
  const int margin_columns = below ? kIndent : columns;
  const std::string margin(std::size_t(margin_columns), ' ');
  std::string lines = wrap(text, width == 0 ? 0 : width - margin_columns);
  for (std::size_t at = lines.find('\n'); at != lines.npos; at = lines.find('\n', at + 1)) {
    lines.insert(at + 1, margin);
  }
  const std::string heading = "  " + name;
  return (below ? heading + "\n" + margin : pad(heading, columns)) + lines + "\n";
}

}  // namespace whyclip::cli
