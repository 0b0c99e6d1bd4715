// Gradients of the target with respect to patch embeddings or pixels: plain, times the input, and
// integrated along a path.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "whyclip/core/quadrature.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/input_gradients.h"
#include "whyclip/methods/prompt_gradients.h"

namespace whyclip {
namespace {

std::vector<double> doubles(std::span<const float> values) {
  return {values.begin(), values.end()};
}

Attribution saliency(ExplanationContext& context, const MethodSettings& settings,
                     const Progress& progress) {
  const InputSpace space(context, settings.word("on"));
  return {.patches = space.patch_means(doubles(space.gradient(progress)), channels_of(settings))};
}

Attribution input_times_gradient(ExplanationContext& context, const MethodSettings& settings,
                                 const Progress& progress) {
  const InputSpace space(context, settings.word("on"));
  std::vector<double> contributions = doubles(space.gradient(progress));
  for (std::size_t i = 0; i < contributions.size(); ++i)
    contributions[i] *= double(space.image()[i]);
  return {.patches = space.patch_sums(contributions, Channels::kSum)};
}

/// The straight line from a baseline b to the input x, and (x − b) ∫ ∂S(b + α (x − b)) dα along it,
/// integrated in segments, because a fixed number of nodes is not accurate where S is steep. Space
/// is InputSpace or TokenSpace.
template <class Space>
class Path {
 public:
  Path(const Space& space, std::span<const float> input, const MethodSettings& settings,
       const Progress& progress)
      : space_(space),
        input_(input),
        base_(space.baseline(settings.word("baseline"))),
        rule_(gauss_legendre(settings.count("nodes"))),
        progress_(progress) {
    add_segment(0, 1);
  }

  /// Halves the segment with the largest completeness error until the sum of the errors is at most
  /// the tolerance, or the number of segments is at its limit.
  void refine(double tolerance) {
    while (segments_.size() < kMaxSegments) {
      double error = 0;
      for (const Segment& segment : segments_) error += segment.error;
      if (error <= tolerance) return;
      const auto worst = std::ranges::max_element(segments_, {}, &Segment::error);
      const double begin = worst->begin, end = worst->end;
      segments_.erase(worst);
      add_segment(begin, (begin + end) / 2);
      add_segment((begin + end) / 2, end);
    }
  }

  std::size_t segments() const { return segments_.size(); }
  std::vector<double> contributions() const {
    std::vector<double> sum(space_.size(), 0.0);
    for (const Segment& segment : segments_) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += segment.contributions[i];
    }
    return sum;
  }

  double value(double alpha) {
    const auto known = values_.find(alpha);
    if (known != values_.end()) return known->second;
    const auto fill = [&](int, std::span<float> input) { point_at(alpha, input); };
    return values_[alpha] = space_.values(1, fill, "ends of the path", progress_)[0];
  }

 private:
  struct Segment {
    double begin, end;
    double error;  ///< |S(end) − S(begin) − Σ contributions|
    std::vector<double> contributions;
  };
  static constexpr std::size_t kMaxSegments = 32;

  double difference(std::size_t i) const { return double(input_[i]) - double(base_[i]); }

  void point_at(double alpha, std::span<float> input) const {
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = float(double(base_[i]) + alpha * difference(i));
    }
  }

  void add_segment(double begin, double end) {
    std::vector<double> contributions(space_.size(), 0.0);
    space_.each_gradient(
        int(rule_.nodes.size()),
        [&](int node, std::span<float> input) {
          point_at(begin + (end - begin) * rule_.nodes[std::size_t(node)], input);
        },
        [&](int node, double, std::span<const float> gradient) {
          const double weight = (end - begin) * rule_.weights[std::size_t(node)];
          for (std::size_t i = 0; i < contributions.size(); ++i) {
            contributions[i] += weight * difference(i) * double(gradient[i]);
          }
        },
        "integrating gradients", progress_);
    const double sum = std::accumulate(contributions.begin(), contributions.end(), 0.0);
    segments_.push_back(
        {begin, end, std::abs(value(end) - value(begin) - sum), std::move(contributions)});
  }

  const Space& space_;
  std::span<const float> input_;
  std::vector<float> base_;
  Quadrature rule_;
  const Progress& progress_;
  std::vector<Segment> segments_;
  std::map<double, double> values_;
};

template <class Space>
Path<Space> refined_path(const Space& space, std::span<const float> input, double value,
                         const MethodSettings& settings, const Progress& progress) {
  Path<Space> path(space, input, settings, progress);
  const double tolerance = settings.number("tolerance");
  if (tolerance > 0) path.refine(tolerance * (1 + std::abs(value)));
  return path;
}

Attribution integrated_gradients(ExplanationContext& context, const MethodSettings& settings,
                                 const Progress& progress) {
  const InputSpace space(context, settings.word("on"));
  auto path = refined_path(space, space.image(), context.value(), settings, progress);
  Attribution result{.patches = space.patch_sums(path.contributions(), Channels::kSum)};
  result.elsewhere = path.value(0);
  result.total = context.value();
  result.notes = {delta_note(result),
                  fmt::format("integration path: {} segment{} of {} nodes", path.segments(),
                              path.segments() == 1 ? "" : "s", settings.count("nodes"))};
  return result;
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

WordAttribution saliency_of_words(PromptContext& prompt, const MethodSettings& settings,
                                  const Progress& progress) {
  const TokenSpace space(prompt);
  const Channels channels = channels_of(settings);
  const auto tokens =
      space.by_tokens(doubles(space.gradient(progress)),
                      [&](std::span<const double> values) { return reduced(values, channels); });
  return {.words = by_words(prompt, tokens)};
}

WordAttribution input_times_gradient_of_words(PromptContext& prompt, const MethodSettings&,
                                              const Progress& progress) {
  const TokenSpace space(prompt);
  std::vector<double> contributions = doubles(space.gradient(progress));
  for (std::size_t i = 0; i < contributions.size(); ++i)
    contributions[i] *= double(space.input()[i]);
  return {.words = by_words(prompt, space.by_tokens(contributions, sum_of))};
}

WordAttribution integrated_gradients_of_words(PromptContext& prompt, const MethodSettings& settings,
                                              const Progress& progress) {
  const TokenSpace space(prompt);
  auto path = refined_path(space, space.input(), prompt.value(), settings, progress);
  const std::vector<double> tokens = space.by_tokens(path.contributions(), sum_of);
  return {.words = by_words(prompt, tokens),
          .elsewhere = path.value(0) + tokens.front() + tokens.back(),
          .total = prompt.value()};
}

Method saliency_method() {
  return {{.name = "saliency",
           .family = MethodFamily::kGradient,
           .summary = "|gradient| of the target with respect to each patch",
           .reference = "Simonyan et al., Deep Inside Convolutional Networks, 2014, section 3.1; "
                        "mean over the pixels of a patch",
           .cost = "F + B",
           .is_signed = false,
           .options = {InputSpace::option(), channels_option({"max", "sum", "norm"})}},
          saliency,
          saliency_of_words};
}

Method input_times_gradient_method() {
  return {
      {.name = "input-x-gradient",
       .family = MethodFamily::kGradient,
       .summary =
           "input × gradient, summed over channels: first-order effect of setting a patch to zero",
       .reference = "Shrikumar et al., Not Just a Black Box, 2016, section 2",
       .cost = "F + B",
       .in_logits = true,
       .options = {InputSpace::option()}},
      input_times_gradient,
      input_times_gradient_of_words};
}

Method integrated_gradients_method() {
  return {
      {.name = "integrated-gradients",
       .family = MethodFamily::kGradient,
       .summary = "gradients integrated along the straight line from a baseline, × (input − "
                  "baseline); complete",
       .reference = "Sundararajan et al., Axiomatic Attribution for Deep Networks, 2017, eq. 1, by "
                    "Gauss–Legendre quadrature with adaptive segments (tolerance=0: one segment)",
       .cost = "2 F + nodes · (F + B) per segment",
       .complete = true,
       .in_logits = true,
       .has_total = true,
       .options = {InputSpace::option(), InputSpace::baseline_option(),
                   MethodOption::count("nodes", "quadrature nodes per segment of the path", 32, 1,
                                       64)
                       .with_quick("12"),
                   MethodOption::number(
                       "tolerance",
                       "completeness tolerance as a fraction of 1 + |target|; segments are halved "
                       "until it holds, up to 32; 0: one segment",
                       1e-3, 0, 1)
                       .with_quick("0")}},
      integrated_gradients,
      integrated_gradients_of_words};
}

}  // namespace

std::vector<Method> gradient_methods() {
  return {saliency_method(), input_times_gradient_method(), integrated_gradients_method()};
}

}  // namespace whyclip
