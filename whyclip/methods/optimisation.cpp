// Methods that optimise a mask over the image.

#include "whyclip/methods/extremal_perturbation.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/meaningful_perturbation.h"

namespace whyclip {

std::vector<Method> optimisation_methods() {
  return {meaningful_perturbation_method(), extremal_perturbation_method()};
}

}  // namespace whyclip
