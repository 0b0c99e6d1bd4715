#pragma once

#include <cstdint>
#include <string_view>

#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

/// Scores, softmax and mix of one attention: three ops if the trace records, otherwise one fused
/// kernel. q (queries, heads·d), k and v (keys, heads·d); returns z, (queries, heads·d).
Value attention(Trace& trace, std::string_view scope, const Value& q, const Value& k,
                const Value& v, const AttentionMaskPtr& mask, std::int64_t heads);

}  // namespace whyclip
