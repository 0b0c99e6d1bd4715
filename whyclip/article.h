#pragma once

// The public interface of whyclip/article, which a build may leave out (WHYCLIP_ARTICLE).

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/article/deoptimisation_check.h"
#include "whyclip/article/deoptimisation_loss.h"
#include "whyclip/article/deoptimisation_map.h"
#include "whyclip/article/published_tracing.h"
#include "whyclip/article/tracing_ablation.h"
#include "whyclip/article/tracing_comparison.h"
#include "whyclip/deoptimise.h"
#include "whyclip/pages/article_pages.h"
#include "whyclip/pages/deoptimisation_animation.h"
#include "whyclip/pages/tracing_maps.h"
#include "whyclip/tracing.h"
