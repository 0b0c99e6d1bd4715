// Gradients of the target by patch embeddings or pixels: plain, times the input, and along a path.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
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

/// The straight way from a baseline b to the image x, and Σ (x − b) ∫ ∂S(b + α (x − b)) dα along
/// it, in pieces: near a steep place of S no fixed number of nodes is enough. Space is an
/// InputSpace or a TokenSpace.
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
    add_piece(0, 1);
  }

  /// Halves the piece whose contributions miss the difference of S between its ends by most, until
  /// all together miss no more than the tolerance, or there are too many.
  void refine(double tolerance) {
    while (pieces_.size() < kMostPieces) {
      double missing = 0;
      for (const Piece& piece : pieces_) missing += piece.missing;
      if (missing <= tolerance) return;
      const auto worst = std::ranges::max_element(pieces_, {}, &Piece::missing);
      const double begin = worst->begin, end = worst->end;
      pieces_.erase(worst);
      add_piece(begin, (begin + end) / 2);
      add_piece((begin + end) / 2, end);
    }
  }

  std::size_t pieces() const { return pieces_.size(); }
  std::vector<double> contributions() const {
    std::vector<double> sum(space_.size(), 0.0);
    for (const Piece& piece : pieces_) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += piece.contributions[i];
    }
    return sum;
  }

  double value(double alpha) {
    const auto known = values_.find(alpha);
    if (known != values_.end()) return known->second;
    const auto fill = [&](int, std::span<float> input) { position(alpha, input); };
    return values_[alpha] = space_.values(1, fill, "ends of the path", progress_)[0];
  }

 private:
  struct Piece {
    double begin, end;
    double missing;  ///< |S(end) − S(begin) − Σ contributions|
    std::vector<double> contributions;
  };
  static constexpr std::size_t kMostPieces = 32;

  double way(std::size_t i) const { return double(input_[i]) - double(base_[i]); }

  void position(double alpha, std::span<float> input) const {
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = float(double(base_[i]) + alpha * way(i));
    }
  }

  void add_piece(double begin, double end) {
    std::vector<double> contributions(space_.size(), 0.0);
    space_.each_gradient(
        int(rule_.nodes.size()),
        [&](int node, std::span<float> input) {
          position(begin + (end - begin) * rule_.nodes[std::size_t(node)], input);
        },
        [&](int node, double, std::span<const float> gradient) {
          const double weight = (end - begin) * rule_.weights[std::size_t(node)];
          for (std::size_t i = 0; i < contributions.size(); ++i) {
            contributions[i] += weight * way(i) * double(gradient[i]);
          }
        },
        "integrating gradients", progress_);
    const double sum = std::accumulate(contributions.begin(), contributions.end(), 0.0);
    pieces_.push_back(
        {begin, end, std::abs(value(end) - value(begin) - sum), std::move(contributions)});
  }

  const Space& space_;
  std::span<const float> input_;
  std::vector<float> base_;
  Quadrature rule_;
  const Progress& progress_;
  std::vector<Piece> pieces_;
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
                  fmt::format("the path in {} piece{} of {} nodes", path.pieces(),
                              path.pieces() == 1 ? "" : "s", settings.count("nodes"))};
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
  return {
      {.name = "saliency",
       .family = MethodFamily::kGradient,
       .summary = "how much the target changes with a small change of a patch: |gradient|",
       .reference = "Simonyan et al., Deep Inside Convolutional Networks, 2014, section 3.1; over "
                    "the pixels of a patch the mean",
       .cost = "F + B",
       .is_signed = false,
       .options = {InputSpace::option(), channels_option({"max", "sum", "norm"})}},
      saliency,
      saliency_of_words};
}

Method input_times_gradient_method() {
  return {{.name = "input-x-gradient",
           .family = MethodFamily::kGradient,
           .summary = "input · gradient, summed over channels: the target's first-order change if "
                      "a patch became zero",
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
       .summary = "gradients along the straight path from a baseline, times the way; adds up "
                  "to the target minus its value at the baseline",
       .reference = "Sundararajan et al., Axiomatic Attribution for Deep Networks, 2017, eq. 1; "
                    "by Gauss–Legendre nodes; one piece (tolerance 0) is the plain rule",
       .cost = "2 F + nodes · (F + B), more where the path is halved",
       .complete = true,
       .in_logits = true,
       .options = {InputSpace::option(), InputSpace::baseline_option(),
                   MethodOption::count("nodes", "of each piece of the path", 32, 1, 64),
                   MethodOption::number("tolerance",
                                        "of the contributions' sum, as a part of 1 + |target|: the "
                                        "path is halved where they miss it most, into at most "
                                        "32 pieces; 0: never",
                                        1e-3, 0, 1)}},
      integrated_gradients,
      integrated_gradients_of_words};
}

}  // namespace

std::vector<Method> gradient_methods() {
  std::vector<Method> methods{saliency_method(), input_times_gradient_method(),
                              integrated_gradients_method()};
  std::ranges::move(noisy_gradient_methods(), std::back_inserter(methods));
  return methods;
}

}  // namespace whyclip
