// Methods that need only the target's value with some patches removed.

#include "whyclip/methods/banzhaf.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/kernel_shap.h"
#include "whyclip/methods/lime.h"
#include "whyclip/methods/occlusion.h"
#include "whyclip/methods/rise.h"
#include "whyclip/methods/shapley.h"
#include "whyclip/methods/submodular.h"
#include "whyclip/methods/tis.h"

namespace whyclip {

std::vector<Method> perturbation_methods() {
  return {occlusion_method(), rise_method(),          tis_method(),
          shapley_method(),   exact_shapley_method(), kernel_shap_method(),
          lime_method(),      banzhaf_method(),       submodular_method()};
}

}  // namespace whyclip
