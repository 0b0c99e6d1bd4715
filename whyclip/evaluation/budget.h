#pragma once

#include <map>
#include <string>

namespace whyclip {

/// Reduced options for expensive methods and metrics, so that the whole catalogue runs on hundreds
/// of images; empty if the defaults are cheap enough. Results must state them. Curves: over 51 maps
/// of each of twelve drawings, areas over these few steps rank the methods as areas over ten steps
/// of pixels (twenty of tokens) do, with a rank correlation of 0.95 to 0.99.
std::map<std::string, std::string> quick_budget(const std::string& name);

}  // namespace whyclip
