// Information bottlenecks in the residual stream before a late block: with noise (M2IB) and without
// noise (NIB).

#include <algorithm>
#include <cmath>

#include "whyclip/core/optimiser.h"
#include "whyclip/core/random.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/game.h"
#include "whyclip/methods/input_gradients.h"

namespace whyclip {
namespace {

/// Token rows of recorded copies per batch: ViT-L's last blocks need less than 1 GB for them.
constexpr int kMostRows = 2048;

/// The residual stream before the last blocks, and modified copies of it.
class Stream {
 public:
  Stream(ExplanationContext& context, int last_blocks)
      : context_(context),
        block_(std::max(0, block_count(context) - last_blocks)),
        tokens_(context.recorded().record().at(block_input(block_))) {}

  /// The image's residual stream, (1 + patches, width), class token first.
  const Tensor& tokens() const { return tokens_; }

  /// The target's value and gradient for copies of the stream written by `fill`, in order.
  void each_gradient(int count, const InputSpace::Fill& fill, const InputSpace::Take& take,
                     std::string_view stage, const Progress& progress) const {
    const std::string point = block_input(block_);
    const std::size_t each = tokens_.size();
    each_copy_gradient(
        context_, count, std::max(1, kMostRows / int(tokens_.rows())),
        [&](Trace& trace, int begin, int some) {
          Tensor copies = context_.workspace().tensor(some * tokens_.rows(), tokens_.width());
          for (int i = 0; i < some; ++i) {
            fill(begin + i, copies.values().subspan(std::size_t(i) * each, each));
          }
          return context_.clip().vision().encode_from(trace, trace.input(point, std::move(copies)),
                                                      block_, some, LastBlock::kPooledOnly);
        },
        point, take, stage, progress);
  }

  /// Sums over the channels of each token.
  std::vector<double> by_token(std::span<const double> values) const {
    std::vector<double> sums(std::size_t(tokens_.rows()), 0.0);
    const auto width = std::size_t(tokens_.width());
    for (std::size_t i = 0; i < values.size(); ++i) sums[i / width] += values[i];
    return sums;
  }

 private:
  ExplanationContext& context_;
  int block_;
  const Tensor& tokens_;
};

MethodOption last_option(int default_value) {
  return MethodOption::count("last", "number of blocks after the bottleneck", default_value, 1,
                             999);
}

/// The mask λ = 1 / (1 + e^−α) of one entry: t = λ x + (1 − λ) ε.
struct Mask {
  explicit Mask(double alpha)
      : kept(1 / (1 + std::exp(-alpha))), noise(1 / (1 + std::exp(alpha))) {}
  double kept, noise;  ///< λ and 1 − λ, computed separately against cancellation

  /// KL(N(λ x, (1 − λ)²) ‖ N(0, 1))
  double information(double x) const {
    const double mean = kept * x;
    return 0.5 * (mean * mean + noise * noise - 1) - std::log(noise);
  }
  /// The derivative of the information with respect to α.
  double slope(double x) const { return (1 / noise + kept * x * x - noise) * kept * noise; }
};

struct BottleneckOptions {
  double beta, rate;
  int steps, copies;
  std::uint64_t seed;
};

/// α of each entry after steps − 1 steps of Adam on the loss β · mean KL − mean cos(z, direction),
/// starting from 5.
std::vector<float> fitted_bottleneck(const ExplanationContext& context, const Stream& stream,
                                     const BottleneckOptions& options, const Progress& progress) {
  const auto x = stream.tokens().values();
  const std::vector<float>& direction = context.target().direction;
  double square = 0;
  for (const float d : direction) square += double(d) * double(d);
  const double length = std::sqrt(square), entries = double(x.size());
  constexpr float kInitialAlpha = 5;
  std::vector<float> alpha(x.size(), kInitialAlpha), gradient(x.size(), 0.0f);
  Descent descent(Optimiser::kAdam, options.rate, {}, x.size());
  for (int step = 0; step + 1 < options.steps; ++step) {
    const std::int64_t before = std::int64_t(step) * options.copies,
                       total = std::int64_t(options.steps - 1) * options.copies;
    std::vector<std::vector<double>> noise(std::size_t(options.copies), std::vector<double>{});
    std::vector<double> fit(x.size(), 0.0);
    stream.each_gradient(
        options.copies,
        [&](int copy, std::span<float> input) {
          std::vector<double>& drawn = noise[std::size_t(copy)] =
              normal_values(options.seed, std::uint64_t(before) + std::uint64_t(copy), x.size());
          for (std::size_t i = 0; i < x.size(); ++i) {
            const Mask mask(alpha[i]);
            input[i] = float(mask.kept * double(x[i]) + mask.noise * drawn[i]);
          }
        },
        [&](int copy, double, std::span<const float> g) {
          const std::vector<double> drawn = std::move(noise[std::size_t(copy)]);
          for (std::size_t i = 0; i < x.size(); ++i) {
            fit[i] += double(g[i]) * (double(x[i]) - drawn[i]) / (length * options.copies);
          }
        },
        "noisy copies",
        [&](std::string_view stage, std::int64_t done, std::int64_t) {
          return !progress || progress(stage, before + done, total);
        });
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Mask mask(alpha[i]);
      gradient[i] =
          float(options.beta / entries * mask.slope(x[i]) - fit[i] * mask.kept * mask.noise);
    }
    descent.step(gradient, alpha);
  }
  return alpha;
}

/// Σ_k KL of each patch's entries.
Attribution m2ib(ExplanationContext& context, const MethodSettings& settings,
                 const Progress& progress) {
  const Stream stream(context, settings.count("last"));
  const std::vector<float> alpha = fitted_bottleneck(context, stream,
                                                     {.beta = settings.number("beta"),
                                                      .rate = settings.number("rate"),
                                                      .steps = settings.count("steps"),
                                                      .copies = settings.count("copies"),
                                                      .seed = seed_of(settings)},
                                                     progress);
  std::vector<double> information;
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    information.push_back(Mask(alpha[i]).information(stream.tokens().values()[i]));
  }
  return {.patches = patches_of(stream.by_token(information))};
}

/// Σ_k x_k · mean over i = 1 … n of ∂S/∂x_k at (i / n) x
Attribution nib(ExplanationContext& context, const MethodSettings& settings,
                const Progress& progress) {
  const Stream stream(context, settings.count("last"));
  const auto x = stream.tokens().values();
  const int steps = settings.count("steps");
  std::vector<double> contributions(x.size(), 0.0);
  double empty_value = 0;
  stream.each_gradient(
      steps + 1,
      [&](int step, std::span<float> input) {
        const double kept = double(step) / steps;
        for (std::size_t i = 0; i < x.size(); ++i) input[i] = float(kept * double(x[i]));
      },
      [&](int step, double value, std::span<const float> g) {
        if (step == 0) empty_value = value;
        for (std::size_t i = 0; i < x.size() && step > 0; ++i) {
          contributions[i] += double(x[i]) * double(g[i]) / steps;
        }
      },
      "gradients along the narrowing bottleneck", progress);
  const std::vector<double> tokens = stream.by_token(contributions);
  Attribution result{.patches = patches_of(tokens)};
  result.elsewhere = empty_value + tokens[0];
  result.total = context.value();
  result.notes = {delta_note(result)};
  return result;
}

Method m2ib_method() {
  return {
      {.name = "m2ib",
       .family = MethodFamily::kClip,
       .summary = "information of each patch's token that an optimised noisy bottleneck before the "
                  "last blocks transmits",
       .reference = "Wang et al., Visual Explanations of Image-Text Representations via "
                    "Multi-Modal Information Bottleneck Attribution, 2023, as in the authors' code "
                    "for the image tower",
       .cost = "F + (steps − 1) · copies · (F + B of the last blocks)",
       .is_signed = false,
       .options =
           {last_option(2),
            MethodOption::number("beta", "weight of the transmitted information in the loss", 0.1,
                                 0, 1e6),
            MethodOption::number("rate", "learning rate of Adam", 1, 1e-6, 1e3),
            MethodOption::count("steps", "steps of Adam; the last one evaluates without an update",
                                10, 2, 1000),
            MethodOption::count("copies", "noise samples per step", 10, 1, 1000).with_quick("2"),
            seed_option()}},
      m2ib};
}

Method nib_method() {
  return {{.name = "nib",
           .family = MethodFamily::kClip,
           .summary = "integrated gradients from zero of the patch tokens before the last blocks: "
                      "the noiseless limit of an information bottleneck",
           .reference = "Zhu et al., Narrowing Information Bottleneck Theory, 2025, as in the "
                        "authors' code for the image tower, without min-max normalisation",
           .cost = "F + (steps + 1) · (F + B of the last blocks)",
           .in_logits = true,
           .has_total = true,
           .options = {last_option(3),
                       MethodOption::count("steps", "steps of the integration path", 10, 1, 1000)}},
          nib};
}

}  // namespace

std::vector<Method> bottleneck_methods() { return {m2ib_method(), nib_method()}; }

}  // namespace whyclip
