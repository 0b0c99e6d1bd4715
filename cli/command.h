#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The command line without the header of the library that parses it, which takes seconds to
// compile: only command.cpp includes it. Option and Command are handles that are used like
// pointers.

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace whyclip::cli {

/// Checks a value. Returns what is wrong with it; empty if nothing is.
using Check = std::function<std::string(const std::string& value)>;

Check above_zero();
Check between(double least, double most);
Check whole_between(std::int64_t least, std::int64_t most);
Check one_of(std::vector<std::string> words);

/// An option of a command. Every function returns the option again.
class Option {
 public:
  Option() = default;
  explicit Option(CLI::Option* option) : option_(option) {}

  Option* operator->() { return this; }
  /// How the help page names the value: "FOLDER".
  Option type_name(const std::string& name);
  /// An environment variable that stands for the option where it is not given.
  Option envname(const std::string& name);
  Option required();
  Option check(const Check& check);
  Option excludes(const Option& other);
  /// Whether more than one value may follow one mention of the option.
  Option allow_extra_args(bool allowed);
  /// Shows the variable's value as the default on the help page.
  Option capture_default_str();

 private:
  CLI::Option* option_ = nullptr;
};

/// A command or subcommand. Variables must live until it has run.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command* operator->() { return this; }
  Command& operator*() { return *this; }
  /// `names`: "-m,--model". Of several long names ("--method,--rules") the first is the option's
  /// name; the others are accepted and not shown on the help page.
  Option add_option(const std::string& names, std::string& value, const std::string& help);
  Option add_option(const std::string& names, std::optional<std::string>& value,
                    const std::string& help);
  Option add_option(const std::string& names, std::vector<std::string>& value,
                    const std::string& help);
  Option add_option(const std::string& names, int& value, const std::string& help);
  Option add_option(const std::string& names, std::int64_t& value, const std::string& help);
  Option add_option(const std::string& names, std::uint64_t& value, const std::string& help);
  Option add_option(const std::string& names, double& value, const std::string& help);
  Option add_option(const std::string& names, std::optional<double>& value,
                    const std::string& help);
  Option add_option(const std::string& names, std::optional<int>& value, const std::string& help);
  Option add_flag(const std::string& names, bool& value, const std::string& help);
  Command add_subcommand(const std::string& name, const std::string& help);
  void require_subcommand(int count);
  void footer(const std::string& text);
  void callback(std::function<void()> run);

 private:
  CLI::App* app_;
};

/// The program: its commands and the parser.
class Program {
 public:
  Program(const std::string& description, const std::string& name);
  ~Program();

  Command command();
  void set_version_flag(const std::string& name, std::function<std::string()> version);
  std::string help() const;
  /// Parses the arguments (without the program's name) and runs the command that they name. Returns
  /// none if it ran, else the exit status: 0 after help or version, which are printed, or 2 for
  /// wrong usage, which is said on standard error.
  std::optional<int> run(std::vector<std::string> arguments);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace whyclip::cli
