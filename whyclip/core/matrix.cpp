#include "whyclip/core/matrix.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <dnnl.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/core/parallel.h"

namespace whyclip {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

/// oneDNN takes its number of threads from OpenMP's setting for the calling thread, both when a
/// primitive is made and when it is executed, and a primitive that gets another number of threads
/// than it was made for leaves part of its result out. Every primitive here is made for one thread
/// and executed on one; parallel_for brings the threads.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() { omp_set_num_threads(before_); }

 private:
  int before_;
};

/// Memory that a primitive works in, at least `bytes`, aligned as oneDNN wants it. Each thread has
/// one that grows: to allocate it for every product costs as much as a small product.
void* scratchpad_of_thread(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64;
  thread_local std::vector<std::byte> scratchpad;
  if (scratchpad.size() < bytes + kAlignment) scratchpad.resize(bytes + kAlignment);
  void* start = scratchpad.data();
  std::size_t space = scratchpad.size();
  return std::align(kAlignment, bytes, start, space);
}

memory::desc plain(memory::dims dims) {
  return {dims, memory::data_type::f32, memory::format_tag::ab};
}

/// Without AVX-512, oneDNN multiplies by a kernel (gemm) whose sums run in another order where 1 to
/// 3 rows are left over after groups of 4 to 6, and whose blocks depend on the number of rows.
/// There, products are cut into tiles of a multiple of 12 rows, at most 48: a row then has the same
/// bits in each of them (tested on AVX2).
constexpr std::int64_t kGemmTileUnit = 12, kMostGemmTileRows = 48;

/// Where rows are independent, each thread takes a multiple of so many rows, so that few different
/// primitives are made.
constexpr std::int64_t kRowUnit = 4;

/// Below this many multiplications a second thread costs more than it brings: about 30 µs of one
/// thread.
constexpr std::int64_t kWorthAThread = std::int64_t{1} << 21;

bool rows_are_independent(std::string_view implementation) {
  return implementation.starts_with("brg") &&
         implementation.find("avx512") != std::string_view::npos;
}

std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

dnnl::matmul::primitive_desc describe(std::int64_t rows, std::int64_t inner, std::int64_t outer,
                                      const memory::desc& weights, bool bias) {
  dnnl::primitive_attr attributes;
  // The library's own scratchpad belongs to the primitive: two threads would share it.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const memory::desc x = plain({rows, inner}), y = plain({rows, outer}), b = plain({1, outer});
#if DNNL_VERSION_MAJOR >= 3
  return bias ? dnnl::matmul::primitive_desc(engine(), x, weights, b, y, attributes)
              : dnnl::matmul::primitive_desc(engine(), x, weights, y, attributes);
#else
  return {bias ? dnnl::matmul::desc(x, weights, b, y) : dnnl::matmul::desc(x, weights, y),
          attributes, engine()};
#endif
}

}  // namespace

struct PackedMatrix::Implementation {
  /// A product made ready for one number of rows, on one thread.
  struct Prepared {
    std::int64_t rows;
    bool with_bias;
    dnnl::matmul primitive;
    memory::desc scratchpad;
  };
  static constexpr std::size_t kMostPrepared = 16;

  std::int64_t inner, outer;
  memory weights;
  std::optional<memory> bias;
  std::string kernel;
  bool in_gemm_tiles = false;
  std::mutex mutex;
  std::vector<Prepared> prepared;  // guarded by mutex; newest last

  Prepared prepare(std::int64_t rows, bool with_bias) {
    const std::scoped_lock lock(mutex);
    for (const Prepared& p : prepared) {
      if (p.rows == rows && p.with_bias == with_bias) return p;
    }
    const auto description = describe(rows, inner, outer, weights.get_desc(), with_bias);
    if (prepared.size() == kMostPrepared) prepared.erase(prepared.begin());
    prepared.push_back({rows, with_bias, dnnl::matmul(description), description.scratchpad_desc()});
    return prepared.back();
  }

  void multiply(const float* x, std::int64_t rows, float* y, int threads, bool with_bias);
  void multiply_tile(const float* x, std::int64_t rows, float* y, bool with_bias);
  void execute(const Prepared& product, const float* x, float* y) const;
};

PackedMatrix::PackedMatrix(const float* weight, std::int64_t outputs, std::int64_t inputs,
                           const float* bias, Direction direction)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& self = *implementation_;
  const bool forward = direction == Direction::kForward;
  self.inner = forward ? inputs : outputs;
  self.outer = forward ? outputs : inputs;
  try {
    const OneThread one_thread;
    // Any number of rows gives the same packing; 64 stands for all of them.
    const memory::desc any({self.inner, self.outer}, memory::data_type::f32,
                           memory::format_tag::any);
    const auto product = describe(64, self.inner, self.outer, any, bias != nullptr);
    self.weights = memory(product.weights_desc(), engine());
    self.kernel = product.impl_info_str();
    self.in_gemm_tiles = !rows_are_independent(self.kernel);
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

const std::string& PackedMatrix::kernel() const { return implementation_->kernel; }

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
  const std::int64_t used = rows * inner * outer < kWorthAThread ? 1 : std::max(threads, 1);
  std::int64_t each = round_up((rows + used - 1) / used, in_gemm_tiles ? kGemmTileUnit : kRowUnit);
  if (in_gemm_tiles) each = std::min(each, kMostGemmTileRows);
  parallel_for(
      (rows + each - 1) / each, static_cast<int>(used), [&](std::int64_t begin, std::int64_t end) {
        const OneThread one_thread;
        for (std::int64_t row = begin * each; row < std::min(end * each, rows); row += each) {
          multiply_tile(x + row * inner, std::min(each, rows - row), y + row * outer, with_bias);
        }
      });
}

void PackedMatrix::Implementation::multiply_tile(const float* x, std::int64_t rows, float* y,
                                                 bool with_bias) {
  try {
    const std::int64_t whole = in_gemm_tiles ? round_up(rows, kGemmTileUnit) : rows;
    const Prepared product = prepare(whole, with_bias);
    if (rows == whole) return execute(product, x, y);
    std::vector<float> in(std::size_t(whole * inner), 0.0f), out(std::size_t(whole * outer), 0.0f);
    std::copy_n(x, rows * inner, in.begin());
    execute(product, in.data(), out.data());
    std::copy_n(out.begin(), rows * outer, y);
  } catch (const dnnl::error& error) {
    throw Error("matrix product",
                fmt::format("{} rows of {} × {}: {}", rows, outer, inner, error.what()));
  }
}

void PackedMatrix::Implementation::execute(const Prepared& product, const float* x,
                                           float* y) const {
  const memory source(plain({product.rows, inner}), engine(), const_cast<float*>(x));
  const memory result(plain({product.rows, outer}), engine(), y);
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, result}};
  if (product.with_bias) arguments.emplace(DNNL_ARG_BIAS, *bias);
  if (const std::size_t bytes = product.scratchpad.get_size(); bytes > 0) {
    arguments.emplace(DNNL_ARG_SCRATCHPAD,
                      memory(product.scratchpad, engine(), scratchpad_of_thread(bytes)));
  }
  dnnl::stream stream(engine());
  product.primitive.execute(stream, arguments);
  stream.wait();
}

}  // namespace whyclip
