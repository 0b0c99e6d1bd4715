#include "whyclip/core/matrix.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <dnnl.hpp>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/core/memory.h"
#include "whyclip/core/parallel.h"

namespace whyclip {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

/// oneDNN takes its number of threads from OpenMP's setting for the calling thread, both when a
/// primitive is created and when it is executed. A primitive that runs with another number of
/// threads than it was created for computes only part of its result. Every primitive here is
/// created for one thread and executed on one; parallel_for provides the parallelism.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() { omp_set_num_threads(before_); }

 private:
  int before_;
};

/// Scratchpad of a primitive: at least `bytes`, aligned as oneDNN requires. Each thread keeps one
/// that grows, because an allocation costs as much as a small product.
void* scratchpad_of_thread(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64;
  thread_local std::vector<std::byte> scratchpad;
  if (scratchpad.size() < bytes + kAlignment) scratchpad.resize(bytes + kAlignment);
  void* start = scratchpad.data();
  std::size_t space = scratchpad.size();
  return std::align(kAlignment, bytes, start, space);
}

void rethrow_if_out_of_memory(const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
}

memory::desc plain(memory::dims dims) {
  return {dims, memory::data_type::f32, memory::format_tag::ab};
}

/// Without AVX-512, oneDNN uses a kernel (gemm) that sums in another order for the 1 to 3 rows that
/// remain after groups of 4 to 6, and whose blocks depend on the number of rows. For this kernel,
/// products are split into tiles of a multiple of 12 rows, at most 48: a row then has the same bits
/// in each of them (tested on AVX2).
constexpr std::int64_t kGemmTileUnit = 12, kMostGemmTileRows = 48;

/// Up to this many rows per thread, a product is split among threads by columns, so that each
/// thread reads only its part of the weights; above, it is split by rows.
constexpr std::int64_t kFewRows = 64;

/// Number of rows used to query a packing, which does not depend on it.
constexpr std::int64_t kTypicalRows = 64;

/// oneDNN crashes where it cannot map memory for the code that it generates, so that some address
/// space is required before: it maps less than a megabyte at a time.
constexpr std::size_t kGeneratedCode = std::size_t{8} << 20;

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

/// Number of columns per block if the weights are packed in consecutive blocks of columns,
/// otherwise 0. Any number of whole blocks is then a matrix packed in the same way.
std::int64_t columns_of_block(const memory::desc& weights) {
#if DNNL_VERSION_MAJOR >= 3
  if (weights.get_format_kind() != memory::format_kind::blocked) return 0;
  const memory::dims blocks = weights.get_inner_blks(), dimensions = weights.get_inner_idxs(),
                     strides = weights.get_strides();
#else
  if (weights.data.format_kind != dnnl_blocked) return 0;
  const dnnl_blocking_desc_t& layout = weights.data.format_desc.blocking;
  const memory::dims blocks(layout.inner_blks, layout.inner_blks + layout.inner_nblks),
      dimensions(layout.inner_idxs, layout.inner_idxs + layout.inner_nblks),
      strides(layout.strides, layout.strides + 2);
#endif
  if (strides[1] <= strides[0]) return 0;  // blocks of columns are not the outermost order
  std::int64_t columns = 1;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (dimensions[i] == 1) columns *= blocks[i];
  }
  return columns;
}

/// Distance between two neighbouring blocks of columns, in floats.
std::int64_t stride_of_columns(const memory::desc& weights) {
#if DNNL_VERSION_MAJOR >= 3
  return weights.get_strides()[1];
#else
  return weights.data.format_desc.blocking.strides[1];
#endif
}

dnnl::matmul::primitive_desc describe(std::int64_t rows, std::int64_t inner, std::int64_t outer,
                                      const memory::desc& weights, bool bias) {
  dnnl::primitive_attr attributes;
  // oneDNN's own scratchpad belongs to the primitive: two threads would share it.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  // Overrides ONEDNN_DEFAULT_FPMATH_MODE: a product in bfloat16 would be silently inaccurate.
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
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
  /// A product prepared for one number of rows and columns, on one thread.
  struct Prepared {
    std::int64_t rows, columns;
    bool with_bias;
    dnnl::matmul primitive;
    memory::desc weights, scratchpad;
  };
  static constexpr std::size_t kMostPrepared = 32;

  std::int64_t inner, outer;
  memory weights;
  std::optional<memory> bias;
  std::string kernel;
  bool in_gemm_tiles = false;
  std::int64_t column_block = 0;  ///< 0: products are not split by columns
  std::mutex mutex;
  std::vector<Prepared> prepared;  // guarded by mutex; newest last

  Prepared prepare(std::int64_t rows, std::int64_t columns, bool with_bias) {
    const std::scoped_lock lock(mutex);
    for (const Prepared& p : prepared) {
      if (p.rows == rows && p.columns == columns && p.with_bias == with_bias) return p;
    }
    require_address_space(kGeneratedCode);
    const memory::desc packed = columns == outer ? weights.get_desc() : packing_of(columns);
    const auto description = describe(rows, inner, columns, packed, with_bias);
    if (prepared.size() == kMostPrepared) prepared.erase(prepared.begin());
    prepared.push_back({rows, columns, with_bias, dnnl::matmul(description), packed,
                        description.scratchpad_desc()});
    return prepared.back();
  }

  /// oneDNN's packing of this number of columns.
  memory::desc packing_of(std::int64_t columns) const {
    const memory::desc any({inner, columns}, memory::data_type::f32, memory::format_tag::any);
    return describe(kTypicalRows, inner, columns, any, bias.has_value()).weights_desc();
  }
  bool can_be_cut_into_columns() const;

  void multiply(const float* x, std::int64_t rows, float* y, int threads, bool with_bias);
  void multiply_rows(const float* x, std::int64_t rows, float* y, bool with_bias);
  void multiply_columns(const float* x, std::int64_t rows, std::int64_t first, std::int64_t columns,
                        float* y, bool with_bias);
  void execute(const Prepared& product, std::int64_t first_column, const float* x, float* y) const;
};

PackedMatrix::PackedMatrix(const float* weight, std::int64_t outputs, std::int64_t inputs,
                           const float* bias, Direction direction)
    : implementation_(std::make_unique<Implementation>()) {
  Implementation& self = *implementation_;
  const bool forward = direction == Direction::kForward;
  self.inner = forward ? inputs : outputs;
  self.outer = forward ? outputs : inputs;
  require_address_space(kGeneratedCode);
  try {
    const OneThread one_thread;
    const memory::desc any({self.inner, self.outer}, memory::data_type::f32,
                           memory::format_tag::any);
    const auto product = describe(kTypicalRows, self.inner, self.outer, any, bias != nullptr);
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
    if (self.can_be_cut_into_columns()) {
      self.column_block = columns_of_block(product.weights_desc());
    }
  } catch (const dnnl::error& error) {
    rethrow_if_out_of_memory(error);
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

/// Returns whether each block of columns is packed alone as it is in the whole matrix.
bool PackedMatrix::Implementation::can_be_cut_into_columns() const {
  const memory::desc whole = weights.get_desc();
  const std::int64_t block = columns_of_block(whole);
  if (in_gemm_tiles || block == 0 || outer < 2 * block || outer % block != 0) return false;
  for (std::int64_t columns = block; columns < outer; columns += block) {
    const memory::desc part = packing_of(columns);
    const std::size_t bytes =
        std::size_t(stride_of_columns(whole) * (columns / block)) * sizeof(float);
    if (columns_of_block(part) != block || stride_of_columns(part) != stride_of_columns(whole) ||
        part.get_size() != bytes) {
      return false;
    }
  }
  return true;
}

void PackedMatrix::Implementation::multiply(const float* x, std::int64_t rows, float* y,
                                            int threads, bool with_bias) {
  if (rows == 0) return;
  const int used = rows * inner * outer < kWorthAThread ? 1 : std::max(threads, 1);
  if (used > 1 && column_block > 0 && rows <= kFewRows * used) {
    parallel_for(outer / column_block, used, [&](std::int64_t begin, std::int64_t end) {
      multiply_columns(x, rows, begin * column_block, (end - begin) * column_block, y, with_bias);
    });
    return;
  }
  std::int64_t each = (rows + used - 1) / used;
  if (in_gemm_tiles) each = std::min(round_up(each, kGemmTileUnit), kMostGemmTileRows);
  parallel_for((rows + each - 1) / each, used, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin * each; row < std::min(end * each, rows); row += each) {
      multiply_rows(x + row * inner, std::min(each, rows - row), y + row * outer, with_bias);
    }
  });
}

void PackedMatrix::Implementation::multiply_rows(const float* x, std::int64_t rows, float* y,
                                                 bool with_bias) {
  const std::int64_t whole = in_gemm_tiles ? round_up(rows, kGemmTileUnit) : rows;
  const OneThread one_thread;
  try {
    const Prepared product = prepare(whole, outer, with_bias);
    if (rows == whole) return execute(product, 0, x, y);
    std::vector<float> in(std::size_t(whole * inner), 0.0f), out(std::size_t(whole * outer), 0.0f);
    std::copy_n(x, rows * inner, in.begin());
    execute(product, 0, in.data(), out.data());
    std::copy_n(out.begin(), rows * outer, y);
  } catch (const dnnl::error& error) {
    rethrow_if_out_of_memory(error);
    throw Error("matrix product",
                fmt::format("{} rows of {} × {}: {}", rows, outer, inner, error.what()));
  }
}

/// Columns [first, first + columns) of y. oneDNN's fast kernels require a contiguous result, which
/// is then copied.
void PackedMatrix::Implementation::multiply_columns(const float* x, std::int64_t rows,
                                                    std::int64_t first, std::int64_t columns,
                                                    float* y, bool with_bias) {
  const OneThread one_thread;
  try {
    const Prepared product = prepare(rows, columns, with_bias);
    if (columns == outer) return execute(product, 0, x, y);
    thread_local std::vector<float> part;
    part.resize(std::size_t(rows * columns));
    execute(product, first, x, part.data());
    for (std::int64_t row = 0; row < rows; ++row) {
      std::copy_n(part.data() + row * columns, columns, y + row * outer + first);
    }
  } catch (const dnnl::error& error) {
    rethrow_if_out_of_memory(error);
    throw Error("matrix product", fmt::format("{} rows of {} of {} × {}: {}", rows, columns, outer,
                                              inner, error.what()));
  }
}

void PackedMatrix::Implementation::execute(const Prepared& product, std::int64_t first_column,
                                           const float* x, float* y) const {
  const memory source(plain({product.rows, inner}), engine(), const_cast<float*>(x));
  const memory result(plain({product.rows, product.columns}), engine(), y);
  float* packed = static_cast<float*>(weights.get_data_handle());
  if (first_column > 0) {
    packed += first_column / column_block * stride_of_columns(weights.get_desc());
  }
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, source},
      {DNNL_ARG_WEIGHTS, memory(product.weights, engine(), packed)},
      {DNNL_ARG_DST, result}};
  if (product.with_bias) {
    float* values = static_cast<float*>(bias->get_data_handle()) + first_column;
    arguments.emplace(DNNL_ARG_BIAS, memory(plain({1, product.columns}), engine(), values));
  }
  if (const std::size_t bytes = product.scratchpad.get_size(); bytes > 0) {
    arguments.emplace(DNNL_ARG_SCRATCHPAD,
                      memory(product.scratchpad, engine(), scratchpad_of_thread(bytes)));
  }
  dnnl::stream stream(engine());
  product.primitive.execute(stream, arguments);
  stream.wait();
}

}  // namespace whyclip
