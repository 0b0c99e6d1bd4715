#pragma once

#include <string>

namespace whyclip::cli {

/// Prepares for the limits that the process was started with (ulimit): a file that grows too large
/// fails where it is written, and does not end the process; under a limit of memory no more is
/// reserved than is used, and a crash at that limit is told as what it is. Call it once, before
/// anything is computed.
void heed_limits();

/// How many threads to use where nobody says: 0, the library's default, unless the limits allow
/// fewer than there are processors.
int default_thread_count();

/// Throws Error if so many threads cannot be started. The OpenMP library ends the process where
/// that fails later.
void check_threads(int count);

/// What is said when memory ran out: one line, with the limit of the process if it has one.
std::string not_enough_memory();

}  // namespace whyclip::cli
