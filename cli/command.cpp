#include "cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <sstream>

#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr std::size_t kPageWidth = 80, kNameWidth = 28;

class HelpPage : public CLI::Formatter {
 public:
  HelpPage() { column_width(kNameWidth); }

  /// The short names and the first long name. Further long names are older ones: they are accepted
  /// and not shown.
  std::string make_option_name(const CLI::Option* option, bool positional) const override {
    if (positional) return option->get_name(true, false);
    std::vector<std::string> names;
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    if (!option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
    return fmt::format("{}", fmt::join(names, ","));
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) {
      text += fmt::format(" [default: {}]", option->get_default_str());
    }
    if (!option->get_envname().empty()) text += fmt::format(" [or set {}]", option->get_envname());
    return wrap(text, int(kPageWidth - kNameWidth));
  }

  std::string make_positionals(const CLI::App* app) const override {
    std::string text;
    for (const CLI::Option* option :
         app->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
      std::stringstream out;
      CLI::detail::format_help(out, option->get_name(true), make_option_desc(option), kNameWidth);
      text += "\n" + out.str();
    }
    return text;
  }

  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode mode) const override {
    std::string text = CLI::Formatter::make_subcommands(app, mode);
    constexpr std::string_view kTitle = "Subcommands:";
    if (const std::size_t at = text.find(kTitle); at != text.npos) {
      text.replace(at, kTitle.size(), "Commands:");
    }
    return text;
  }

  std::string make_subcommand(const CLI::App* command) const override {
    std::stringstream out;
    CLI::detail::format_help(out, command->get_name(),
                             wrap(command->get_description(), int(kPageWidth - kNameWidth)),
                             kNameWidth);
    return out.str();
  }
};

Check number_check(std::string expected, std::function<bool(double)> good) {
  return [expected = std::move(expected), good = std::move(good)](const std::string& text) {
    double value = 0;
    const bool number = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
    return number && good(value) ? std::string()
                                 : fmt::format("expected {}, got {}", expected, text);
  };
}

/// What is wrong with the first option that was given more often than it takes values; empty if
/// there is none.
std::string repeated_option(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::size_t count = option->count();
    const int most = option->get_items_expected_max();
    if (most == 0 || most >= int(count)) continue;  // 0: a flag
    const std::vector<std::string>& names = option->get_lnames();
    std::string also;
    for (std::size_t i = 1; i < names.size(); ++i) also += fmt::format(" (also --{})", names[i]);
    return fmt::format("{}{} was given {}; give it once", option->get_name(), also,
                       count == 2 ? "twice" : fmt::format("{} times", count));
  }
  return {};
}

/// One line for a wrong command line, with the help page to look at.
std::string usage_error(const CLI::App& program, const CLI::ParseError& error) {
  std::string command = program.get_name(), what = error.what();
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    command += " " + app->get_name();
  }
  if (!app->remaining().empty()) what = "not understood: " + app->remaining().front();
  if (error.get_name() == "ArgumentMismatch") {
    if (const std::string repeated = repeated_option(*app); !repeated.empty()) what = repeated;
  }
  if (what.size() > 1 && std::islower(static_cast<unsigned char>(what[1])) != 0) {
    what[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(what[0])));
  }
  return fmt::format("[command line] {}; see {} --help", what, command);
}

}  // namespace

Check above_zero() {
  return number_check("a number above 0", [](double value) { return value > 0; });
}

Check between(double least, double most) {
  return number_check(fmt::format("{} to {}", least, most),
                      [=](double value) { return value >= least && value <= most; });
}

Check whole_between(std::int64_t least, std::int64_t most) {
  return [=](const std::string& text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = failed == std::errc() && end == text.data() + text.size();
    return good && value >= least && value <= most
               ? std::string()
               : fmt::format("expected {} to {}, got {}", least, most, text);
  };
}

Check one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& text) {
    if (std::ranges::find(words, text) != words.end()) return std::string();
    return fmt::format("expected {}, got {}", fmt::join(words, ", "), text);
  };
}

Option Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option Option::envname(const std::string& name) {
  option_->envname(name);
  return *this;
}

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::check(const Check& check) {
  option_->check(CLI::Validator([check](std::string& text) { return check(text); }, ""));
  return *this;
}

Option Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

Option Option::allow_extra_args(bool allowed) {
  option_->allow_extra_args(allowed);
  return *this;
}

Option Option::capture_default_str() {
  option_->capture_default_str();
  return *this;
}

Option Command::add_option(const std::string& names, std::string& value, const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, std::optional<std::string>& value,
                           const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, std::vector<std::string>& value,
                           const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, int& value, const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, std::int64_t& value, const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, std::uint64_t& value,
                           const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, double& value, const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, std::optional<double>& value,
                           const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names, std::optional<int>& value,
                           const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_flag(const std::string& names, bool& value, const std::string& help) {
  return Option(app_->add_flag(names, value, help));
}

Command Command::add_subcommand(const std::string& name, const std::string& help) {
  return Command(app_->add_subcommand(name, help));
}

void Command::require_subcommand(int count) { app_->require_subcommand(count); }

void Command::footer(const std::string& text) { app_->footer(text); }

void Command::callback(std::function<void()> run) { app_->callback(std::move(run)); }

Program::Program(const std::string& description, const std::string& name)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->formatter(std::make_shared<HelpPage>());  // subcommands take it over
  app_->get_formatter()->label("SUBCOMMAND", "COMMAND");
  app_->require_subcommand(1);
}

Program::~Program() = default;

Command Program::command() { return Command(app_.get()); }

void Program::set_version_flag(const std::string& name, std::function<std::string()> version) {
  app_->set_version_flag(name, std::move(version));
}

std::string Program::help() const { return app_->help(); }

std::optional<int> Program::run(std::vector<std::string> arguments) {
  constexpr int kWrongUsage = 2;
  try {
    std::ranges::reverse(arguments);  // as CLI11 takes them
    app_->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app_->exit(error);  // help, version
    warn(usage_error(*app_, error));
    return kWrongUsage;
  }
  return {};
}

}  // namespace whyclip::cli
