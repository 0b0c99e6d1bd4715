#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "whyclip/rules/rule.h"

namespace whyclip::testing {

/// One op applied to inputs, to test rules on.
class Applied {
 public:
  Applied(OpPtr op, std::vector<Tensor> inputs) : op_(std::move(op)), inputs_(std::move(inputs)) {
    for (const Tensor& input : inputs_) in_.push_back(&input);
    out_ = op_->forward(workspace_, in_, &saved_);
  }
  Applied(const Applied&) = delete;
  Applied& operator=(const Applied&) = delete;

  const Op& op() const { return *op_; }
  const Tensor& in(std::size_t i = 0) const { return inputs_[i]; }
  const Tensor& out() const { return out_; }
  std::size_t input_count() const { return inputs_.size(); }
  const Workspace& workspace() const { return workspace_; }
  OpContext context() const { return {in_, out_, saved_}; }

  /// A random flow at the output for `targets` targets.
  Tensor flow(std::int64_t targets, const std::string& seed = "flow") const {
    return random_tensor(seed, targets * out_.rows(), out_.width());
  }
  /// Random contributions to input `i` for `sources` sources.
  Tensor contributions(std::size_t i, std::int64_t sources,
                       const std::string& seed = "contributions") const {
    return random_tensor(seed + std::to_string(i), sources * inputs_[i].rows(), inputs_[i].width());
  }

  RuleOutput backward(const RulePtr& rule, const Tensor& flow) const {
    return rule->backward(workspace_, *op_, context(), flow);
  }
  Tensor propagate_forward(const RulePtr& rule, const std::vector<Tensor>& contributions) const {
    std::vector<const Tensor*> pointers;
    for (const Tensor& contribution : contributions) pointers.push_back(&contribution);
    return rule->propagate_forward(workspace_, *op_, context(), pointers);
  }

 private:
  OpPtr op_;
  std::vector<Tensor> inputs_;
  std::vector<const Tensor*> in_;
  std::vector<Tensor> saved_;
  Tensor out_;
  Workspace workspace_{testing::threads()};
};

}  // namespace whyclip::testing
