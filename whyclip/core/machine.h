#pragma once

#include <string>

namespace whyclip {

/// Hardware and kernels that this process computes with; the last bits of results depend on them.
struct Machine {
  std::string processor;  ///< name of the processor; empty if unknown
  std::string simd;  ///< instruction set of whyclip's kernels (Highway's name), for instance "AVX2"
  std::string onednn_version;  ///< "2.6.3"
  std::string onednn_isa;      ///< the instruction set that oneDNN may use, with ONEDNN_MAX_CPU_ISA
  std::string onednn_product;  ///< oneDNN's name for its kernel for a product of 64 rows
  int threads = 1;             ///< number of threads used by default
};

Machine describe_machine();

}  // namespace whyclip
