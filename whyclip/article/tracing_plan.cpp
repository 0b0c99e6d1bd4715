#include "whyclip/article/tracing_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/ops/attention_scores.h"

namespace whyclip::tracing {
namespace {

void check_one_image(const Step& step) {
  if (step.op->kind() != OpKind::kAttentionScores) return;
  const kernels::AttentionLayout layout =
      static_cast<const AttentionScores&>(*step.op).mask().layout(1, 1);
  if (layout.gathered.empty() && layout.groups.size() > 1) {
    throw Error(step.name, fmt::format("the record holds {} images; trace them one by one",
                                       layout.groups.size()));
  }
}

}  // namespace

std::int64_t Plan::needed_steps() const { return std::ranges::count(needed, true); }

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
    check_one_image(steps[i]);
    const auto is_traced = [&](int id) { return bool(plan.traced[std::size_t(id)]); };
    const bool any = std::ranges::any_of(steps[i].inputs, is_traced);
    if (any && !std::ranges::all_of(steps[i].inputs, is_traced)) {
      throw Error(
          steps[i].name,
          "mixes traced values with others; start at a trace point on which all its inputs depend");
    }
    if (any) plan.traced[std::size_t(steps[i].output)] = true;
  }
  if (!plan.traced[std::size_t(to)]) {
    throw Error(to_name, fmt::format("{} does not lead to it", from_name));
  }
  return plan;
}

std::size_t peak_contributions(const Record& record, const Plan& plan, std::string_view from,
                               std::int64_t columns) {
  const auto held_by = [&](int id) {
    return plan.traced[std::size_t(id)] ? std::size_t(columns) * record.value(id).size() : 0;
  };
  const auto is_output = [&](const Step& step) { return step.output == record.id(from); };
  std::vector<int> left = plan.readers;
  std::size_t held = std::ranges::any_of(record.steps(), is_output) ? 0 : held_by(record.id(from));
  std::size_t peak = held;
  for (std::size_t i = 0; i < plan.needed.size(); ++i) {
    if (!plan.needed[i]) continue;
    const Step& step = record.steps()[i];
    held += held_by(step.output);
    peak = std::max(peak, held);
    for (const int id : step.inputs) {
      if (--left[std::size_t(id)] == 0) held -= held_by(id);
    }
  }
  return peak;
}

}  // namespace whyclip::tracing
