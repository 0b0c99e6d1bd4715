#pragma once

#include <string>

namespace whyclip {

/// What the numbers of this process are computed with: the last bits depend on it.
struct Machine {
  std::string processor;  ///< the processor's name; empty if the system does not tell it
  std::string simd;  ///< instruction set of our own kernels (Highway's name), for instance "AVX2"
  std::string onednn_version;  ///< "2.6.3"
  std::string onednn_isa;      ///< the instruction set that oneDNN may use, with ONEDNN_MAX_CPU_ISA
  std::string onednn_product;  ///< oneDNN's name of its kernel for a product of 64 rows
  int threads = 1;             ///< how many are used by default
};

Machine describe_machine();

}  // namespace whyclip
