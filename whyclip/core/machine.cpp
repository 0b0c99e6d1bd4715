#include "whyclip/core/machine.h"

#include <fmt/format.h>
#include <hwy/targets.h>

#include <dnnl.hpp>
#include <fstream>
#include <vector>

#include "whyclip/core/matrix.h"
#include "whyclip/core/parallel.h"

namespace whyclip {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

/// The best instruction set that the kernels are compiled for and the processor supports. In
/// Highway's masks better sets have lower bits.
std::string simd_name() {
  const auto usable = static_cast<std::uint64_t>(hwy::SupportedTargets() & HWY_TARGETS);
  return hwy::TargetName(static_cast<std::int64_t>(usable & (~usable + 1)));
}

/// Compares numbers, because newer versions of oneDNN have more names than the oldest supported
/// version (values from dnnl_cpu_isa_t in oneDNN's reference).
std::string isa_name() {
  switch (const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa())) {
    case 0x1:
      return "SSE41";
    case 0x3:
      return "AVX";
    case 0x7:
      return "AVX2";
    case 0x407:
    case 0xf:  // version 3
      return "AVX2_VNNI";
    case 0x1f:
      return "AVX2_VNNI_2";
    case 0x27:
      return "AVX512_CORE";
    case 0x67:
      return "AVX512_CORE_VNNI";
    case 0xe7:
      return "AVX512_CORE_BF16";
    case 0x1ef:
      return "AVX512_CORE_FP16";
    case 0x3e7:
    case 0xfef:
      return "AVX512_CORE_AMX";
    case 0x1fef:
      return "AVX512_CORE_AMX_FP16";
    default:
      return fmt::format("0x{:x}", isa);
  }
}

std::string product_name() {
  constexpr std::int64_t kWidth = 64;
  const std::vector<float> weight(std::size_t(kWidth * kWidth), 0.0f);
  return PackedMatrix(weight.data(), kWidth, kWidth, nullptr, PackedMatrix::Direction::kForward)
      .kernel();
}

}  // namespace

Machine describe_machine() {
  const dnnl_version_t& version = *dnnl_version();
  return {processor_name(),
          simd_name(),
          fmt::format("{}.{}.{}", version.major, version.minor, version.patch),
          isa_name(),
          product_name(),
          default_threads()};
}

}  // namespace whyclip
