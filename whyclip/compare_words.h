#pragma once

#include <span>

#include "whyclip/compare.h"
#include "whyclip/core/progress.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"

namespace whyclip {

struct MethodWithSettings {
  const Method* method;
  MethodSettings settings;
};

/// Runs the methods that have a text side on every prompt of the context's target. The context must
/// have a classifier. Throws Error for a target that is not made of prompts, and as the methods do;
/// Cancelled.
ComparedWords compare_words(ExplanationContext& context,
                            std::span<const MethodWithSettings> methods,
                            const Progress& progress = {});

}  // namespace whyclip
