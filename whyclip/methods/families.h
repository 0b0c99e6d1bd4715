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
Method head_tokens_method();  // clip_methods has it too
std::vector<Method> perturbation_methods();

}  // namespace whyclip
