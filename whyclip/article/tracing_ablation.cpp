#include "whyclip/article/tracing_ablation.h"

#include <cmath>

namespace whyclip {
namespace {

/// Adds the setting with each assignment of biases.
void add_both(std::vector<TracingAblation>& table, const std::string& name,
              PublishedTracingOptions options) {
  table.push_back({name + ", bias/regions", options});
  options.bias = TracedBias::kOwn;
  table.push_back({name + ", own biases", options});
}

}  // namespace

std::vector<TracingAblation> tracing_ablations() {
  std::vector<TracingAblation> table;
  for (const TracedProduct product : {TracedProduct::kFull, TracedProduct::kHalfSplit}) {
    const std::string name =
        product == TracedProduct::kFull ? "full product, " : "half-split product, ";
    PublishedTracingOptions options{.product = product};
    add_both(table, name + "ratio, small branch", options);
    options.small_ratio.reset();
    add_both(table, name + "ratio", options);
    options.softmax = TracedGain::kMended;
    add_both(table, name + "mended softmax", options);
    options.layer_norm = TracedGain::kMended;
    add_both(table, name + "mended softmax and layer norm", options);
    options.activation = TracedGain::kMended;
    add_both(table, name + "mended", options);
  }
  return table;
}

template <class T>
TracingFigures tracing_figures(const TracedContributions<T>& traced, double tolerance) {
  const std::size_t count = traced.value.size();
  std::vector<double> sums(count, 0.0);
  double magnitudes = 0, magnitude_of_sums = 0;
  for (std::size_t i = 0; i < traced.contributions.size(); ++i) {
    sums[i % count] += double(traced.contributions[i]);
    magnitudes += std::abs(double(traced.contributions[i]));
  }
  for (const double sum : sums) magnitude_of_sums += std::abs(sum);
  const TracedStep* first = first_departure(traced.steps, tolerance);
  return {traced.closeness(), magnitudes / magnitude_of_sums,
          first == nullptr ? "" : first->trace_point, traced.peak_bytes};
}

template TracingFigures tracing_figures(const TracedContributions<float>&, double);
template TracingFigures tracing_figures(const TracedContributions<double>&, double);

}  // namespace whyclip
