#pragma once

#include <span>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/core/progress.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// The contributions of an image's patches by the published forward tracing in float64, for several
/// targets. The class token's includes its position embedding, and each token its part of the
/// biases; they do not add up to the logit. Throws Error if there are no targets, and as
/// published_tracing does; Cancelled.
std::vector<Contributions> published_contributions(const RecordedImage& recorded,
                                                   std::span<const Target> targets,
                                                   const Progress& progress = {});

/// The same as a method: "published".
Method published_method();

}  // namespace whyclip
