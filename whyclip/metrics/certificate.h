#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/methods/explanation_context.h"
#include "whyclip/metrics/removal_curves.h"

namespace whyclip {

/// Whether the model's behaviour supports a map.
enum class Verdict {
  kSupported,            ///< better than random orders and the order from the centre outwards
  kWeak,                 ///< better than random orders only, or in one direction only
  kNotBetterThanRandom,  ///< not better than random orders
};

/// "supported", "weak", "not better than random".
std::string_view name_of(Verdict verdict);

struct CertificateOptions {
  int pairs = 20;  ///< random orders with their reverses; the smallest p-value is 1 / (2 pairs + 1)
  int steps = 4;   ///< steps of the curves
  int noisy = 4;   ///< number of noisy images; 0: stability is not measured
  double radius = 0.02;  ///< radius of the noise as a fraction of the pixel range
  std::uint64_t seed = 0;
};

/// The evidence for one map of one image. Curves are the target's value while the tokens of patches
/// are removed.
struct Certificate {
  RemovalCurves curves;  ///< for the map's order
  double deletion = 0;   ///< area under the curve, most relevant removed first; lower is better
  double insertion = 0;  ///< area under the curve, least relevant removed first; higher is better
  double gain = 0;       ///< insertion − deletion (symmetric relevance gain)
  std::vector<double> random_gains;  ///< gains of the random orders, each followed by its reverse's
  std::vector<double> random_curve;  ///< mean target value over the random orders at each step
  double random_area =
      0;  ///< area under random_curve: mean deletion and mean insertion of the random orders
  double gaussian_gain = 0;  ///< gain of the order from the centre outwards
  double p_value = 1;        ///< one-sided p-value of the gain, see certify
  /// |score − Σ contributions| / |score|, if the method is complete.
  std::optional<double> residual;
  std::optional<double> stability;  ///< mean rank correlation with the maps of the noisy images
  Verdict verdict = Verdict::kNotBetterThanRandom;
  std::string sentence;  ///< the verdict in plain words
};

/// A map to certify.
struct ClaimedMap {
  std::span<const float> patches;
  /// score − Σ of all contributions, if the method is complete.
  std::optional<double> residual = {};
  /// The same method's map of another image of the same size, for stability; optional.
  std::function<std::vector<float>(const Preprocessed&)> again = {};
};

/// Compares the map's gain with the gains of random orders of the same patches: a permutation test
/// with p = (1 + #{random gain ≥ gain}) / (1 + orders) (Phipson and Smyth 2010, eq. 2). Each random
/// order is used with its reverse, which has the same two curves exchanged. The test remains valid:
/// the ranks of |gain| among the pairs are uniform and the signs symmetric. Supported: p ≤ 0.05,
/// deletion and insertion each better than the random mean, and a larger gain than the order of a
/// centred Gaussian. Weak: p ≤ 0.05 only. Throws Error for options out of range; Cancelled.
Certificate certify(ExplanationContext& context, const ClaimedMap& map,
                    const CertificateOptions& options = {}, const Progress& progress = {});

}  // namespace whyclip
