#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// What becomes of the target while patches go, in equal steps from none to all.
struct RemovalCurve {
  std::vector<double> score = {};  ///< the target's value, (steps + 1)
  /// 1 while the target class is the best of all, otherwise 0, (steps + 1); empty where no
  /// class is asked about.
  std::vector<double> right = {};
};

struct RemovalCurves {
  RemovalCurve most_first = {};   ///< the most relevant go first (MoRF)
  RemovalCurve least_first = {};  ///< the least relevant go first (LeRF)
};

/// Whether the model bears a map out.
enum class Verdict {
  kSupported,            ///< better than random orders and than the order from the centre outwards
  kWeak,                 ///< better than random orders only, or in one direction only
  kNotBetterThanRandom,  ///< not better than random
};

/// "supported", "weak", "not better than random".
std::string_view name_of(Verdict verdict);

/// What speaks for one map of one image. Curves are of the target's value while patches' tokens
/// are left out.
struct Certificate {
  RemovalCurves curves = {};  ///< in the map's order
  double deletion = 0;        ///< area under most relevant first; lower is better
  double insertion = 0;       ///< area under least relevant first; higher is better
  double gain = 0;            ///< insertion − deletion (symmetric relevance gain)
  std::vector<double> random_gains =
      {};  ///< of the random orders, each with its reverse's after it
  std::vector<double> random_curve = {};  ///< mean target value over the random orders, by step
  double random_area = 0;    ///< under it: their mean deletion, and their mean insertion
  double gaussian_gain = 0;  ///< of the order from the centre outwards
  double p_value = 1;        ///< of the gain, one-sided, see certify
  std::optional<double> residual =
      {};  ///< |score − Σ contributions| / |score|, if the map claims to add up
  std::optional<double> stability = {};  ///< mean rank correlation with the maps of noisy images
  Verdict verdict = Verdict::kNotBetterThanRandom;
  std::string sentence = {};  ///< for a reader who knows none of the numbers
};

}  // namespace whyclip
