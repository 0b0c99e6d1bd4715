#pragma once

#include "cli/option_parser.h"

namespace whyclip::cli {

// Each adds one command with its options to the program. The command's exit status goes to
// `status`.
void add_classify(CLI::App& program, int& status);
void add_compare(CLI::App& program, int& status);
void add_concepts(CLI::App& program, int& status);
void add_deoptimise(CLI::App& program, int& status);
void add_evaluate(CLI::App& program, int& status);
void add_explain(CLI::App& program, int& status);
void add_heads(CLI::App& program, int& status);
void add_inspect(CLI::App& program, int& status);
void add_ledger(CLI::App& program, int& status);
void add_methods(CLI::App& program, int& status);
void add_metrics(CLI::App& program, int& status);
void add_model(CLI::App& program, int& status);
void add_regions(CLI::App& program, int& status);
void add_rules(CLI::App& program, int& status);
void add_tracing(CLI::App& program, int& status);

}  // namespace whyclip::cli
