#include "whyclip/perturbation/word_removal.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// The kept tokens with their positions. Throws Error unless the set is valid for this prompt.
std::vector<PositionedToken> positioned(std::span<const std::int32_t> ids, TokenSet set,
                                        std::size_t index) {
  const std::string where = fmt::format("kept tokens {}", index);
  const int last = int(ids.size()) - 1;
  std::ranges::sort(set);
  if (set.empty() || set.back() != last) {
    throw Error(
        where,
        fmt::format("expected the last token, {}, in the set: its output is the embedding", last));
  }
  if (set.front() < 0) throw Error(where, fmt::format("expected positions from 0, got {}", set[0]));
  if (std::ranges::adjacent_find(set) != set.end()) throw Error(where, "contains a token twice");
  std::vector<PositionedToken> tokens;
  for (const int position : set) tokens.push_back({ids[std::size_t(position)], position});
  return tokens;
}

}  // namespace

Tensor text_embeddings_keeping(const Clip& clip, std::span<const std::int32_t> ids,
                               std::span<const TokenSet> kept, const Progress& progress) {
  std::vector<std::vector<PositionedToken>> prompts;
  for (std::size_t i = 0; i < kept.size(); ++i) prompts.push_back(positioned(ids, kept[i], i));
  Tensor result = embed_prompts(clip.text(), Workspace(clip.threads()), prompts, progress, nullptr);
  for (std::int64_t i = 0; i < result.rows(); ++i) {
    if (kernels::all_finite(result.row(i).data(), result.width())) continue;
    throw Error("text.embedding",
                fmt::format("is not finite for the kept tokens {}: the checkpoint overflows", i));
  }
  return result;
}

}  // namespace whyclip
