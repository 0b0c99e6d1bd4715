#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// The target's value while patches are removed in equal steps, from none to all.
struct RemovalCurve {
  std::vector<double> score = {};  ///< the target's value, (steps + 1)
  /// 1 if the target class is predicted, otherwise 0, (steps + 1); empty without a target class.
  std::vector<double> correct = {};
};

struct RemovalCurves {
  RemovalCurve most_first = {};   ///< most relevant removed first (MoRF)
  RemovalCurve least_first = {};  ///< least relevant removed first (LeRF)
};

/// Whether the model's behaviour supports a map.
enum class Verdict {
  kSupported,            ///< better than random orders and the order from the centre outwards
  kWeak,                 ///< better than random orders only, or in one direction only
  kNotBetterThanRandom,  ///< not better than random orders
};

/// "supported", "weak", "not better than random".
std::string_view name_of(Verdict verdict);

/// The evidence for one map of one image. Curves are the target's value while the tokens of patches
/// are removed.
struct Certificate {
  RemovalCurves curves = {};  ///< for the map's order
  double deletion = 0;   ///< area under the curve, most relevant removed first; lower is better
  double insertion = 0;  ///< area under the curve, least relevant removed first; higher is better
  double gain = 0;       ///< insertion − deletion (symmetric relevance gain)
  std::vector<double> random_gains =
      {};  ///< gains of the random orders, each followed by its reverse's
  std::vector<double> random_curve = {};  ///< mean target value over the random orders at each step
  double random_area =
      0;  ///< area under random_curve: mean deletion and mean insertion of the random orders
  double gaussian_gain = 0;  ///< gain of the order from the centre outwards
  double p_value = 1;        ///< one-sided p-value of the gain, see certify
  /// |score − Σ contributions| / |score|, if the method is complete.
  std::optional<double> residual = {};
  std::optional<double> stability =
      {};  ///< mean rank correlation with the maps of the noisy images
  Verdict verdict = Verdict::kNotBetterThanRandom;
  /// The evidence in plain words, without the verdict: "removing patches in this map's order …"
  std::string sentence = {};

  /// Verdict and sentence: "Supported: removing patches in this map's order …".
  std::string text() const;
};

}  // namespace whyclip
