#include "whyclip/rules/propagate_forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// The state of one forward pass: the contributions still in use and the remaining steps.
class ForwardPass {
 public:
  ForwardPass(const Workspace& workspace, const Record& record, const RuleTable& rules,
              Sources sources, int to)
      : workspace_(workspace),
        record_(record),
        rules_(rules),
        sources_(std::move(sources)),
        contributions_(record.value_count()),
        given_(record.value_count(), false),
        readers_(record.value_count(), 0) {
    for (auto& [trace_point, tensor] : sources_.contributions) {
      const int id = record.id(trace_point);
      check_shape(trace_point, record.value(id), tensor);
      given_[std::size_t(id)] = true;
      contributions_[std::size_t(id)] = std::move(tensor);
    }
    plan(to);
  }

  std::int64_t step_count() const { return std::int64_t(todo_.size()); }

  void do_step(std::int64_t i) {
    const Step& step = *todo_[std::size_t(i)];
    const Rule& rule = rules_.find(step);
    std::vector<const Tensor*> in, contributions;
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      const auto id = std::size_t(step.inputs[k]);
      in.push_back(&record_.value(int(id)));
      contributions.push_back(rule.reads(*step.op, k) ? &contributions_[id] : &empty_);
    }
    const OpContext context{in, record_.value(step.output), step.saved};
    const bool any = std::any_of(contributions.begin(), contributions.end(),
                                 [](const Tensor* contribution) { return !contribution->empty(); });
    Tensor result = any ? apply_rule(rule, step, context, contributions) : Tensor();
    add_additive_terms(rule, step, context, result);
    if (!kernels::all_finite(result.data(), std::int64_t(result.size()), workspace_.threads())) {
      throw Error(
          step.name,
          fmt::format("the contributions by the rules \"{}\" are not finite here", rules_.name));
    }
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      if (rule.reads(*step.op, k)) release(step.inputs[k]);
    }
    contributions_[std::size_t(step.output)] = std::move(result);
  }

  Tensor take(int id) { return std::move(contributions_[std::size_t(id)]); }

 private:
  /// Finds the steps that `to` depends on, in the order of the network, and the number of readers
  /// of each value.
  void plan(int to) {
    std::vector<bool> needed(record_.value_count(), false);
    needed[std::size_t(to)] = true;
    for (auto step = record_.steps().rbegin(); step != record_.steps().rend(); ++step) {
      const auto output = std::size_t(step->output);
      if (!needed[output] || given_[output]) continue;
      const Rule& rule = rules_.find(*step);
      for (std::size_t k = 0; k < step->inputs.size(); ++k) {
        if (!rule.reads(*step->op, k)) continue;
        needed[std::size_t(step->inputs[k])] = true;
        ++readers_[std::size_t(step->inputs[k])];
      }
      todo_.push_back(&*step);
    }
    std::reverse(todo_.begin(), todo_.end());
    ++readers_[std::size_t(to)];
  }

  Tensor apply_rule(const Rule& rule, const Step& step, const OpContext& context,
                    Inputs contributions) const {
    try {
      return rule.propagate_forward(workspace_, *step.op, context, contributions);
    } catch (const Error& error) {  // add the trace point
      throw Error(step.name, error.what());
    }
  }

  void check_shape(const std::string& trace_point, const Tensor& value,
                   const Tensor& contributions) const {
    const std::int64_t rows = sources_.count * value.rows();
    if (contributions.empty() ||
        (contributions.rows() == rows && contributions.width() == value.width()))
      return;
    throw Error(trace_point,
                fmt::format("expected contributions of {} sources, {} rows of {}, got {} "
                            "rows of {}",
                            sources_.count, rows, value.width(), contributions.rows(),
                            contributions.width()));
  }

  void release(int id) {
    if (--readers_[std::size_t(id)] == 0) contributions_[std::size_t(id)] = Tensor();
  }

  void add_additive_terms(const Rule& rule, const Step& step, const OpContext& context,
                          Tensor& result) const {
    if (!sources_.source_of_additive_term || rule.redistributes_additive_term(*step.op)) return;
    const std::int64_t rows = context.out.rows();
    std::vector<float> scratch;
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t source = sources_.source_of_additive_term(step.name, row);
      if (source < 0) continue;
      if (source >= sources_.count) {
        throw Error(step.name,
                    fmt::format("its additive term is assigned to source {}, but there are only {}",
                                source, sources_.count));
      }
      const auto additive_term = rule.additive_term(*step.op, context, row, scratch);
      if (additive_term.empty()) continue;
      if (result.empty()) {
        result = workspace_.zeros(sources_.count * rows, context.out.width());
      }
      const std::span<float> contribution = result.row(source * rows + row);
      for (std::size_t c = 0; c < contribution.size(); ++c) contribution[c] += additive_term[c];
    }
  }

  const Workspace& workspace_;
  const Record& record_;
  const RuleTable& rules_;
  Sources sources_;
  const Tensor empty_;
  std::vector<Tensor> contributions_;
  std::vector<bool> given_;
  std::vector<int> readers_;
  std::vector<const Step*> todo_;
};

}  // namespace

Tensor propagate_forward(const Workspace& workspace, const Record& record, const RuleTable& rules,
                         Sources sources, std::string_view to, const Progress& progress) {
  rules.check_covers(record);
  const int target_id = record.id(to);
  ForwardPass pass(workspace, record, rules, std::move(sources), target_id);
  for (std::int64_t i = 0; i < pass.step_count(); ++i) {
    report_progress(progress, "propagating contributions", i, pass.step_count());
    pass.do_step(i);
  }
  return pass.take(target_id);
}

bool needs_all_sources(const Record& record, const RuleTable& rules) {
  return std::any_of(record.steps().begin(), record.steps().end(), [&](const Step& step) {
    const auto first = std::find_if(rules.rows.begin(), rules.rows.end(),
                                    [&](const RuleRow& row) { return row.matches(step); });
    return first != rules.rows.end() && first->rule->needs_all_sources();
  });
}

}  // namespace whyclip
