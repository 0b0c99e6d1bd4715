#include "whyclip/rules/carry.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// One call: the shares that are alive, and which steps there are to do.
class Carrier {
 public:
  Carrier(const Workspace& workspace, const Record& record, const RuleTable& rules, Sources sources,
          int to)
      : workspace_(workspace),
        record_(record),
        rules_(rules),
        sources_(std::move(sources)),
        shares_(record.value_count()),
        given_(record.value_count(), false),
        readers_(record.value_count(), 0) {
    for (auto& [trace_point, tensor] : sources_.shares) {
      const int id = record.id(trace_point);
      check_shape(trace_point, record.value(id), tensor);
      given_[std::size_t(id)] = true;
      shares_[std::size_t(id)] = std::move(tensor);
    }
    plan(to);
  }

  std::int64_t step_count() const { return std::int64_t(todo_.size()); }

  void do_step(std::int64_t i) {
    const Step& step = *todo_[std::size_t(i)];
    const Rule& rule = rules_.find(step);
    std::vector<const Tensor*> in, shares;
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      const auto id = std::size_t(step.inputs[k]);
      in.push_back(&record_.value(int(id)));
      shares.push_back(rule.reads(*step.op, k) ? &shares_[id] : &nothing_);
    }
    const Application application{in, record_.value(step.output), step.kept};
    const bool any = std::any_of(shares.begin(), shares.end(),
                                 [](const Tensor* share) { return !share->empty(); });
    Tensor result = any ? carried(rule, step, application, shares) : Tensor();
    add_offsets(rule, step, application, result);
    if (!kernels::all_finite(result.data(), std::int64_t(result.size()), workspace_.threads())) {
      throw Error(
          step.name,
          fmt::format("the shares that the rules \"{}\" bring here are not finite", rules_.name));
    }
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      if (rule.reads(*step.op, k)) release(step.inputs[k]);
    }
    shares_[std::size_t(step.output)] = std::move(result);
  }

  Tensor take(int id) { return std::move(shares_[std::size_t(id)]); }

 private:
  /// The steps that `to` depends on, in the order of the network, and how often each value is read.
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

  Tensor carried(const Rule& rule, const Step& step, const Application& application,
                 Inputs shares) const {
    try {
      return rule.carry(workspace_, *step.op, application, shares);
    } catch (const Error& error) {  // a rule does not know where it is used
      throw Error(step.name, error.what());
    }
  }

  void check_shape(const std::string& trace_point, const Tensor& value,
                   const Tensor& shares) const {
    const std::int64_t rows = sources_.count * value.rows();
    if (shares.empty() || (shares.rows() == rows && shares.width() == value.width())) return;
    throw Error(trace_point,
                fmt::format("expected shares of {} sources, {} rows of {}, got {} "
                            "rows of {}",
                            sources_.count, rows, value.width(), shares.rows(), shares.width()));
  }

  void release(int id) {
    if (--readers_[std::size_t(id)] == 0) shares_[std::size_t(id)] = Tensor();
  }

  void add_offsets(const Rule& rule, const Step& step, const Application& application,
                   Tensor& result) const {
    if (!sources_.of_offset || rule.gives_offset_away(*step.op)) return;
    const std::int64_t rows = application.out.rows();
    std::vector<float> room;
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t source = sources_.of_offset(step.name, row);
      if (source < 0) continue;
      if (source >= sources_.count) {
        throw Error(step.name, fmt::format("its offset is given to source {}, and there are {}",
                                           source, sources_.count));
      }
      const auto offset = rule.offset(*step.op, application, row, room);
      if (offset.empty()) continue;
      if (result.empty()) {
        result = workspace_.zeros(sources_.count * rows, application.out.width());
      }
      const std::span<float> share = result.row(source * rows + row);
      for (std::size_t c = 0; c < share.size(); ++c) share[c] += offset[c];
    }
  }

  const Workspace& workspace_;
  const Record& record_;
  const RuleTable& rules_;
  Sources sources_;
  const Tensor nothing_;
  std::vector<Tensor> shares_;
  std::vector<bool> given_;
  std::vector<int> readers_;
  std::vector<const Step*> todo_;
};

}  // namespace

Tensor carry(const Workspace& workspace, const Record& record, const RuleTable& rules,
             Sources sources, std::string_view to, const Progress& progress) {
  rules.check_covers(record);
  const int goal = record.id(to);
  Carrier carrier(workspace, record, rules, std::move(sources), goal);
  for (std::int64_t i = 0; i < carrier.step_count(); ++i) {
    report_progress(progress, "carrying shares", i, carrier.step_count());
    carrier.do_step(i);
  }
  return carrier.take(goal);
}

bool needs_all_sources(const Record& record, const RuleTable& rules) {
  return std::any_of(record.steps().begin(), record.steps().end(), [&](const Step& step) {
    const auto first = std::find_if(rules.rows.begin(), rules.rows.end(),
                                    [&](const RuleRow& row) { return row.matches(step); });
    return first != rules.rows.end() && first->rule->needs_all_sources();
  });
}

}  // namespace whyclip
