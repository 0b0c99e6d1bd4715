#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/tensor.h"
#include "whyclip/ops/op.h"

namespace whyclip {

/// A tensor inside a computation. Copies share the tensor.
struct Value {
  std::shared_ptr<const Tensor> tensor;
  int id = -1;  ///< index in the record, −1 without recording

  const Tensor& operator*() const { return *tensor; }
  const Tensor* operator->() const { return tensor.get(); }
};

/// One recorded call of an op.
struct Step {
  std::string name;  ///< trace point of the output
  OpPtr op;
  std::vector<int> inputs;
  int output;
  std::vector<Tensor> saved;
};

/// All ops and values of a computation, in order. Gradients, contributions and dumps are computed
/// from it.
class Record {
 public:
  const std::vector<Step>& steps() const { return steps_; }
  const Tensor& value(int id) const { return *values_[std::size_t(id)]; }
  std::size_t value_count() const { return values_.size(); }

  bool has(std::string_view trace_point) const { return ids_.find(trace_point) != ids_.end(); }
  /// Throws Error naming the trace point if it was not recorded.
  int id(std::string_view trace_point) const;
  const Tensor& at(std::string_view trace_point) const { return value(id(trace_point)); }
  /// The step with this output. Throws Error if the trace point was not recorded or is an input.
  const Step& step(std::string_view trace_point) const;

  /// The first trace point with a value that is not finite, if any.
  std::optional<std::string> first_non_finite() const;

 private:
  friend class Trace;
  int add_value(std::string name, std::shared_ptr<const Tensor> tensor);

  std::vector<Step> steps_;
  std::vector<std::shared_ptr<const Tensor>> values_;
  std::vector<std::string> names_;
  std::map<std::string, int, std::less<>> ids_;
};

/// Applies the ops of a model and optionally records them.
class Trace {
 public:
  explicit Trace(const Workspace& workspace) : workspace_(workspace) {}
  Trace(const Workspace& workspace, Record& record) : workspace_(workspace), record_(&record) {}

  bool records() const { return record_ != nullptr; }
  const Workspace& workspace() const { return workspace_; }

  /// Adds an input of the computation.
  Value input(std::string_view name, Tensor tensor);
  /// Applies an op; the trace point is `scope` + `name`.
  Value apply(std::string_view scope, std::string_view name, const OpPtr& op,
              std::initializer_list<Value> inputs);
  /// Wraps the result of a fused kernel. Only allowed without recording.
  Value fused(Tensor tensor) const;

 private:
  const Workspace& workspace_;
  Record* record_ = nullptr;
};

}  // namespace whyclip
