#pragma once

#include "cli/command.h"

namespace whyclip::cli {

// Each adds one command with its options to the program. The command's exit status goes to
// `status`.
void add_classify(Command& program, int& status);
void add_compare(Command& program, int& status);
void add_concepts(Command& program, int& status);
void add_deoptimise(Command& program, int& status);
void add_evaluate(Command& program, int& status);
void add_explain(Command& program, int& status);
void add_heads(Command& program, int& status);
void add_inspect(Command& program, int& status);
void add_ledger(Command& program, int& status);
void add_methods(Command& program, int& status);
void add_metrics(Command& program, int& status);
void add_model(Command& program, int& status);
void add_regions(Command& program, int& status);
void add_rules(Command& program, int& status);
void add_serve(Command& program, int& status);
void add_tracing(Command& program, int& status);

}  // namespace whyclip::cli
