#include "whyclip/perturbation/token_rows.h"

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// Token rows computed at once: enough for the matrix products to run at full speed, few enough for
/// the activations to stay in the processor's cache (ViT-L: 1024 rows of 4096 floats are 17 MB).
constexpr std::size_t kMaxRows = 1024;

/// The first of `images` that have the same number of tokens, up to kMaxRows rows together.
std::span<const TokenRows> first_batch(std::span<const TokenRows> images) {
  const std::size_t tokens = images[0].size(),
                    most = std::max<std::size_t>(1, kMaxRows / std::max<std::size_t>(1, tokens));
  std::size_t count = 1;
  while (count < std::min(most, images.size()) && images[count].size() == tokens) ++count;
  return images.first(count);
}

Tensor gather(const Workspace& workspace, const Tensor& tokens, std::span<const TokenRows> batch) {
  Tensor result = workspace.tensor(std::int64_t(batch.size() * batch[0].size()), tokens.width());
  std::int64_t to = 0;
  for (const TokenRows& rows : batch) {
    for (const std::int32_t row : rows) {
      std::ranges::copy(tokens.row(row), result.row(to++).begin());
    }
  }
  return result;
}

}  // namespace

Tensor embeddings_of_rows(const Clip& clip, const Tensor& tokens, std::span<const TokenRows> images,
                          std::string_view what, const Progress& progress) {
  const Workspace workspace(clip.threads());
  Trace trace(workspace);
  Tensor result(std::int64_t(images.size()), clip.config().projection);
  std::int64_t done = 0;
  for (auto remaining = images; !remaining.empty();) {
    const std::span<const TokenRows> batch = first_batch(remaining);
    const Value some = trace.input("vision.embedded", gather(workspace, tokens, batch));
    const Value embeddings =
        clip.vision().encode(trace, some, std::int64_t(batch.size()), LastBlock::kPooledOnly);
    if (!kernels::all_finite(embeddings->data(), std::int64_t(embeddings->size()))) {
      throw Error("vision.embedding", "is not finite: the checkpoint overflows on this image");
    }
    std::ranges::copy(embeddings->values(), result.row(done).begin());
    done += std::int64_t(batch.size());
    report_progress(progress, what, done, std::int64_t(images.size()));
    remaining = remaining.subspan(batch.size());
  }
  return result;
}

}  // namespace whyclip
