#pragma once

// The library's calls: open a checkpoint, read an image, ask a question, get a result struct.
// extend.h has what own rules, targets and methods are made of, front_end.h what programs show
// results with, article.h the calls of the original article.

#include "whyclip/classify.h"
#include "whyclip/clip.h"
#include "whyclip/compare.h"
#include "whyclip/concepts.h"
#include "whyclip/core/error.h"
#include "whyclip/describe_model.h"
#include "whyclip/evaluate.h"
#include "whyclip/explain.h"
#include "whyclip/heads.h"
#include "whyclip/hub/hub_options.h"
#include "whyclip/hub/resolve_model.h"
#include "whyclip/image/decode.h"
#include "whyclip/inspect.h"
#include "whyclip/io/file.h"
#include "whyclip/list_methods.h"
#include "whyclip/list_models.h"
#include "whyclip/list_rules.h"
#include "whyclip/regions.h"
#include "whyclip/remove.h"
#include "whyclip/zero_shot.h"
