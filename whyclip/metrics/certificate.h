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

/// Whether the model bears a map out.
enum class Verdict {
  kSupported,            ///< better than random orders and than the order from the centre outwards
  kWeak,                 ///< better than random orders only, or in one direction only
  kNotBetterThanRandom,  ///< not better than random
};

/// "supported", "weak", "not better than random".
std::string_view name_of(Verdict verdict);

struct CertificateOptions {
  int pairs = 20;        ///< random orders with their reverses: p-values from 1 / (2 pairs + 1)
  int steps = 4;         ///< of the curves
  int noisy = 4;         ///< noisy images; 0: stability is not measured
  double radius = 0.02;  ///< of the noise, as a part of the pixels' range
  std::uint64_t seed = 0;
};

/// What speaks for one map of one image. Curves are of the target's value while patches' tokens
/// are left out.
struct Certificate {
  RemovalCurves curves;              ///< in the map's order
  double deletion = 0;               ///< area under most relevant first; lower is better
  double insertion = 0;              ///< area under least relevant first; higher is better
  double gain = 0;                   ///< insertion − deletion (symmetric relevance gain)
  std::vector<double> random_gains;  ///< of the random orders, each with its reverse's after it
  std::vector<double> random_curve;  ///< mean target value over the random orders, by step
  double random_area = 0;            ///< under it: their mean deletion, and their mean insertion
  double gaussian_gain = 0;          ///< of the order from the centre outwards
  double p_value = 1;                ///< of the gain, one-sided, see certify
  std::optional<double>
      residual;  ///< |score − Σ contributions| / |score|, if the map claims to add up
  std::optional<double> stability;  ///< mean rank correlation with the maps of noisy images
  Verdict verdict = Verdict::kNotBetterThanRandom;
  std::string sentence;  ///< for a reader who knows none of the numbers
};

/// A map to be certified.
struct ClaimedMap {
  std::span<const float> patches;
  /// score − Σ of all contributions, if the map claims to add up.
  std::optional<double> residual = {};
  /// The same method's map of another image of the same size, for stability; may be empty.
  std::function<std::vector<float>(const Preprocessed&)> again = {};
};

/// Compares the map's gain with that of random orders of the same patches: a permutation test,
/// p = (1 + #{random gain ≥ gain}) / (1 + orders) (Phipson and Smyth 2010, eq. 2). An order and its
/// reverse, whose curves are the same exchanged, are both random orders: two for the price of one,
/// and the test stays valid: ranks of |gain| among the pairs are uniform, their signs even.
/// Supported: p ≤ 0.05, deletion and insertion each better than the random mean, and a larger
/// gain than the order of a centred Gaussian. Weak: p ≤ 0.05 only. Throws Error for options out of
/// range; Cancelled.
Certificate certify(ExplanationContext& context, const ClaimedMap& map,
                    const CertificateOptions& options = {}, const Progress& progress = {});

}  // namespace whyclip
