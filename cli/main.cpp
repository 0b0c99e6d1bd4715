#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "cli/commands.h"
#include "cli/common.h"

namespace {

constexpr int kFailed = 1;

int run(int argc, char** argv) {
  CLI::App program("Which parts of this image made CLIP say that?", "whyclip");
  program.set_version_flag("--version", std::string("whyclip ") + WHYCLIP_VERSION);
  program.require_subcommand(1);
  program.footer("Ask \"whyclip COMMAND --help\" for a command's options and examples.");
  int status = 0;
  whyclip::cli::add_classify(program, status);
  whyclip::cli::add_explain(program, status);
  whyclip::cli::add_model(program, status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  }
  if (std::fflush(stdout) != 0) {
    whyclip::cli::complain("[standard output] cannot be written");
    return kFailed;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  whyclip::cli::watch_interrupt();
  try {
    return run(argc, argv);
  } catch (const whyclip::Cancelled&) {
    whyclip::cli::complain("interrupted");
    return whyclip::cli::kInterrupted;
  } catch (const std::bad_alloc&) {
    whyclip::cli::complain("[memory] there is not enough of it for this");
  } catch (const std::exception& error) {
    whyclip::cli::complain(error.what());
  }
  return kFailed;
}
