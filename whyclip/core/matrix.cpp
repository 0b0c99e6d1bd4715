#include "whyclip/core/matrix.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <dnnl.hpp>
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

/// On processors without AVX-512 oneDNN multiplies by a kernel (gemm) whose sums run in another
/// order where 1 to 3 rows are left over after groups of 4 to 6, and whose blocks depend on the
/// number of rows. There, products are cut into tiles of a multiple of 12 rows, at most 48, each on
/// one thread: a row then has the same bits in each of them (tested on AVX2).
constexpr std::int64_t kTileUnit = 12, kMostTileRows = 48;

bool rows_are_independent(std::string_view implementation) {
  return implementation.starts_with("brg") &&
         implementation.find("avx512") != std::string_view::npos;
}

std::int64_t whole_units(std::int64_t rows) {
  return (rows + kTileUnit - 1) / kTileUnit * kTileUnit;
}

dnnl::matmul::primitive_desc describe(std::int64_t rows, std::int64_t inner, std::int64_t outer,
                                      const memory::desc& weights, bool bias,
                                      const dnnl::primitive_attr& attributes = {}) {
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
  /// A product made ready for one number of rows and threads.
  struct Prepared {
    std::int64_t rows;
    int threads;
    bool with_bias;
    dnnl::matmul primitive;
    memory::desc scratchpad;  ///< of tiles, which several threads compute at once
  };
  static constexpr std::size_t kMostPrepared = 16;

  std::int64_t inner, outer;
  memory weights;
  std::optional<memory> bias;
  std::mutex mutex;
  std::vector<Prepared> prepared;  // guarded by mutex; newest last

  bool in_tiles = false;

  Prepared prepare(std::int64_t rows, int threads, bool with_bias) {
    const std::scoped_lock lock(mutex);
    for (const Prepared& p : prepared) {
      if (p.rows == rows && p.threads == threads && p.with_bias == with_bias) return p;
    }
    dnnl::primitive_attr attributes;
    if (in_tiles) attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto description =
        describe(rows, inner, outer, weights.get_desc(), with_bias, attributes);
    if (prepared.size() == kMostPrepared) prepared.erase(prepared.begin());
    prepared.push_back({rows, threads, with_bias, dnnl::matmul(description),
                        in_tiles ? description.scratchpad_desc() : memory::desc()});
    return prepared.back();
  }

  void multiply(const float* x, std::int64_t rows, float* y, int threads, bool with_bias);
  void multiply_tiles(const float* x, std::int64_t rows, float* y, int threads, bool with_bias);
  void execute(const Prepared& product, const float* x, std::int64_t rows, float* y) const;
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
    const auto product = describe(64, self.inner, self.outer, any, bias != nullptr);
    self.weights = memory(product.weights_desc(), engine());
    self.in_tiles = !rows_are_independent(product.impl_info_str());
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
  try {
    if (in_tiles) return multiply_tiles(x, rows, y, threads, with_bias);
    const ThreadCount count(threads);
    execute(prepare(rows, threads, with_bias), x, rows, y);
  } catch (const dnnl::error& error) {
    throw Error("matrix product",
                fmt::format("{} rows of {} × {}: {}", rows, outer, inner, error.what()));
  }
}

void PackedMatrix::Implementation::multiply_tiles(const float* x, std::int64_t rows, float* y,
                                                  int threads, bool with_bias) {
  const std::int64_t each = std::min(kMostTileRows, whole_units((rows + threads - 1) / threads));
  parallel_for((rows + each - 1) / each, threads, [&](std::int64_t begin, std::int64_t end) {
    const ThreadCount count(1);
    for (std::int64_t first = begin * each; first < std::min(end * each, rows); first += each) {
      const std::int64_t some = std::min(each, rows - first), whole = whole_units(some);
      const Prepared product = prepare(whole, 1, with_bias);
      if (some == whole) {
        execute(product, x + first * inner, some, y + first * outer);
        continue;
      }
      std::vector<float> in(std::size_t(whole * inner), 0.0f),
          out(std::size_t(whole * outer), 0.0f);
      std::copy_n(x + first * inner, some * inner, in.begin());
      execute(product, in.data(), whole, out.data());
      std::copy_n(out.begin(), some * outer, y + first * outer);
    }
  });
}

void PackedMatrix::Implementation::execute(const Prepared& product, const float* x,
                                           std::int64_t rows, float* y) const {
  const memory source(plain({rows, inner}), engine(), const_cast<float*>(x));
  const memory result(plain({rows, outer}), engine(), y);
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, result}};
  if (product.with_bias) arguments.emplace(DNNL_ARG_BIAS, *bias);
  if (product.scratchpad.get_size() > 0) {
    arguments.emplace(DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, engine()));
  }
  dnnl::stream stream(engine());
  product.primitive.execute(stream, arguments);
  stream.wait();
}

}  // namespace whyclip
