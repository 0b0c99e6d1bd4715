#pragma once

#include <cstddef>

namespace whyclip {

/// Bytes that this process can still allocate before the machine or its container (cgroup v2) runs
/// out of memory, as estimated by the kernel. 0 if unknown.
std::size_t available_memory();

/// Throws std::bad_alloc unless this many bytes of address space can still be mapped (ulimit -v).
/// For code that crashes where a mapping fails.
void require_address_space(std::size_t bytes);

/// The most memory that this process has held at once, in bytes.
std::size_t peak_memory();

}  // namespace whyclip
