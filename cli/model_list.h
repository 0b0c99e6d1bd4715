#pragma once

#include "cli/command.h"

namespace whyclip::cli {

// Subcommands of "model".
void add_model_list(Command& model, int& status);
void add_model_fetch(Command& model, int& status);

}  // namespace whyclip::cli
