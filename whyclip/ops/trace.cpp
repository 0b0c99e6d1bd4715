#include "whyclip/ops/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {

int Record::id(std::string_view trace_point) const {
  const auto found = ids_.find(trace_point);
  if (found == ids_.end()) {
    throw Error(trace_point, "no such trace point was recorded in this computation",
                ErrorCode::kNotFound);
  }
  return found->second;
}

const Step& Record::step(std::string_view trace_point) const {
  const int output = id(trace_point);
  // Outputs are numbered in the order of the steps.
  const auto found = std::lower_bound(steps_.begin(), steps_.end(), output,
                                      [](const Step& s, int wanted) { return s.output < wanted; });
  if (found == steps_.end() || found->output != output) {
    throw Error(trace_point, "is an input of this computation, not the output of an op");
  }
  return *found;
}

std::optional<std::string> Record::first_non_finite() const {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (!kernels::all_finite(values_[i]->data(), std::int64_t(values_[i]->size())))
      return names_[i];
  }
  return std::nullopt;
}

int Record::add_value(std::string name, std::shared_ptr<const Tensor> tensor) {
  const int id = static_cast<int>(values_.size());
  values_.push_back(std::move(tensor));
  names_.push_back(name);
  ids_[std::move(name)] = id;
  return id;
}

Value Trace::input(std::string_view name, Tensor tensor) {
  Value value{std::make_shared<const Tensor>(std::move(tensor))};
  if (record_ != nullptr) value.id = record_->add_value(std::string(name), value.tensor);
  return value;
}

Value Trace::apply(std::string_view scope, std::string_view name, const OpPtr& op,
                   std::initializer_list<Value> inputs) {
  constexpr std::size_t kMostInputs = 2;
  if (inputs.size() > kMostInputs) {
    throw Error(fmt::format("{}{}", scope, name),
                fmt::format("an op has at most {} inputs, got {}", kMostInputs, inputs.size()));
  }
  std::array<const Tensor*, kMostInputs> tensors{};
  std::size_t count = 0;
  for (const Value& input : inputs) tensors[count++] = input.tensor.get();
  const Inputs in(tensors.data(), count);
  if (record_ == nullptr) {
    return {std::make_shared<const Tensor>(op->forward(workspace_, in, nullptr))};
  }
  Step step{
      .name = fmt::format("{}{}", scope, name), .op = op, .inputs = {}, .output = 0, .saved = {}};
  for (const Value& input : inputs) step.inputs.push_back(input.id);
  Value value{std::make_shared<const Tensor>(op->forward(workspace_, in, &step.saved))};
  value.id = record_->add_value(step.name, value.tensor);
  step.output = value.id;
  record_->steps_.push_back(std::move(step));
  return value;
}

Value Trace::fused(Tensor tensor) const {
  if (records()) throw Error("fused", "a fused kernel was called while recording");
  return {std::make_shared<const Tensor>(std::move(tensor))};
}

}  // namespace whyclip
