#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "server/server.h"

#ifdef __APPLE__
extern char** environ;
#endif

namespace whyclip::cli {
namespace {

constexpr const char* kEmbedded = "embedded";

struct ServeArguments {
  std::vector<std::string> models;
  ModelOptions model;
  server::ServerOptions server;
  std::string images;
  int queue = int(server::kDefaultQueue);
  bool open = false, verbose = false;
};

std::vector<server::ServedModel> open_models(const ServeArguments& arguments) {
  std::vector<std::string> names = arguments.models;
  if (names.empty()) names.emplace_back(kEmbedded);
  std::vector<server::ServedModel> models;
  for (const std::string& name : names) {
    if (std::ranges::find(models, name, &server::ServedModel::id) != models.end()) {
      throw Error("--model", fmt::format("{} is given twice", name));
    }
    ModelOptions options = arguments.model;
    options.model = name == kEmbedded ? "" : name;
    models.push_back({name, options.open()});
  }
  return models;
}

/// Opens the address in the user's browser, which may fail: the address was printed.
void open_browser(const std::string& url) {
#ifdef __APPLE__
  const char* const program = "open";
#else
  const char* const program = "xdg-open";
#endif
  std::string name = program, address = url;
  char* const arguments[] = {name.data(), address.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, program, nullptr, nullptr, arguments, environ) != 0) {
    warn(fmt::format("{} cannot be started: open {} yourself", program, url));
  }
}

int serve(const ServeArguments& arguments) {
  server::ServerOptions options = arguments.server;
  options.queue = std::size_t(arguments.queue);
  if (!arguments.images.empty()) options.folder = arguments.images;
  if (arguments.verbose) options.log = [](const std::string& line) { warn(line); };
  server::Server server(open_models(arguments), options);
  server::run_until_signal(server, [&] {
    fmt::print("{}\n", server.url());
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category());
    if (arguments.open) open_browser(server.url());
  });
  return 0;
}

void add_options(Command& command, ServeArguments* a) {
  command
      .add_option(
          "-m,--model", a->models,
          "Checkpoint, as other commands name it; may be repeated, the first is the default "
          "[default: embedded, the small model of a cartoon world]")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--images", a->images, "Folder whose images may be chosen in the viewer")
      ->type_name("FOLDER");
  command.add_option("--port", a->server.port, "Port; 0: any free one")
      ->type_name("N")
      ->check(whole_between(0, 65535))
      ->capture_default_str();
  command
      .add_option("--address", a->server.address,
                  "Address to listen on. Any but this machine's own needs a token")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command
      .add_option("--token", a->server.token,
                  "Secret that every client must send [default: none on this machine, a random one "
                  "beyond it]")
      ->type_name("TEXT");
  command.add_flag("--open", a->open, "Open the viewer in the browser");
  command.add_option("--queue", a->queue, "How many requests may wait; more are refused")
      ->type_name("N")
      ->check(between(1, 1000))
      ->capture_default_str();
  command.add_option("--max-pixels", a->server.max_pixels, "Refuse images with more pixels")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command.add_flag("--verbose", a->verbose, "Print a line on standard error for each request");
  command.add_flag("--offline", a->model.offline, "Download nothing: models must be in the cache");
  a->model.add_resources_to(command);
}

}  // namespace

void add_serve(Command& program, int& status) {
  Command command = program.add_subcommand(
      "serve", "Serve the live viewer and the API to this machine's browser");
  auto arguments = std::make_shared<ServeArguments>();
  add_options(*command, arguments.get());
  command->footer(
      "Prints the address and runs until Ctrl-C. docs/server.md describes the API.\n"
      "Examples:\n"
      "  whyclip serve --open\n"
      "  whyclip serve --images photos/ --port 0\n"
      "  whyclip serve -m embedded -m ~/clip-vit-base-patch32");
  command->callback([arguments, &status] { status = serve(*arguments); });
}

}  // namespace whyclip::cli
