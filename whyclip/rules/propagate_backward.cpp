#include "whyclip/rules/propagate_backward.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/parallel.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// The gradients accumulated at values whose producing ops have not been visited yet.
class Pending {
 public:
  Pending(const Workspace& workspace, std::size_t values)
      : workspace_(workspace), gradients_(values) {}

  void add(int id, Tensor g) {
    Tensor& sum = gradients_[std::size_t(id)];
    if (g.empty()) return;
    if (sum.empty()) {
      sum = std::move(g);
    } else {
      kernels::add(sum.data(), g.data(), std::int64_t(g.size()), sum.data(), workspace_.threads());
    }
  }
  bool has(int id) const { return !gradients_[std::size_t(id)].empty(); }
  Tensor take(int id) { return std::move(gradients_[std::size_t(id)]); }

 private:
  const Workspace& workspace_;
  std::vector<Tensor> gradients_;
};

/// g · additive term of every row of one step; empty if it adds nothing.
std::vector<double> additive_rows(const Workspace& workspace, const Rule& rule, const Step& step,
                                  const OpContext& context, const Tensor& g) {
  std::vector<double> result(std::size_t(g.rows()), 0.0);
  std::atomic<bool> any{false};
  constexpr std::size_t kMinValuesForThreads = 16384;
  parallel_for(g.rows(), g.size() < kMinValuesForThreads ? 1 : workspace.threads(),
               [&](std::int64_t begin, std::int64_t end) {
                 std::vector<float> scratch;
                 for (std::int64_t r = begin; r < end; ++r) {
                   const auto additive_term =
                       rule.additive_term(*step.op, context, r % context.out.rows(), scratch);
                   if (additive_term.empty()) continue;
                   any = true;
                   result[std::size_t(r)] =
                       kernels::dot(g.row(r).data(), additive_term.data(), g.width());
                 }
               });
  if (!any) result.clear();
  return result;
}

AdditiveContribution summed(const Step& step, std::vector<double> rows, std::int64_t rows_of_op) {
  AdditiveContribution result{step.name, std::move(rows), {}};
  result.contributions.assign(result.rows.size() / std::size_t(rows_of_op), 0.0);
  for (std::size_t r = 0; r < result.rows.size(); ++r) {
    result.contributions[r / std::size_t(rows_of_op)] += result.rows[r];
  }
  return result;
}

/// Σ contribution and Σ |contribution| of one target in a flow.
std::pair<double, double> total(Quantity quantity, const Tensor& flow, const Tensor& value,
                                std::size_t target) {
  double sum = 0, size = 0;
  if (flow.empty()) return {sum, size};
  const float* part = flow.data() + target * value.size();
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double contribution = quantity == Quantity::kGradient
                                    ? double(part[i]) * double(value.data()[i])
                                    : double(part[i]);
    sum += contribution;
    size += std::abs(contribution);
  }
  return {sum, size};
}

Balance balance_of(const RuleTable& rules, const Rule& rule, const Step& step,
                   const OpContext& context, const Tensor& flow, const RuleOutput& output,
                   const AdditiveContribution& additive_term, std::size_t target) {
  const auto [at_output, size] = total(rules.quantity, flow, context.out, target);
  Balance result{.trace_point = step.name,
                 .op = std::string(name_of(step.op->kind())),
                 .rule = rule.name(),
                 .output = at_output,
                 .inputs = 0,
                 .additive_term =
                     additive_term.contributions.empty() ? 0 : additive_term.contributions[target],
                 .size = size};
  for (std::size_t i = 0; i < output.in.size(); ++i) {
    result.inputs += total(rules.quantity, output.in[i], *context.in[i], target).first;
  }
  return result;
}

void check_finite(const Workspace& workspace, const RuleTable& rules,
                  const std::string& trace_point, const Tensor& flow) {
  if (kernels::all_finite(flow.data(), std::int64_t(flow.size()), workspace.threads())) return;
  throw Error(trace_point, fmt::format("the {} by the rules \"{}\" is not finite here: a rule "
                                       "divides by a value that is too small, or a value overflows",
                                       name_of(rules.quantity), rules.name));
}

RuleOutput rule_backward(const Workspace& workspace, const Rule& rule, const Step& step,
                         const OpContext& context, const Tensor& flow) {
  try {
    return rule.backward(workspace, *step.op, context, flow);
  } catch (const Error& error) {  // add the trace point
    throw Error(step.name, error.what());
  }
}

}  // namespace

BackwardResult propagate_backward(const Workspace& workspace, const Record& record,
                                  const RuleTable& rules, std::string_view from, Tensor seed,
                                  std::initializer_list<std::string_view> to,
                                  const BackwardOptions& options) {
  rules.check_covers(record);
  BackwardResult backward;
  std::map<int, std::string> stops;
  for (const std::string_view trace_point : to) stops[record.id(trace_point)] = trace_point;
  const std::int64_t targets = target_count(seed, record.at(from));
  if (options.balances) backward.balances.resize(std::size_t(targets));
  Pending pending(workspace, record.value_count());
  pending.add(record.id(from), std::move(seed));

  const std::vector<Step>& steps = record.steps();
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (!pending.has(step->output) || stops.contains(step->output)) continue;
    report_progress(options.progress, "backward pass", step - steps.rbegin(),
                    std::int64_t(steps.size()));
    const Tensor flow = pending.take(step->output);
    if (options.finite) check_finite(workspace, rules, step->name, flow);
    if (options.observe) options.observe(*step, flow);
    std::vector<const Tensor*> in;
    for (const int id : step->inputs) in.push_back(&record.value(id));
    const OpContext context{in, record.value(step->output), step->saved};
    const Rule& rule = rules.find(*step);
    RuleOutput output = rule_backward(workspace, rule, *step, context, flow);
    if (options.additive_terms && rules.quantity == Quantity::kGradient) {
      output.additive_term = additive_rows(workspace, rule, *step, context, flow);
    }
    const AdditiveContribution additive_term =
        summed(*step, std::move(output.additive_term), context.out.rows());
    for (std::size_t t = 0; t < backward.balances.size(); ++t) {
      backward.balances[t].push_back(
          balance_of(rules, rule, *step, context, flow, output, additive_term, t));
    }
    if (!additive_term.rows.empty()) backward.additive_terms.push_back(additive_term);
    for (std::size_t i = 0; i < output.in.size(); ++i) {
      pending.add(step->inputs[i], std::move(output.in[i]));
    }
  }
  std::reverse(backward.additive_terms.begin(), backward.additive_terms.end());
  for (const auto& [id, trace_point] : stops) {
    if (!pending.has(id)) {
      throw Error(
          trace_point,
          fmt::format(
              "the backward pass from {} does not reach this trace point by the rules \"{}\"", from,
              rules.name));
    }
    Tensor gradient = pending.take(id);
    if (options.finite) check_finite(workspace, rules, trace_point, gradient);
    backward.gradients[trace_point] = std::move(gradient);
  }
  return backward;
}

std::vector<double> row_contributions(Quantity quantity, const Tensor& flow, const Tensor& value) {
  std::vector<double> result;
  for (std::int64_t r = 0; r < flow.rows(); ++r) {
    if (quantity == Quantity::kGradient) {
      result.push_back(
          kernels::dot(flow.row(r).data(), value.row(r % value.rows()).data(), flow.width()));
      continue;
    }
    double sum = 0;
    for (const float contribution : flow.row(r)) sum += double(contribution);
    result.push_back(sum);
  }
  return result;
}

std::optional<Balance> first_leak(const std::vector<Balance>& balances, double tolerance) {
  const auto found = std::find_if(balances.begin(), balances.end(), [&](const Balance& balance) {
    return std::abs(balance.leak()) > tolerance * (1 + balance.size);
  });
  return found == balances.end() ? std::nullopt : std::optional(*found);
}

}  // namespace whyclip
