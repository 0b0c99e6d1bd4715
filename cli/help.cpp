#include "cli/help.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>

#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr std::size_t kPageWidth = 80, kNameWidth = 28;

class HelpPage : public CLI::Formatter {
 public:
  HelpPage() { column_width(kNameWidth); }

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

CLI::Validator number_check(const std::string& expected, const std::function<bool(double)>& good) {
  const auto check = [=](const std::string& text) {
    double value = 0;
    const bool number = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
    return number && good(value) ? std::string()
                                 : fmt::format("expected {}, got {}", expected, text);
  };
  return CLI::Validator(check, "");
}

}  // namespace

void set_help_style(CLI::App& program) {
  program.formatter(std::make_shared<HelpPage>());
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
}

std::string usage_error(const CLI::App& program, const CLI::ParseError& error) {
  std::string command = program.get_name(), what = error.what();
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    command += " " + app->get_name();
  }
  if (!app->remaining().empty()) what = "not understood: " + app->remaining().front();
  if (what.size() > 1 && std::islower(static_cast<unsigned char>(what[1])) != 0) {
    what[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(what[0])));
  }
  return fmt::format("[command line] {}; see {} --help", what, command);
}

CLI::Validator above_zero() {
  return number_check("a number above 0", [](double value) { return value > 0; });
}

CLI::Validator between(double least, double most) {
  return number_check(fmt::format("{} to {}", least, most),
                      [=](double value) { return value >= least && value <= most; });
}

}  // namespace whyclip::cli
