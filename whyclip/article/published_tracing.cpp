#include "whyclip/article/published_tracing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "whyclip/article/tracing_plan.h"
#include "whyclip/article/tracing_rules.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace {

using tracing::Columns;
using tracing::Plan;
using tracing::RegionTensor;
using tracing::Traced;

template <class T>
TracedCloseness closeness_of(const RegionTensor<T>& sum, const RegionTensor<T>& value) {
  double difference = 0, sums = 0, values = 0, product = 0;
  for (std::int64_t i = 0; i < value.count(); ++i) {
    const double s = double(sum.data()[i]), v = double(value.data()[i]);
    difference += (s - v) * (s - v);
    sums += s * s;
    values += v * v;
    product += s * v;
  }
  if (values == 0) return {difference == 0 ? 0 : HUGE_VAL, 0, sums == 0 ? 1 : HUGE_VAL};
  return {std::sqrt(difference / values), sums == 0 ? 0 : product / std::sqrt(sums * values),
          std::sqrt(sums / values)};
}

template <class T>
bool all_finite(const RegionTensor<T>& values) {
  return std::all_of(values.data(), values.data() + values.count(),
                     [](T value) { return std::isfinite(value); });
}

/// One recomputed value of the record.
template <class T>
struct Node {
  RegionTensor<T> value;  ///< one column
  Traced<T> traced;       ///< empty before `from`
};

/// The regions that one pass propagates.
struct Part {
  std::int64_t first, count, of;
  std::int64_t pass, passes;  ///< index and number of the passes

  bool is_all() const { return count == of; }
  bool is_first() const { return first == 0; }
  bool is_last() const { return first + count == of; }
};

/// The sums of the contributions of the parts so far, by traced op.
template <class T>
using Sums = std::vector<RegionTensor<T>>;

template <class T>
class ForwardPass {
 public:
  ForwardPass(const Workspace& workspace, const Record& record, std::string_view from,
              std::string_view to, const PublishedTracingOptions& options, const Part& part,
              Sums<T>& sums)
      : record_(record),
        options_(options),
        from_(record.id(from)),
        plan_(tracing::plan_of(record, from, to)),
        part_(part),
        columns_{part.count, options.bias == TracedBias::kOwn},
        nodes_(record.value_count()),
        readers_left_(plan_.readers),
        sums_(sums) {
    const std::int64_t steps = plan_.needed_steps();
    total_steps_ = steps * part.passes;
    done_ = steps * part.pass;
    execution_.threads = workspace.threads();
    execution_.check_cancelled = [this] {
      report_progress(options_.progress, "published tracing", done_, total_steps_);
    };
  }

  TracedContributions<T> run(std::string_view from, std::string_view to) {
    read_inputs();
    if (!node(from_).value.empty()) start();
    for (std::size_t i = 0; i < plan_.needed.size(); ++i) {
      if (!plan_.needed[i]) continue;
      const Step& step = record_.steps()[i];
      execution_.check_cancelled();
      compute(step);
      for (const int id : step.inputs) release_if_read(id);
      ++done_;
    }
    execution_.check_cancelled();
    return result(from, record_.id(to));
  }

 private:
  Node<T>& node(int id) { return nodes_[std::size_t(id)]; }

  /// Reads the record's input values, which no op produced.
  void read_inputs() {
    std::vector<bool> made(record_.value_count());
    for (const Step& step : record_.steps()) made[std::size_t(step.output)] = true;
    for (std::size_t id = 0; id < made.size(); ++id) {
      if (!made[id] && plan_.readers[id] > 0) node(int(id)).value = recorded(int(id));
    }
    for (const auto& [name, values] : options_.inputs) {
      RegionTensor<T>& input = node(record_.id(name)).value;
      if (input.empty() || std::size_t(input.count()) != values.size()) {
        throw Error(name,
                    fmt::format("expected an input value of the record with {} numbers, got {}",
                                record_.at(name).size(), values.size()));
      }
      std::ranges::transform(values, input.data(), [](double value) { return T(value); });
    }
  }

  RegionTensor<T> recorded(int id) const {
    const Tensor& tensor = record_.value(id);
    RegionTensor<T> values(1, tensor.rows(), tensor.width());
    std::copy_n(tensor.data(), tensor.size(), values.data());
    return values;
  }

  /// Each row of `from` becomes the contribution of its own region.
  void start() {
    const RegionTensor<T>& value = node(from_).value;
    Traced<T> traced{tracing::zero_region_tensor<T>(columns_.count(), value.rows(), value.width()),
                     value.clone()};
    for (std::int64_t r = 0; r < part_.count; ++r) {
      std::copy_n(value.row(0, part_.first + r), value.width(),
                  traced.contributions.row(r, part_.first + r));
    }
    store(from_, std::move(traced));
  }

  void compute(const Step& step) {
    std::vector<const RegionTensor<T>*> values;
    std::vector<const Traced<T>*> traced;
    for (const int id : step.inputs) {
      values.push_back(&node(id).value);
      traced.push_back(&node(id).traced);
    }
    // An op without inputs copies rows of a table, so its recorded output is exact.
    node(step.output).value = step.inputs.empty()
                                  ? recorded(step.output)
                                  : tracing::op_values<T>(*step.op, values, execution_);
    if (step.output == from_) {
      start();
    } else if (plan_.traced[std::size_t(step.output)]) {
      trace(step, traced);
    }
  }

  void trace(const Step& step, tracing::TracedOperands<T> in) {
    Traced<T> out;
    out.contributions = tracing::trace_op<T>(*step.op, in, columns_, options_, execution_);
    RegionTensor<T> sum = tracing::total(out.contributions, execution_.threads);
    if (!all_finite(sum)) {
      throw Error(step.name, fmt::format("the contributions are not finite after the op {}{}",
                                         name_of(step.op->kind()), advice(step)));
    }
    if (part_.is_all()) {
      finish(step, sum);
      out.total = std::move(sum);
    } else {
      // Every op is complete, so this equals the sum of all regions up to rounding.
      out.total = node(step.output).value.clone();
      const RegionTensor<T>& so_far = add_to_sums(std::move(sum), out.contributions);
      if (part_.is_last()) finish(step, so_far);
    }
    store(step.output, std::move(out));
  }

  void finish(const Step& step, const RegionTensor<T>& sum) {
    steps_.push_back({step.name, std::string(name_of(step.op->kind())),
                      closeness_of(sum, node(step.output).value)});
    if (!options_.watch) return;
    const std::vector<double> numbers(sum.data(), sum.data() + sum.count());
    options_.watch(steps_.back(), numbers);
  }

  /// Only the first part adds the biases.
  const RegionTensor<T>& add_to_sums(RegionTensor<T> sum, const RegionTensor<T>& contributions) {
    const std::size_t op = traced_ops_++;
    if (part_.is_first()) return sums_.emplace_back(std::move(sum));
    const T* biases = contributions.column(part_.count);
    for (std::int64_t i = 0; i < sum.count(); ++i) {
      sums_[op].data()[i] += sum.data()[i] - biases[i];
    }
    return sums_[op];
  }

  std::string_view advice(const Step& step) const {
    const bool product =
        step.op->kind() == OpKind::kAttentionScores || step.op->kind() == OpKind::kAttentionMix;
    return product && options_.product == TracedProduct::kFull
               ? "; the full product divides by 0 where no region is in both operands; the "
                 "half-split does not"
               : "";
  }

  void store(int id, Traced<T> traced) {
    held_ += traced.contributions.bytes();
    peak_ = std::max(peak_, held_);
    node(id).traced = std::move(traced);
  }

  void release_if_read(int id) {
    if (--readers_left_[std::size_t(id)] > 0) return;
    held_ -= node(id).traced.contributions.bytes();
    node(id) = {};
  }

  TracedContributions<T> result(std::string_view from, int to) {
    const Node<T>& last = node(to);
    const RegionTensor<T>& contributions = last.traced.contributions;
    TracedContributions<T> result{
        .regions = columns_.regions,
        .columns = {},
        .rows = contributions.rows(),
        .width = contributions.width(),
        .contributions = {contributions.data(),
                          contributions.data() + contributions.columns() * contributions.count()},
        .value = {last.value.data(), last.value.data() + last.value.count()},
        .steps = std::move(steps_),
        .peak_bytes = peak_};
    for (std::int64_t r = 0; r < columns_.regions; ++r) {
      result.columns.push_back(fmt::format("{}[{}]", from, part_.first + r));
    }
    if (columns_.own_biases) result.columns.emplace_back("biases");
    return result;
  }

  const Record& record_;
  const PublishedTracingOptions& options_;
  const int from_;
  const Plan plan_;
  const Part part_;
  const Columns columns_;
  std::vector<Node<T>> nodes_;
  std::vector<int> readers_left_;
  tracing::Execution execution_;
  std::int64_t done_ = 0, total_steps_ = 0;
  std::size_t held_ = 0, peak_ = 0;
  Sums<T>& sums_;
  std::size_t traced_ops_ = 0;
  std::vector<TracedStep> steps_;
};

/// The maximum number of regions per pass.
std::int64_t most_at_once(const PublishedTracingOptions& options, std::int64_t regions) {
  const std::int64_t target = options.regions_at_once;
  if (target <= 0 || target >= regions) return regions;
  if (!regions_are_independent(options)) {
    throw Error("regions_at_once",
                "every rule must be the mended one, and biases must be separate: under the "
                "published rules a region's contributions depend on those of all others");
  }
  return target;
}

/// Adds the result of a pass over some regions; the biases, which are in every pass, are added
/// once.
template <class T>
void append(TracedContributions<T> part, TracedContributions<T>& all) {
  if (all.regions == 0) {
    all = std::move(part);
    return;
  }
  const auto before_biases = std::ptrdiff_t(all.regions * all.rows * all.width);
  const auto added = std::ptrdiff_t(part.regions * all.rows * all.width);
  all.contributions.insert(all.contributions.begin() + before_biases, part.contributions.begin(),
                           part.contributions.begin() + added);
  all.columns.insert(all.columns.end() - 1, part.columns.begin(), part.columns.end() - 1);
  all.regions += part.regions;
  all.steps = std::move(part.steps);
  all.peak_bytes = std::max(all.peak_bytes, part.peak_bytes);
}

void check_different(const Record& record, std::string_view from, std::string_view to) {
  if (record.id(from) == record.id(to)) {
    throw Error(to, "is the trace point that the tracing starts from");
  }
}

}  // namespace

std::string_view name_of(TracedProduct product) {
  return product == TracedProduct::kFull ? "full" : "half-split";
}

std::string_view name_of(TracedGain gain) {
  return gain == TracedGain::kRatio ? "ratio" : "mended";
}

std::string_view name_of(TracedBias bias) { return bias == TracedBias::kEqual ? "equal" : "own"; }

template <class T>
TracedContributions<T> published_tracing(const Workspace& workspace, const Record& record,
                                         std::string_view from, std::string_view to,
                                         const PublishedTracingOptions& options) {
  check_different(record, from, to);
  const std::int64_t regions = record.at(from).rows(), most = most_at_once(options, regions);
  TracedContributions<T> all{};
  Sums<T> sums;
  for (std::int64_t first = 0; first < regions; first += most) {
    const Part part{.first = first,
                    .count = std::min(most, regions - first),
                    .of = regions,
                    .pass = first / most,
                    .passes = (regions + most - 1) / most};
    append(ForwardPass<T>(workspace, record, from, to, options, part, sums).run(from, to), all);
  }
  return all;
}

template TracedContributions<float> published_tracing(const Workspace&, const Record&,
                                                      std::string_view, std::string_view,
                                                      const PublishedTracingOptions&);
template TracedContributions<double> published_tracing(const Workspace&, const Record&,
                                                       std::string_view, std::string_view,
                                                       const PublishedTracingOptions&);

std::size_t published_tracing_bytes(const Record& record, std::string_view from,
                                    std::string_view to, const PublishedTracingOptions& options,
                                    std::size_t size_of_number) {
  check_different(record, from, to);
  const std::int64_t columns =
      most_at_once(options, record.at(from).rows()) + (options.bias == TracedBias::kOwn ? 1 : 0);
  return tracing::peak_contributions(record, tracing::plan_of(record, from, to), from, columns) *
         size_of_number;
}

bool regions_are_independent(const PublishedTracingOptions& options) {
  return options.product == TracedProduct::kHalfSplit &&
         options.activation == TracedGain::kMended && options.layer_norm == TracedGain::kMended &&
         options.softmax == TracedGain::kMended && options.bias == TracedBias::kOwn;
}

PublishedTracingOptions mended_tracing() {
  return {.product = TracedProduct::kHalfSplit,
          .activation = TracedGain::kMended,
          .layer_norm = TracedGain::kMended,
          .softmax = TracedGain::kMended,
          .bias = TracedBias::kOwn,
          .softmax_nodes = 32};
}

const TracedStep* first_departure(const std::vector<TracedStep>& steps, double tolerance) {
  const auto found = std::ranges::find_if(
      steps, [&](const TracedStep& step) { return !(step.closeness.distance <= tolerance); });
  return found == steps.end() ? nullptr : &*found;
}

}  // namespace whyclip
