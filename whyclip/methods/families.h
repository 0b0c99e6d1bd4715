#pragma once

#include <vector>

#include "whyclip/methods/method.h"

namespace whyclip {

// The methods of each family, joined by registry.cpp.

std::vector<Method> contribution_methods();
std::vector<Method> gradient_methods();
std::vector<Method> noisy_gradient_methods();  // part of gradient_methods
std::vector<Method> attention_methods();
Method transformer_attribution_method();  // part of attention_methods
Method tokentm_method();                  // part of attention_methods
std::vector<Method> cam_methods();
Method score_cam_method();  // part of cam_methods
std::vector<Method> clip_methods();
std::vector<Method> bottleneck_methods();  // part of clip_methods
Method head_tokens_method();               // part of clip_methods
std::vector<Method> perturbation_methods();
std::vector<Method> optimisation_methods();
std::vector<Method> interaction_methods();
/// The article's own methods, of several families; none in a build without whyclip/article.
std::vector<Method> article_methods();

}  // namespace whyclip
