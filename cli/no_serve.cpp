// Stands for the command serve in a build without the server (WHYCLIP_SERVER=OFF).

#include "cli/command.h"
#include "cli/commands.h"
#include "whyclip/core/error.h"

namespace whyclip::cli {

void add_serve(Command& program, int&) {
  Command command = program.add_subcommand("serve", "Serve the live viewer (not in this build)");
  command->callback([] {
    throw Error("serve",
                "this whyclip was built without its server: install cpp-httplib (Debian: apt "
                "install libcpp-httplib-dev) and build it again with -DWHYCLIP_SERVER=ON",
                ErrorCode::kUnsupported);
  });
}

}  // namespace whyclip::cli
