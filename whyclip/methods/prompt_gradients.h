#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {

/// The text counterpart of InputSpace: a prompt's value is differentiated with respect to its token
/// embeddings before positions, (tokens, width). Gradients are those of direction · t/‖t‖, not
/// frozen.
class TokenSpace {
 public:
  using Fill = std::function<void(int copy, std::span<float> input)>;
  using Take = std::function<void(int copy, double value, std::span<const float> gradient)>;

  explicit TokenSpace(const PromptContext& prompt);

  std::span<const float> input() const { return input_; }
  std::size_t size() const { return input_.size(); }
  std::vector<float> gradient(const Progress& progress) const;
  /// The same as in InputSpace.
  void each_gradient(int count, const Fill& fill, const Take& take, std::string_view stage,
                     const Progress& progress) const;
  std::vector<double> values(int count, const Fill& fill, std::string_view stage,
                             const Progress& progress) const;
  /// "zero": zeros; "mean": the mean of each channel over this prompt's tokens. Throws Error for
  /// another name.
  std::vector<float> baseline(std::string_view name) const;

  /// One number per token: `reduce` of the token's channels.
  std::vector<double> by_tokens(std::span<const double> values,
                                const std::function<double(std::span<const double>)>& reduce) const;

 private:
  Value embeddings(Trace& trace, int begin, int count, const Fill& fill) const;

  const PromptContext& prompt_;
  std::span<const float> input_;
};

}  // namespace whyclip
