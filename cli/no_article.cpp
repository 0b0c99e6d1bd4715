// Stands for the commands deoptimise and tracing in a build without whyclip/article.

#include "cli/commands.h"

namespace whyclip::cli {

void add_deoptimise(Command&, int&) {}
void add_tracing(Command&, int&) {}

}  // namespace whyclip::cli
