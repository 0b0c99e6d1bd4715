// Methods that optimise the image or a mask over it.

#include "whyclip/methods/deoptimisation.h"
#include "whyclip/methods/extremal_perturbation.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/meaningful_perturbation.h"

namespace whyclip {

std::vector<Method> optimisation_methods() {
  return {deoptimisation_method(), meaningful_perturbation_method(),
          extremal_perturbation_method()};
}

}  // namespace whyclip
