#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/cell_grid.h"
#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// How the channels of a patch or pixel become one number.
enum class Channels {
  kAbsoluteSum,      ///< Σ |v|
  kLargestAbsolute,  ///< max |v|
  kNorm,             ///< ‖v‖₂
  kSum,              ///< Σ v, signed
};

/// The one number.
double reduced(std::span<const double> values, Channels channels);

/// What the target is differentiated by: a context's patch embeddings, before class token and
/// positions, or its normalised pixels; and other inputs in their place. The gradient is the true
/// one of direction · z/‖z‖, norms, pattern and gates included. The Subject must outlive it.
class InputSpace {
 public:
  using Fill = std::function<void(int copy, std::span<float> input)>;
  using Take = std::function<void(int copy, double value, std::span<const float> gradient)>;

  /// `on` is "patches" or "pixels".
  InputSpace(ExplanationContext& context, std::string_view on);
  static MethodOption option();  ///< "on"

  /// The image's own input, as the tower reads it: (patches, width), or planes of pixels.
  std::span<const float> image() const { return image_; }
  std::size_t size() const { return image_.size(); }
  /// Channels on a grid of patches or of pixels.
  const CellGrid& cells() const { return cells_; }

  /// The gradient at the image, from its record: one backward pass.
  std::vector<float> gradient(const Progress& progress) const;
  /// For the copies 0 … count − 1 of the input, each as `fill` makes it: the target's value and its
  /// gradient, or that at another trace point, given to `take` in this order. Copies are computed
  /// in batches; none depends on the others or on the number of threads. Throws Error naming the
  /// trace point if something is not finite; Cancelled.
  void each_gradient(int count, const Fill& fill, const Take& take, std::string_view stage,
                     const Progress& progress, std::string_view at = {}) const;
  /// The target's values at such copies: forward passes only.
  std::vector<double> values(int count, const Fill& fill, std::string_view stage,
                             const Progress& progress) const;

  /// "zero": zeros (for pixels the mean colour of the training images); "mean": the mean of each
  /// channel over this image; "black": black pixels, or the embeddings of black patches.
  std::vector<float> baseline(std::string_view name) const;
  static MethodOption baseline_option();

  /// One number for each patch: channels reduced, then pixels of a patch summed, or averaged.
  std::vector<float> patch_sums(std::span<const double> values, Channels channels) const;
  std::vector<float> patch_means(std::span<const double> values, Channels channels) const;

 private:
  Value embeddings(Trace& trace, int begin, int count, const Fill& fill) const;
  std::vector<double> by_patch(std::span<const double> values, Channels channels) const;

  ExplanationContext& context_;
  std::string trace_point_;
  std::span<const float> image_;
  CellGrid cells_;
  int side_;  ///< cells of a patch along one side
};

/// Puts copies begin … begin + count − 1 of something into a trace and takes them to the image
/// embedding, (count, projection).
using EmbedCopies = std::function<Value(Trace& trace, int begin, int count)>;
/// What InputSpace::each_gradient is made of: the target's value and gradient at a trace point for
/// copies of whatever `embed` makes, up to `together` of them computed at once.
void each_copy_gradient(const ExplanationContext& context, int count, int together,
                        const EmbedCopies& embed, std::string_view at, const InputSpace::Take& take,
                        std::string_view stage, const Progress& progress);

/// The option "channels", the first being the default, and what it says.
MethodOption channels_option(std::vector<std::string> choices);
Channels channels_of(const MethodSettings& settings);

/// For the reader: by how much patches and elsewhere miss the total.
std::string delta_note(const Attribution& result);

}  // namespace whyclip
