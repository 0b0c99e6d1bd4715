#pragma once

#include <cstddef>

namespace whyclip {

/// How many bytes this process can still take without the machine, or the container that it runs
/// in (cgroup v2), running out of memory: an estimate by the kernel. 0 where it says nothing.
std::size_t available_memory();

}  // namespace whyclip
