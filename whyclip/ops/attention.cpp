#include "whyclip/ops/attention.h"

#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {

Value attention(Trace& trace, std::string_view scope, const Value& q, const Value& k,
                const Value& v, const AttentionMaskPtr& mask, std::int64_t heads) {
  if (trace.records()) {
    const Value scores =
        trace.apply(scope, "scores", std::make_shared<AttentionScores>(mask, heads), {q, k});
    const Value pattern =
        trace.apply(scope, "pattern", std::make_shared<Softmax>(mask, heads), {scores});
    return trace.apply(scope, "z", std::make_shared<AttentionMix>(mask, heads), {pattern, v});
  }
  const std::int64_t head_width = q->width() / heads;
  Tensor z = trace.workspace().tensor(mask->queries(), v->width());
  kernels::attention(mask->layout(heads, head_width), q->data(), k->data(), v->data(),
                     AttentionScores::factor(head_width), z.data(), trace.workspace().threads());
  return trace.fused(std::move(z));
}

}  // namespace whyclip
