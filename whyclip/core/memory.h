#pragma once

#include <cstddef>

namespace whyclip {

/// Bytes that this process can still allocate before the machine or its container (cgroup v2) runs
/// out of memory, as estimated by the kernel. 0 if unknown.
std::size_t available_memory();

/// The most memory that this process has held at once, in bytes.
std::size_t peak_memory();

}  // namespace whyclip
