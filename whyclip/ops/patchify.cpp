#include "whyclip/ops/patchify.h"

#include <algorithm>

#include "whyclip/core/parallel.h"

namespace whyclip {
namespace {
constexpr int kChannels = 3;
}

/// Calls copy(offset in the images, offset in the patches) for every line of patch_size pixels.
template <class Copy>
void Patchify::each_line(std::int64_t images, int threads, Copy copy) const {
  const std::int64_t p = patch_size_, width = columns_ * p, height = rows_ * p;
  parallel_for(images * rows_, threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t image = i / rows_, row = i % rows_;
      for (std::int64_t column = 0; column < columns_; ++column) {
        std::int64_t patch = (i * columns_ + column) * kChannels * p * p;
        for (std::int64_t c = 0; c < kChannels; ++c) {
          for (std::int64_t y = 0; y < p; ++y, patch += p) {
            copy(((image * kChannels + c) * height + row * p + y) * width + column * p, patch);
          }
        }
      }
    }
  });
}

Tensor Patchify::forward(const Workspace& workspace, Inputs in, std::vector<Tensor>*) const {
  const Tensor& pixels = *in[0];
  Tensor patches = workspace.tensor(pixels.rows() * rows_ * columns_,
                                    std::int64_t{kChannels} * patch_size_ * patch_size_);
  each_line(pixels.rows(), workspace.threads(), [&](std::int64_t from, std::int64_t to) {
    std::copy_n(pixels.data() + from, patch_size_, patches.data() + to);
  });
  return patches;
}

std::vector<Tensor> Patchify::vjp(const Workspace& workspace, const OpContext& context,
                                  const Tensor& g) const {
  const std::int64_t images = target_count(g, context.out) * context.in[0]->rows();
  Tensor result = workspace.tensor(images, context.in[0]->width());
  each_line(images, workspace.threads(), [&](std::int64_t to, std::int64_t from) {
    std::copy_n(g.data() + from, patch_size_, result.data() + to);
  });
  std::vector<Tensor> results;
  results.push_back(std::move(result));
  return results;
}

Tensor Patchify::frozen_jvp(const Workspace& workspace, const OpContext& context,
                            Inputs contributions) const {
  source_count(contributions, context.in);
  return forward(workspace, contributions, nullptr);
}

}  // namespace whyclip
