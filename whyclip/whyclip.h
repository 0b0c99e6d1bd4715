#pragma once

// The public interface, and nothing else.

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/core/error.h"
#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"
#include "whyclip/image/decode.h"
#include "whyclip/image/encode.h"
#include "whyclip/image/picture.h"
#include "whyclip/io/file.h"
#include "whyclip/io/npz.h"
#include "whyclip/render/overlay.h"
#include "whyclip/render/report.h"
#include "whyclip/rules/published_tracing.h"
#include "whyclip/rules/tracing_ablation.h"
#include "whyclip/text/templates.h"
#include "whyclip/zero_shot.h"
