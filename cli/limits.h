#pragma once

#include <string>

namespace whyclip::cli {

/// Prepares for the limits that the process was started with (ulimit): a file that grows too large
/// fails where it is written, and does not end the process; under a limit of memory no more is
/// reserved than is used, and a crash at that limit is told as what it is. Call it once, before
/// anything is computed.
void heed_limits();

/// What is said when memory ran out: one line, with the limit of the process if it has one.
std::string not_enough_memory();

}  // namespace whyclip::cli
