#include "whyclip/core/matrix.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <dnnl.hpp>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

/// oneDNN takes its number of threads from OpenMP's setting for the calling thread: set, then put
/// back.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;
  ~ThreadCount() { omp_set_num_threads(before_); }

 private:
  int before_;
};

memory::desc plain(memory::dims dims) {
  return {dims, memory::data_type::f32, memory::format_tag::ab};
}

dnnl::matmul::primitive_desc describe(std::int64_t rows, std::int64_t inner, std::int64_t outer,
                                      const memory::desc& weights, bool bias) {
  const memory::desc x = plain({rows, inner}), y = plain({rows, outer}), b = plain({1, outer});
#if DNNL_VERSION_MAJOR >= 3
  return bias ? dnnl::matmul::primitive_desc(engine(), x, weights, b, y)
              : dnnl::matmul::primitive_desc(engine(), x, weights, y);
#else
  return {bias ? dnnl::matmul::desc(x, weights, b, y) : dnnl::matmul::desc(x, weights, y),
          engine()};
#endif
}

}  // namespace

struct PackedMatrix::Implementation {
  /// A product made ready for one number of rows and threads.
  struct Prepared {
    std::int64_t rows;
    int threads;
    bool with_bias;
    dnnl::matmul primitive;
  };
  static constexpr std::size_t kMostPrepared = 16;

  std::int64_t inner, outer;
  memory weights;
  std::optional<memory> bias;
  std::mutex mutex;
  std::vector<Prepared> prepared;  // guarded by mutex; newest last

  dnnl::matmul prepare(std::int64_t rows, int threads, bool with_bias) {
    const std::scoped_lock lock(mutex);
    for (const Prepared& p : prepared) {
      if (p.rows == rows && p.threads == threads && p.with_bias == with_bias) return p.primitive;
    }
    const dnnl::matmul primitive(describe(rows, inner, outer, weights.get_desc(), with_bias));
    if (prepared.size() == kMostPrepared) prepared.erase(prepared.begin());
    prepared.push_back({rows, threads, with_bias, primitive});
    return primitive;
  }

  void multiply(const float* x, std::int64_t rows, float* y, int threads, bool with_bias);
};

PackedMatrix::PackedMatrix(const float* weight, std::int64_t outputs, std::int64_t inputs,
                           const float* bias, Direction direction)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& self = *implementation_;
  const bool forward = direction == Direction::kForward;
  self.inner = forward ? inputs : outputs;
  self.outer = forward ? outputs : inputs;
  try {
    // Any number of rows gives the same packing; 64 stands for all of them.
    const memory::desc any({self.inner, self.outer}, memory::data_type::f32,
                           memory::format_tag::any);
    self.weights =
        memory(describe(64, self.inner, self.outer, any, bias != nullptr).weights_desc(), engine());
    const memory source({{self.inner, self.outer},
                         memory::data_type::f32,
                         forward ? memory::format_tag::ba : memory::format_tag::ab},
                        engine(), const_cast<float*>(weight));
    dnnl::stream stream(engine());
    dnnl::reorder(source, self.weights).execute(stream, const_cast<memory&>(source), self.weights);
    stream.wait();
    if (bias != nullptr) {
      self.bias.emplace(plain({1, self.outer}), engine());
      std::copy_n(bias, self.outer, static_cast<float*>(self.bias->get_data_handle()));
    }
  } catch (const dnnl::error& error) {
    throw Error("matrix product",
                fmt::format("cannot prepare {} × {} weights: {}", outputs, inputs, error.what()));
  }
}

PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;
PackedMatrix::~PackedMatrix() = default;

void PackedMatrix::multiply(const float* x, std::int64_t rows, float* y, int threads) const {
  implementation_->multiply(x, rows, y, threads, implementation_->bias.has_value());
}

void PackedMatrix::multiply_without_bias(const float* x, std::int64_t rows, float* y,
                                         int threads) const {
  implementation_->multiply(x, rows, y, threads, false);
}

void PackedMatrix::Implementation::multiply(const float* x, std::int64_t rows, float* y,
                                            int threads, bool with_bias) {
  if (rows == 0) return;
  const ThreadCount count(threads);
  try {
    const dnnl::matmul primitive = prepare(rows, threads, with_bias);
    const memory source(plain({rows, inner}), engine(), const_cast<float*>(x));
    const memory result(plain({rows, outer}), engine(), y);
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, result}};
    if (with_bias) arguments.emplace(DNNL_ARG_BIAS, *bias);
    dnnl::stream stream(engine());
    primitive.execute(stream, arguments);
    stream.wait();
  } catch (const dnnl::error& error) {
    throw Error("matrix product",
                fmt::format("{} rows of {} × {}: {}", rows, outer, inner, error.what()));
  }
}

}  // namespace whyclip
