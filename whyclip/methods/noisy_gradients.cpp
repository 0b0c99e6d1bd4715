// Gradients of the target with respect to patch embeddings or pixels, averaged over random inputs.

#include <algorithm>
#include <cmath>

#include "whyclip/core/random.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/input_gradients.h"

namespace whyclip {
namespace {

constexpr int kMaxSamples = 100000;

MethodOption seed_option() { return MethodOption::count("seed", "random seed", 0, 0, 2147483647); }

/// The image's input plus normal noise; the standard deviation is a fraction of the input's range.
InputSpace::Fill with_noise(const InputSpace& space, const MethodSettings& settings) {
  const auto [least, most] = std::ranges::minmax(space.image());
  const double deviation = settings.number("noise") * (double(most) - double(least));
  const auto seed = std::uint64_t(settings.count("seed"));
  return [&space, deviation, seed](int copy, std::span<float> input) {
    const std::vector<double> noise = normal_values(seed, std::uint64_t(copy), input.size());
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = float(double(space.image()[i]) + deviation * noise[i]);
    }
  };
}

Attribution smoothgrad(ExplanationContext& context, const MethodSettings& settings,
                       const Progress& progress) {
  const InputSpace space(context, settings.word("on"));
  const int samples = settings.count("samples");
  const bool squared = settings.word("variant") == "squared";
  std::vector<double> mean(space.size(), 0.0);
  space.each_gradient(
      samples, with_noise(space, settings),
      [&](int, double, std::span<const float> gradient) {
        for (std::size_t i = 0; i < mean.size(); ++i) {
          const double g = gradient[i];
          mean[i] += (squared ? g * g : g) / samples;
        }
      },
      "gradients of noisy copies", progress);
  return {.patches = space.patch_means(mean, channels_of(settings))};
}

Attribution vargrad(ExplanationContext& context, const MethodSettings& settings,
                    const Progress& progress) {
  const InputSpace space(context, settings.word("on"));
  const int samples = settings.count("samples");
  std::vector<double> mean(space.size(), 0.0), variance(space.size(), 0.0);
  // Welford's recurrence: the mean of squares minus the square of the mean would cancel.
  space.each_gradient(
      samples, with_noise(space, settings),
      [&](int copy, double, std::span<const float> gradient) {
        for (std::size_t i = 0; i < mean.size(); ++i) {
          const double before = double(gradient[i]) - mean[i];
          mean[i] += before / (copy + 1);
          variance[i] += before * (double(gradient[i]) - mean[i]) / samples;
        }
      },
      "gradients of noisy copies", progress);
  return {.patches = space.patch_means(variance, channels_of(settings))};
}

/// Uniform in (0, 1), from a normal draw.
double uniform_of(double normal) { return 0.5 * std::erfc(-normal / std::sqrt(2.0)); }

/// Baselines of expected gradients without a data set. The first two draws of a copy's random
/// stream give its position on the path and the width of the blur; the others are its noise.
class Baselines {
 public:
  Baselines(const InputSpace& space, const MethodSettings& settings)
      : space_(space),
        noise_(settings.word("baselines") == "noise"),
        seed_(std::uint64_t(settings.count("seed"))) {}

  struct Drawn {
    double alpha;
    std::vector<float> values;
  };
  Drawn draw(int copy) const {
    const std::span<const float> x = space_.image();
    const std::vector<double> normal =
        normal_values(seed_, std::uint64_t(copy), noise_ ? x.size() + 2 : 2);
    Drawn result{uniform_of(normal[0]), {x.begin(), x.end()}};
    const CellGrid& cells = space_.cells();
    if (!noise_) {
      low_pass(result.values, cells,
               uniform_of(normal[1]) * 0.5 * double(std::max(cells.rows, cells.columns)));
      return result;
    }
    for (std::int64_t k = 0; k < cells.channels; ++k) {
      const auto [mean, deviation] = spread(k);
      for (std::int64_t c = 0; c < cells.cells(); ++c) {
        const auto i = std::size_t(cells.at(c, k));
        result.values[i] = float(mean + deviation * normal[i + 2]);
      }
    }
    return result;
  }

 private:
  std::pair<double, double> spread(std::int64_t channel) const {
    const CellGrid& cells = space_.cells();
    double sum = 0, squares = 0;
    for (std::int64_t c = 0; c < cells.cells(); ++c) {
      sum += double(space_.image()[std::size_t(cells.at(c, channel))]);
    }
    const double count = double(cells.cells()), mean = sum / count;
    for (std::int64_t c = 0; c < cells.cells(); ++c) {
      const double d = double(space_.image()[std::size_t(cells.at(c, channel))]) - mean;
      squares += d * d;
    }
    return {mean, std::sqrt(squares / count)};
  }

  const InputSpace& space_;
  bool noise_;
  std::uint64_t seed_;
};

/// E over baselines b and α of (x − b) ∂S(b + α (x − b))
Attribution expected_gradients(ExplanationContext& context, const MethodSettings& settings,
                               const Progress& progress) {
  const InputSpace space(context, settings.word("on"));
  const Baselines baselines(space, settings);
  const std::span<const float> x = space.image();
  const int samples = settings.count("samples");
  std::vector<double> contributions(space.size(), 0.0);
  std::vector<Baselines::Drawn> batch(std::size_t(samples), Baselines::Drawn{});
  space.each_gradient(
      samples,
      [&](int copy, std::span<float> input) {
        Baselines::Drawn& drawn = batch[std::size_t(copy)] = baselines.draw(copy);
        for (std::size_t i = 0; i < input.size(); ++i) {
          const double b = drawn.values[i];
          input[i] = float(b + drawn.alpha * (double(x[i]) - b));
        }
      },
      [&](int copy, double, std::span<const float> gradient) {
        const std::vector<float> base = std::move(batch[std::size_t(copy)].values);
        for (std::size_t i = 0; i < contributions.size(); ++i) {
          contributions[i] += (double(x[i]) - double(base[i])) * double(gradient[i]) / samples;
        }
      },
      "gradients between image and baselines", progress);
  Attribution result{.patches = space.patch_sums(contributions, Channels::kSum)};
  double mean = 0;
  for (const double value : space.values(
           samples,
           [&](int copy, std::span<float> input) {
             std::ranges::copy(baselines.draw(copy).values, input.begin());
           },
           "baselines", progress)) {
    mean += value / samples;
  }
  result.elsewhere = mean;
  result.total = context.value();
  result.notes.push_back(delta_note(result) +
                         "; it decreases with the square root of the number of samples");
  return result;
}

MethodOption samples_option(int default_value, int least) {
  return MethodOption::count("samples", "number of random inputs", default_value, least,
                             kMaxSamples);
}

MethodOption noise_option() {
  return MethodOption::number(
      "noise", "standard deviation of the noise as a fraction of the input's range", 0.15, 0, 10);
}

Method smoothgrad_method() {
  return {
      {.name = "smoothgrad",
       .family = MethodFamily::kGradient,
       .summary = "|mean gradient| over noisy inputs",
       .reference = "Smilkov et al., SmoothGrad, 2017, section 3; squared: mean of squared "
                    "gradients, Hooker et al., A Benchmark for Interpretability Methods, "
                    "2019",
       .cost = "samples · (F + B)",
       .is_signed = false,
       .options = {InputSpace::option(), channels_option({"sum", "max", "norm"}),
                   MethodOption::choice("variant", "averaged quantity", {"gradient", "squared"}),
                   samples_option(100, 1).with_quick("6"), noise_option(), seed_option()}},
      smoothgrad};
}

Method vargrad_method() {
  return {{.name = "vargrad",
           .family = MethodFamily::kGradient,
           .summary = "variance of the gradient over noisy inputs",
           .reference = "Adebayo et al., Local Explanation Methods for Deep Neural Networks Lack "
                        "Sensitivity to Parameter Values, 2018, section 2",
           .cost = "samples · (F + B)",
           .is_signed = false,
           .options = {InputSpace::option(), channels_option({"sum", "max", "norm"}),
                       samples_option(200, 2).with_quick("6"), noise_option(), seed_option()}},
          vargrad};
}

Method expected_gradients_method() {
  return {
      {.name = "expected-gradients",
       .family = MethodFamily::kGradient,
       .summary = "integrated gradients averaged over random baselines",
       .reference = "Erion et al., Improving Performance of Deep Learning Models with Axiomatic "
                    "Attribution Priors and Expected Gradients, 2021, eq. 3; baselines are made "
                    "from the image instead of drawn from the training images",
       .cost = "samples · (2 F + B)",
       .in_logits = true,
       .has_total = true,
       .options = {InputSpace::option(),
                   MethodOption::choice("baselines",
                                        "noise with each channel's mean and standard deviation, or "
                                        "the blurred image (up to half of its side)",
                                        {"noise", "blur"}),
                   samples_option(128, 1).with_quick("6"), seed_option()}},
      expected_gradients};
}

}  // namespace

std::vector<Method> noisy_gradient_methods() {
  return {smoothgrad_method(), vargrad_method(), expected_gradients_method()};
}

}  // namespace whyclip
