#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/limits.h"

namespace {

constexpr int kFailed = 1, kWrongUsage = 2;

/// Batch after batch needs the same large buffers: handing them back to the system each time costs
/// an eighth of the time.
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kLargestKept = 1 << 28, kMostKept = 1 << 30;  // bytes
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, kMostKept);
#endif
}

/// What --version prints.
std::string version(bool verbose) {
  std::string text = fmt::format("whyclip {}", WHYCLIP_VERSION);
  if (!verbose) return text;
  const whyclip::Machine machine = whyclip::describe_machine();
  text += fmt::format(
      "\nprocessor  {}\nthreads    {} by default\nkernels    {} (Highway)\n"
      "products   oneDNN {}, instruction set {}, kernel {}",
      machine.processor.empty() ? "unknown" : machine.processor, machine.threads, machine.simd,
      machine.onednn_version, machine.onednn_isa, machine.onednn_product);
  return text;
}

/// CLI11 splits "[a, b]" at the comma where several images may stand. A file or folder of that
/// name is given as "./[a, b]", which it leaves alone.
std::vector<std::string> unsplit(int argc, char** argv) {
  std::vector<std::string> arguments(argv, argv + argc);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::string& argument = arguments[i];
    const bool prompt = arguments[i - 1] == "-p" || arguments[i - 1] == "--prompt";
    std::error_code unknown;
    if (!prompt && argument.starts_with('[') && argument.ends_with(']') &&
        std::filesystem::exists(argument, unknown)) {
      argument.insert(0, "./");
    }
  }
  return arguments;
}

int run(int argc, char** argv) {
  whyclip::cli::Program program("Which parts of this image made CLIP say that?", "whyclip");
  whyclip::cli::Command root = program.command();
  bool verbose = false;
  root.add_flag("--verbose", verbose,
                "With --version: also the processor, its instruction sets, oneDNN and threads");
  program.set_version_flag("--version", [&] { return version(verbose); });
  root.footer(
      "Ask \"whyclip COMMAND --help\" for a command's options and examples.\n"
      "Exit status: 0 done, 1 something failed, 2 wrong command line, 130 interrupted.");
  int status = 0;
  whyclip::cli::add_classify(root, status);
  whyclip::cli::add_explain(root, status);
  whyclip::cli::add_ledger(root, status);
  whyclip::cli::add_inspect(root, status);
  whyclip::cli::add_regions(root, status);
  whyclip::cli::add_deoptimise(root, status);
  whyclip::cli::add_concepts(root, status);
  whyclip::cli::add_heads(root, status);
  whyclip::cli::add_compare(root, status);
  whyclip::cli::add_evaluate(root, status);
  whyclip::cli::add_methods(root, status);
  whyclip::cli::add_metrics(root, status);
  whyclip::cli::add_rules(root, status);
  whyclip::cli::add_tracing(root, status);
  whyclip::cli::add_model(root, status);
  whyclip::cli::add_serve(root, status);
  if (argc < 2) {
    fmt::print(stderr, "{}", program.help());
    return kWrongUsage;
  }
  std::vector<std::string> arguments = unsplit(argc, argv);
  arguments.erase(arguments.begin());
  if (const std::optional<int> ended = program.run(std::move(arguments))) return *ended;
  if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  whyclip::cli::heed_limits();
  whyclip::cli::watch_interrupt();
  try {
    return run(argc, argv);
  } catch (const whyclip::Cancelled&) {
    whyclip::cli::warn("interrupted");
    return whyclip::cli::kInterrupted;
  } catch (const std::bad_alloc&) {
    whyclip::cli::warn(whyclip::cli::not_enough_memory());
  } catch (const std::filesystem::filesystem_error& error) {
    whyclip::cli::warn(fmt::format("[{}] {}", error.path1().string(), error.code().message()));
  } catch (const std::system_error& error) {
    const bool thread = error.code() == std::errc::resource_unavailable_try_again;
    whyclip::cli::warn(  // fmt::print throws the latter
        fmt::format("[{}: {}",
                    thread ? "threads] cannot be started" : "standard output] cannot be written",
                    error.code().message()));
  } catch (const whyclip::Error& error) {
    whyclip::cli::warn(whyclip::cli::text_of(error));
  } catch (const std::exception& error) {
    whyclip::cli::warn(error.what());
  }
  return kFailed;
}
