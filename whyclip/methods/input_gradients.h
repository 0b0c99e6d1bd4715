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

/// Reduction of the channels of a patch or pixel to one number.
enum class Channels {
  kAbsoluteSum,      ///< Σ |v|
  kLargestAbsolute,  ///< max |v|
  kNorm,             ///< ‖v‖₂
  kSum,              ///< Σ v, signed
};

/// Applies the reduction.
double reduced(std::span<const double> values, Channels channels);

/// The space in which the target is differentiated: patch embeddings (before class token and
/// positions) or normalised pixels. Gradients are those of direction · z/‖z‖, not frozen. The
/// context must outlive it.
class InputSpace {
 public:
  using Fill = std::function<void(int copy, std::span<float> input)>;
  using Take = std::function<void(int copy, double value, std::span<const float> gradient)>;

  /// `on` is "patches" or "pixels".
  InputSpace(ExplanationContext& context, std::string_view on);
  static MethodOption option();  ///< "on"

  /// The image's input: (patches, width), or planes of pixels.
  std::span<const float> image() const { return image_; }
  std::size_t size() const { return image_.size(); }
  /// The layout of channels on the grid of patches or pixels.
  const CellGrid& cells() const { return cells_; }

  /// The gradient at the image, by one backward pass over its record.
  std::vector<float> gradient(const Progress& progress) const;
  /// For inputs 0 … count − 1, written by `fill`: passes the target's value and its gradient (with
  /// respect to the input, or at the trace point `at`) to `take`, in order. Inputs are computed in
  /// batches; results do not depend on batches or the number of threads. Throws Error with the
  /// trace point if a value is not finite; Cancelled.
  void each_gradient(int count, const Fill& fill, const Take& take, std::string_view stage,
                     const Progress& progress, std::string_view at = {}) const;
  /// The target's values at such inputs: forward passes only.
  std::vector<double> values(int count, const Fill& fill, std::string_view stage,
                             const Progress& progress) const;

  /// "zero": zeros (for pixels the mean colour of the training images); "mean": the mean of each
  /// channel over this image; "black": black pixels, or the embeddings of black patches.
  std::vector<float> baseline(std::string_view name) const;
  static MethodOption baseline_option();

  /// One number per patch: channels reduced, then summed or averaged over the pixels of the patch.
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

/// Computes the image embeddings of inputs begin … begin + count − 1 in a trace, (count,
/// projection).
using EmbedCopies = std::function<Value(Trace& trace, int begin, int count)>;
/// Passes the target's value and gradient at a trace point to `take` for each input of `embed`, in
/// batches of at most `batch`.
void each_copy_gradient(const ExplanationContext& context, int count, int batch,
                        const EmbedCopies& embed, std::string_view at, const InputSpace::Take& take,
                        std::string_view stage, const Progress& progress);

/// The option "channels"; the first choice is the default.
MethodOption channels_option(std::vector<std::string> choices);
Channels channels_of(const MethodSettings& settings);

/// A note with the completeness error: total − elsewhere − Σ patches.
std::string delta_note(const Attribution& result);

}  // namespace whyclip
