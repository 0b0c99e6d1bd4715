#pragma once

#include <vector>

#include "whyclip/methods/method.h"

namespace whyclip {

// The methods of each family; one file each, or one for a close few. registry.cpp joins them.

std::vector<Method> contribution_methods();
std::vector<Method> gradient_methods();
std::vector<Method> noisy_gradient_methods();  // gradient_methods has them too
std::vector<Method> attention_methods();
std::vector<Method> cam_methods();
std::vector<Method> clip_methods();
std::vector<Method> perturbation_methods();
std::vector<Method> optimisation_methods();
std::vector<Method> interaction_methods();

}  // namespace whyclip
