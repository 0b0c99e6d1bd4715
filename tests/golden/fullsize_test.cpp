// ViT-B/32, B/16 and L/14 with weights from a hash, against PyTorch: loader, towers and gradients
// at real size.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/golden.h"
#include "tests/support/hash_checkpoint.h"
#include "tests/support/threads.h"
#include "whyclip/clip.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/rules/propagate_backward.h"

namespace whyclip {
namespace fullsize_test {

using testing::all_close;
using testing::HashSize;

class FullSize : public ::testing::TestWithParam<HashSize> {};

PixelBatch input_pixels(int grid) {
  constexpr std::size_t kCount = 2 * 3 * 224 * 224;
  return {Tensor::from(2, kCount / 2, testing::hash_tensor("input.pixels", kCount, 0, 1)), grid,
          grid};
}

std::vector<std::vector<std::int32_t>> prompts(const std::vector<std::int64_t>& ids) {
  std::vector<std::vector<std::int32_t>> result(3);
  for (std::size_t i = 0; i < ids.size(); ++i) result[i / 77].push_back(std::int32_t(ids[i]));
  return result;
}

TEST_P(FullSize, EmbeddingsLogitsAndGradientsEqualPyTorch) {
  const testing::Golden golden("fullsize");
  const std::string size = testing::name_of(GetParam());
  const testing::TemporaryFolder folder;
  testing::write_hash_checkpoint(folder.path(), GetParam());
  const Clip clip = Clip::open(folder.path(), {.threads = testing::threads(), .cache = {}});
  const Workspace workspace(testing::threads());

  Record record;
  Trace trace(workspace, record);
  const Value images = clip.vision().forward(trace, input_pixels(clip.config().vision.grid()),
                                             LastBlock::kPooledOnly);
  const Value normalized =
      trace.apply("vision.", "normalized", std::make_shared<Normalise>(), {images});
  Tensor texts =
      embed_prompts(clip.text(), workspace, prompts(golden.integers(size + ".ids")), {}, nullptr);
  // Both are float32 results of 12 to 24 blocks; embeddings are of the order of 1 to 10.
  EXPECT_TRUE(all_close(images->values(), golden.floats(size + ".embedding"), 1e-4));
  EXPECT_TRUE(all_close(texts.values(), golden.floats(size + ".text_embedding"), 1e-4));

  std::vector<float> logits;
  for (std::int64_t t = 0; t < 3; ++t) {
    const float inverse = inverse_norm(texts.row(t));
    for (float& v : texts.row(t)) v *= inverse;
  }
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t t = 0; t < 3; ++t) {
      logits.push_back(
          float(clip.logit_scale() *
                kernels::dot(normalized->row(i).data(), texts.row(t).data(), texts.width())));
    }
  }
  EXPECT_TRUE(all_close(logits, golden.floats(size + ".logits"), 2e-4));

  // Gradient × input of image 0 and text 1, summed over each token's channels.
  Tensor seed = Tensor::zeros(2, texts.width());
  kernels::scale(texts.row(1).data(), clip.logit_scale(), texts.width(), seed.row(0).data(), 1);
  const BackwardResult backward =
      propagate_backward(workspace, record, gradient_rules(), "vision.normalized", std::move(seed),
                         {"vision.embedded"});
  const Tensor &gradient = backward.gradients.at("vision.embedded"),
               &embedded = record.at("vision.embedded");
  std::vector<float> products;
  for (std::int64_t token = 0; token < embedded.rows() / 2; ++token) {
    products.push_back(float(
        kernels::dot(gradient.row(token).data(), embedded.row(token).data(), embedded.width())));
  }
  const std::vector<float> expected = golden.floats(size + ".grad_times_input");
  EXPECT_TRUE(all_close(products, expected, 1e-3 * testing::largest(expected)));
}

INSTANTIATE_TEST_SUITE_P(Golden, FullSize,
                         ::testing::Values(HashSize::kB32, HashSize::kB16, HashSize::kL14),
                         [](const auto& case_info) {
                           std::string name = testing::name_of(case_info.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace fullsize_test
}  // namespace whyclip
