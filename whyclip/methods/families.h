#pragma once

#include <vector>

#include "whyclip/methods/method.h"

namespace whyclip {

// The methods of each family; one file each, or one for a close few. registry.cpp joins them.

std::vector<Method> contribution_methods();
std::vector<Method> gradient_methods();
std::vector<Method> noisy_gradient_methods();  // gradient_methods has them too
std::vector<Method> attention_methods();
Method transformer_attribution_method();  // attention_methods has it too
Method tokentm_method();                  // the same
std::vector<Method> cam_methods();
Method score_cam_method();  // cam_methods has it too
std::vector<Method> clip_methods();
std::vector<Method> bottleneck_methods();  // clip_methods has them too
Method head_tokens_method();               // clip_methods has it too
std::vector<Method> perturbation_methods();
std::vector<Method> optimisation_methods();
std::vector<Method> interaction_methods();

}  // namespace whyclip
