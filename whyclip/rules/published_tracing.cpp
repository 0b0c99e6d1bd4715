#include "whyclip/rules/published_tracing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/rules/tracing_rules.h"

namespace whyclip {
namespace {

using tracing::Columns;
using tracing::Shares;
using tracing::Traced;

template <class T>
TracedCloseness closeness_of(const Shares<T>& sum, const Shares<T>& value) {
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
bool all_finite(const Shares<T>& values) {
  return std::all_of(values.data(), values.data() + values.count(),
                     [](T value) { return std::isfinite(value); });
}

/// Which steps lie between the two trace points, or before the first, and who reads what.
struct Plan {
  std::vector<bool> needed;  ///< by step: `to` depends on it
  std::vector<bool> traced;  ///< by value: it depends on `from`
  std::vector<int> readers;  ///< by value: needed steps that read it, and one more for `to`
};

void check_one_picture(const Step& step) {
  if (step.op->kind() != OpKind::kAttentionScores) return;
  const kernels::AttentionLayout layout =
      static_cast<const AttentionScores&>(*step.op).mask().layout(1, 1);
  if (layout.gathered.empty() && layout.groups.size() > 1) {
    throw Error(step.name, fmt::format("the record holds {} pictures; trace them one by one",
                                       layout.groups.size()));
  }
}

Plan plan_of(const Record& record, std::string_view from_name, std::string_view to_name) {
  const int from = record.id(from_name), to = record.id(to_name);
  const std::vector<Step>& steps = record.steps();
  Plan plan{std::vector<bool>(steps.size()), std::vector<bool>(record.value_count()),
            std::vector<int>(record.value_count())};
  plan.readers[std::size_t(to)] = 1;
  for (std::size_t i = steps.size(); i-- > 0;) {
    if (plan.readers[std::size_t(steps[i].output)] == 0) continue;
    plan.needed[i] = true;
    for (const int id : steps[i].inputs) ++plan.readers[std::size_t(id)];
  }
  plan.traced[std::size_t(from)] = true;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!plan.needed[i]) continue;
    check_one_picture(steps[i]);
    const auto is_traced = [&](int id) { return bool(plan.traced[std::size_t(id)]); };
    const bool any = std::ranges::any_of(steps[i].inputs, is_traced);
    if (any && !std::ranges::all_of(steps[i].inputs, is_traced)) {
      throw Error(
          steps[i].name,
          "mixes traced values with others; trace from a point that all of it goes through");
    }
    if (any) plan.traced[std::size_t(steps[i].output)] = true;
  }
  if (!plan.traced[std::size_t(to)]) {
    throw Error(to_name, fmt::format("nothing of {} reaches it", from_name));
  }
  return plan;
}

/// One value of the record, computed again.
template <class T>
struct Node {
  Shares<T> value;   ///< one column
  Traced<T> traced;  ///< empty before `from`
};

template <class T>
class Walk {
 public:
  Walk(const Workspace& workspace, const Record& record, std::string_view from, std::string_view to,
       const PublishedTracingOptions& options)
      : record_(record),
        options_(options),
        from_(record.id(from)),
        plan_(plan_of(record, from, to)),
        columns_{record.at(from).rows(), options.bias == TracedBias::kOwn},
        nodes_(record.value_count()),
        readers_left_(plan_.readers) {
    total_steps_ = std::ranges::count(plan_.needed, true);
    pace_.threads = workspace.threads();
    pace_.between = [this] {
      report_progress(options_.progress, "published tracing", done_, total_steps_);
    };
  }

  TracedShares<T> run(std::string_view from, std::string_view to) {
    read_outside_values();
    if (!node(from_).value.empty()) start();
    for (std::size_t i = 0; i < plan_.needed.size(); ++i) {
      if (!plan_.needed[i]) continue;
      const Step& step = record_.steps()[i];
      pace_.between();
      take(step);
      for (const int id : step.inputs) forget_if_read(id);
      ++done_;
    }
    pace_.between();
    return result(from, record_.id(to));
  }

 private:
  Node<T>& node(int id) { return nodes_[std::size_t(id)]; }

  /// Values that no op of the record made.
  void read_outside_values() {
    std::vector<bool> made(record_.value_count());
    for (const Step& step : record_.steps()) made[std::size_t(step.output)] = true;
    for (std::size_t id = 0; id < made.size(); ++id) {
      if (!made[id] && plan_.readers[id] > 0) node(int(id)).value = recorded(int(id));
    }
    for (const auto& [name, values] : options_.inputs) {
      Shares<T>& there = node(record_.id(name)).value;
      if (there.empty() || std::size_t(there.count()) != values.size()) {
        throw Error(name, fmt::format("expected a value from outside that is read, of {} numbers; "
                                      "got {}",
                                      record_.at(name).size(), values.size()));
      }
      std::ranges::transform(values, there.data(), [](double value) { return T(value); });
    }
  }

  Shares<T> recorded(int id) const {
    const Tensor& tensor = record_.value(id);
    Shares<T> values(1, tensor.rows(), tensor.width());
    std::copy_n(tensor.data(), tensor.size(), values.data());
    return values;
  }

  /// Each row of `from` becomes the share of its own region.
  void start() {
    const Shares<T>& value = node(from_).value;
    Traced<T> traced{tracing::zero_shares<T>(columns_.count(), value.rows(), value.width()),
                     value.clone()};
    for (std::int64_t r = 0; r < value.rows(); ++r) {
      std::copy_n(value.row(0, r), value.width(), traced.shares.row(r, r));
    }
    hold(from_, std::move(traced));
  }

  void take(const Step& step) {
    std::vector<const Shares<T>*> values;
    std::vector<const Traced<T>*> traced;
    for (const int id : step.inputs) {
      values.push_back(&node(id).value);
      traced.push_back(&node(id).traced);
    }
    // An op without inputs looks its output up in a table: what was recorded is exact.
    node(step.output).value = step.inputs.empty() ? recorded(step.output)
                                                  : tracing::op_values<T>(*step.op, values, pace_);
    if (step.output == from_) {
      start();
    } else if (plan_.traced[std::size_t(step.output)]) {
      trace(step, traced);
    }
  }

  void trace(const Step& step, tracing::TracedOperands<T> in) {
    Traced<T> out;
    out.shares = tracing::trace_op<T>(*step.op, in, columns_, options_, pace_);
    out.total = tracing::total(out.shares, pace_.threads);
    if (!all_finite(out.total)) {
      throw Error(step.name, fmt::format("the shares are not finite after the op {}{}",
                                         name_of(step.op->kind()), advice(step)));
    }
    steps_.push_back(
        {step.name, name_of(step.op->kind()), closeness_of(out.total, node(step.output).value)});
    hold(step.output, std::move(out));
  }

  std::string_view advice(const Step& step) const {
    const bool product =
        step.op->kind() == OpKind::kAttentionScores || step.op->kind() == OpKind::kAttentionMix;
    return product && options_.product == TracedProduct::kFull
               ? "; the full product divides by 0 where no region is in both operands, the "
                 "half-split does not"
               : "";
  }

  void hold(int id, Traced<T> traced) {
    held_ += traced.shares.bytes();
    peak_ = std::max(peak_, held_);
    node(id).traced = std::move(traced);
  }

  void forget_if_read(int id) {
    if (--readers_left_[std::size_t(id)] > 0) return;
    held_ -= node(id).traced.shares.bytes();
    node(id) = {};
  }

  TracedShares<T> result(std::string_view from, int to) {
    const Node<T>& last = node(to);
    const Shares<T>& shares = last.traced.shares;
    TracedShares<T> result{
        .regions = columns_.regions,
        .columns = {},
        .rows = shares.rows(),
        .width = shares.width(),
        .shares = {shares.data(), shares.data() + shares.columns() * shares.count()},
        .value = {last.value.data(), last.value.data() + last.value.count()},
        .steps = std::move(steps_),
        .peak_bytes = peak_};
    for (std::int64_t r = 0; r < columns_.regions; ++r) {
      result.columns.push_back(fmt::format("{}[{}]", from, r));
    }
    if (columns_.own_biases) result.columns.emplace_back("biases");
    return result;
  }

  const Record& record_;
  const PublishedTracingOptions& options_;
  const int from_;
  const Plan plan_;
  const Columns columns_;
  std::vector<Node<T>> nodes_;
  std::vector<int> readers_left_;
  tracing::Pace pace_;
  std::int64_t done_ = 0, total_steps_ = 0;
  std::size_t held_ = 0, peak_ = 0;
  std::vector<TracedStep> steps_;
};

}  // namespace

template <class T>
TracedShares<T> published_tracing(const Workspace& workspace, const Record& record,
                                  std::string_view from, std::string_view to,
                                  const PublishedTracingOptions& options) {
  if (record.id(from) == record.id(to)) {
    throw Error(to, "is the trace point that the tracing starts from");
  }
  Walk<T> walk(workspace, record, from, to, options);
  return walk.run(from, to);
}

template TracedShares<float> published_tracing(const Workspace&, const Record&, std::string_view,
                                               std::string_view, const PublishedTracingOptions&);
template TracedShares<double> published_tracing(const Workspace&, const Record&, std::string_view,
                                                std::string_view, const PublishedTracingOptions&);

const TracedStep* first_departure(const std::vector<TracedStep>& steps, double tolerance) {
  const auto found = std::ranges::find_if(
      steps, [&](const TracedStep& step) { return !(step.closeness.distance <= tolerance); });
  return found == steps.end() ? nullptr : &*found;
}

}  // namespace whyclip
