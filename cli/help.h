#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace whyclip::cli {

/// Help pages of 80 columns; subcommands that are added later take it over.
void set_help_style(CLI::App& program);

/// One line for a wrong command line, with the help page to look at.
std::string usage_error(const CLI::App& program, const CLI::ParseError& error);

/// Checks of options: a number above zero; one within bounds.
CLI::Validator above_zero();
CLI::Validator between(double least, double most);

}  // namespace whyclip::cli
