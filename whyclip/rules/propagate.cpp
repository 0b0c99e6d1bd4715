#include "whyclip/rules/propagate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// The gradients that wait at values whose makers are not visited yet.
class Pending {
 public:
  Pending(const Workspace& workspace, std::size_t values)
      : workspace_(workspace), gradients_(values) {}

  void add(int id, Tensor g) {
    Tensor& there = gradients_[std::size_t(id)];
    if (g.empty()) return;
    if (there.empty()) {
      there = std::move(g);
    } else {
      kernels::add(there.data(), g.data(), std::int64_t(g.size()), there.data(),
                   workspace_.threads());
    }
  }
  bool has(int id) const { return !gradients_[std::size_t(id)].empty(); }
  Tensor take(int id) { return std::move(gradients_[std::size_t(id)]); }

 private:
  const Workspace& workspace_;
  std::vector<Tensor> gradients_;
};

Rule rule_for(const RuleTable& rules, const Step& step) {
  const Rule rule = rules.find(step.op->kind());
  if (rule == nullptr) {
    throw Error(step.name, fmt::format("the rules \"{}\" have none for the op {}", rules.name,
                                       name_of(step.op->kind())));
  }
  return rule;
}

/// What the op's own parameter gives to each target; nothing if it adds none.
std::optional<OffsetShares> offset_shares(const Step& step, const Application& application,
                                          const Tensor& g) {
  const std::int64_t rows = application.out.rows(), targets = target_count(g, application.out);
  OffsetShares result{step.name, std::vector<double>(std::size_t(g.rows()), 0.0),
                      std::vector<double>(std::size_t(targets), 0.0)};
  bool any = false;
  for (std::int64_t r = 0; r < g.rows(); ++r) {
    const std::span<const float> offset = step.op->offset(r % rows);
    if (offset.empty()) continue;
    any = true;
    result.rows[std::size_t(r)] = kernels::dot(g.row(r).data(), offset.data(), g.width());
    result.shares[std::size_t(r / rows)] += result.rows[std::size_t(r)];
  }
  return any ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace

Walk propagate(const Workspace& workspace, const Record& record, const RuleTable& rules,
               std::string_view from, Tensor seed, std::initializer_list<std::string_view> to) {
  Walk walk;
  std::map<int, std::string> stops;
  for (const std::string_view trace_point : to) stops[record.id(trace_point)] = trace_point;
  Pending pending(workspace, record.value_count());
  pending.add(record.id(from), std::move(seed));

  const std::vector<Step>& steps = record.steps();
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (!pending.has(step->output) || stops.contains(step->output)) continue;
    const Tensor g = pending.take(step->output);
    std::vector<const Tensor*> in;
    for (const int id : step->inputs) in.push_back(&record.value(id));
    const Application application{in, record.value(step->output), step->kept};
    if (auto offset = offset_shares(*step, application, g)) walk.offsets.push_back(*offset);
    std::vector<Tensor> results = rule_for(rules, *step)(workspace, *step->op, application, g);
    for (std::size_t i = 0; i < results.size(); ++i) {
      pending.add(step->inputs[i], std::move(results[i]));
    }
  }
  std::reverse(walk.offsets.begin(), walk.offsets.end());
  for (const auto& [id, trace_point] : stops) {
    if (!pending.has(id)) {
      throw Error(trace_point,
                  fmt::format("nothing of {} reaches it by the rules \"{}\"", from, rules.name));
    }
    walk.gradients[trace_point] = pending.take(id);
  }
  return walk;
}

}  // namespace whyclip
