// Linked into every test program. Limits the instruction sets to those named by the environment, so
// that one machine can test the code paths of others.
//   WHYCLIP_TEST_SIMD     best instruction set of whyclip's kernels, by Highway's name ("AVX2")
//   ONEDNN_MAX_CPU_ISA    best instruction set of oneDNN ("AVX2"); read by oneDNN itself
// If the processor lacks the instruction set, the program exits with kSkipped.

#include <hwy/targets.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "whyclip/core/machine.h"

namespace whyclip {
namespace {

constexpr int kSkipped = 77;

std::string_view setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

[[noreturn]] void skip(std::string_view what, std::string_view wanted, std::string_view found) {
  std::printf("skipped: %.*s of this processor is %.*s, not %.*s\n", int(what.size()), what.data(),
              int(found.size()), found.data(), int(wanted.size()), wanted.data());
  std::fflush(stdout);
  std::_Exit(kSkipped);
}

/// In Highway's masks better instruction sets have lower bits.
std::int64_t sets_up_to(std::string_view best) {
  for (int bit = 0; bit < 62; ++bit) {
    const std::int64_t target = std::int64_t{1} << bit;
    if (best == hwy::TargetName(target)) return ~(target - 1);
  }
  std::fprintf(stderr, "WHYCLIP_TEST_SIMD: Highway does not know %s\n", std::string(best).c_str());
  std::_Exit(1);
}

const bool applied = [] {
  if (const std::string_view best = setting("WHYCLIP_TEST_SIMD"); !best.empty()) {
    hwy::SetSupportedTargetsForTest(hwy::SupportedTargets() & sets_up_to(best));
    if (const Machine machine = describe_machine(); machine.simd != best) {
      skip("the best SIMD set", best, machine.simd);
    }
  }
  if (const std::string_view best = setting("ONEDNN_MAX_CPU_ISA");
      !best.empty() && best != "DEFAULT") {
    if (const Machine machine = describe_machine(); machine.onednn_isa != best) {
      skip("the instruction set", best, machine.onednn_isa);
    }
  }
  return true;
}();

}  // namespace
}  // namespace whyclip
