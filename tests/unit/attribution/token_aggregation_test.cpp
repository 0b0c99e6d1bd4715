#include "whyclip/attribution/token_aggregation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/hash_checkpoint.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "tests/unit/attribution/mixing_reference.h"

namespace whyclip {
namespace token_aggregation_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using testing::MixingReference;

/// Entries of rows that sum to 1, found in float32 with a few hundred roundings each.
constexpr double kTolerance = 1e-6;

Clip tiny_clip(const std::vector<TensorToWrite>& tensors = testing::tiny_tensors(),
               int threads = testing::threads()) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path(), {}, tensors);
  Clip clip = Clip::open(folder.path(), {.threads = threads, .cache = {}});
  clip.vision();  // map the files before the folder is deleted
  clip.text();
  return clip;
}

Preprocessed image_of(int width, int height, std::vector<float> pixels) {
  Preprocessed result;
  result.width = width;
  result.height = height;
  result.area = {0, 0, double(width), double(height)};
  result.pixels = std::move(pixels);
  return result;
}

Preprocessed image(int width, int height) {
  return image_of(width, height,
                  testing::hash_tensor("pixels", std::size_t(3 * width * height), 0, 1));
}

struct Case {
  const char* name;
  TokenAggregationOptions options;
};

std::vector<Case> cases() {
  return {
      {"globenc", {}},
      {"globenc_attention", {.residual = false}},
      {"globenc_value_bias", {.value_bias = ValueBias::kWithToken}},
      {"kobayashi", {.residual = false, .value_bias = ValueBias::kWithToken}},
      {"alti", {.measure = TokenMeasure::kAlti}},
      {"alti_attention", {.measure = TokenMeasure::kAlti, .residual = false}},
      {"alti_value_bias", {.measure = TokenMeasure::kAlti, .value_bias = ValueBias::kWithToken}}};
}

class Aggregation : public ::testing::TestWithParam<Case> {
 protected:
  Clip clip = tiny_clip();
  TokenAggregationOptions options = GetParam().options;
};

std::vector<float> rows(const MixingReference::Rows& matrix, std::int64_t count) {
  const std::vector<float> all = reference::floats_of(matrix);
  return {all.begin(), all.begin() + count * matrix.width};
}

/// The reference's layers for a record of an image.
std::vector<MixingReference::Layer> reference_layers(const Record& record,
                                                     const TokenAggregationOptions& options) {
  const auto stream = reference::matrix_of<double>(record.at("vision.ln_pre"));
  return MixingReference(testing::tiny_tensors(), "vision_model", 3, ActivationKind::kQuickGelu)
      .run(stream, reference::full_groups(1, stream.rows), options.residual, options.value_bias);
}

TEST_P(Aggregation, MatricesOfTheLayersEqualBruteForce) {
  for (const auto& [width, height] : {std::pair{16, 16}, {20, 12}}) {
    const RecordedImage recorded(clip, image(width, height));
    options.keep_layers = true;
    const TokenAggregation result = token_aggregation(recorded, options);
    const auto layers = reference_layers(recorded.record(), options);

    ASSERT_EQ(result.layers.size(), 2u);
    EXPECT_EQ(result.layers[1].rows(), 1);  // all that the last block computes
    for (std::size_t l = 0; l < 2; ++l) {
      const auto expected =
          MixingReference::contributions(layers[l], options.measure, options.residual);
      EXPECT_TRUE(
          all_close(result.layers[l].values(), rows(expected, result.layers[l].rows()), kTolerance))
          << l;
    }
  }
}

TEST_P(Aggregation, MapIsTheClassTokensRowOfTheProduct) {
  const RecordedImage recorded(clip, image(20, 12));
  const TokenAggregation result = token_aggregation(recorded, options);
  const auto layers = reference_layers(recorded.record(), options);
  const auto first = MixingReference::contributions(layers[0], options.measure, options.residual),
             last = MixingReference::contributions(layers[1], options.measure, options.residual);
  std::vector<float> expected;
  for (std::int64_t j = 0; j < first.width; ++j) {
    double sum = 0;
    for (std::int64_t k = 0; k < first.width; ++k) sum += last.at(0, k) * first.at(k, j);
    expected.push_back(float(sum));
  }

  EXPECT_EQ(result.grid.columns, 5);
  EXPECT_EQ(result.grid.rows, 3);
  EXPECT_NEAR(result.class_token, expected[0], kTolerance);
  EXPECT_TRUE(all_close(result.patches, {expected.data() + 1, 15}, kTolerance));
  EXPECT_TRUE(result.layers.empty());  // not requested
}

TEST_P(Aggregation, PatchesAndClassTokenAddUpToOne) {
  const TokenAggregation result = token_aggregation(RecordedImage(clip, image(16, 24)), options);

  EXPECT_TRUE(TokenAggregation::target_free);
  EXPECT_GE(*std::ranges::min_element(result.patches), 0);
  EXPECT_NEAR(
      std::accumulate(result.patches.begin(), result.patches.end(), double(result.class_token)), 1,
      kTolerance);
}

TEST_P(Aggregation, DoesNotDependOnTheRowsOfTheLastBlock) {
  const RecordedImage recorded(clip, image(20, 12));
  const Preprocessed input = image(20, 12);
  Record record;
  Trace trace(recorded.workspace(), record);
  clip.vision().forward(trace, clip.pixel_batch({&input, 1}), LastBlock::kAllRows);
  const std::vector<Tensor> all = token_mixing(recorded.workspace(), record, "vision", options),
                            some = token_mixing(recorded.workspace(), recorded.record(), "vision",
                                                options);

  EXPECT_EQ(all[1].rows(), 16);
  EXPECT_TRUE(all_close(all[0].values(), some[0].values(), 0));
  EXPECT_TRUE(all_close(all[1].row(0), some[1].row(0), kTolerance));
  EXPECT_TRUE(all_close(rollout(all).row(0), rollout(some).row(0), kTolerance));
  const auto layers = reference_layers(record, options);
  EXPECT_TRUE(all_close(
      all[1].values(),
      rows(MixingReference::contributions(layers[1], options.measure, options.residual), 16),
      kTolerance));
}

TEST_P(Aggregation, DoesNotDependOnTheThreads) {
  const Clip one = tiny_clip(testing::tiny_tensors(), 1),
             three = tiny_clip(testing::tiny_tensors(), 3);
  const TokenAggregation a = token_aggregation(RecordedImage(one, image(20, 12)), options),
                         b = token_aggregation(RecordedImage(three, image(20, 12)), options);

  EXPECT_TRUE(all_close(a.patches, b.patches, 0));
}

// Two prompts with a common beginning: 0-1-2 and 0-1-3-4.
TEST_P(Aggregation, SupportsATreeOfPrompts) {
  const TokenTree tree{{735, 10, 736, 11, 736}, {-1, 0, 1, 1, 3}, {0, 1, 2, 2, 3}, {2, 4}};
  const Workspace workspace(testing::threads());
  Record record;
  Trace trace(workspace, record);
  clip.text().forward(trace, tree);
  const std::vector<Tensor> layers = token_mixing(workspace, record, "text", options);
  const MixingReference network(testing::tiny_tensors(), "text_model", 2,
                                ActivationKind::kQuickGelu);
  const auto expected =
      network.run(reference::matrix_of<double>(record.at("text.embedded")),
                  reference::tree_groups(tree.parent), options.residual, options.value_bias);
  const auto first = MixingReference::contributions(expected[0], options.measure, options.residual),
             last = MixingReference::contributions(expected[1], options.measure, options.residual);
  const std::vector<float> all = reference::floats_of(last);

  ASSERT_EQ(layers.size(), 2u);
  EXPECT_TRUE(all_close(layers[0].values(), reference::floats_of(first), kTolerance));
  EXPECT_EQ(layers[0].row(1)[2], 0);  // later tokens are masked
  EXPECT_EQ(layers[0].row(4)[2], 0);  // so are another prompt's tokens
  ASSERT_EQ(layers[1].rows(), 2);
  EXPECT_TRUE(all_close(layers[1].row(0), {all.data() + 2 * 5, 5}, kTolerance));
  EXPECT_TRUE(all_close(layers[1].row(1), {all.data() + 4 * 5, 5}, kTolerance));
}

INSTANTIATE_TEST_SUITE_P(Options, Aggregation, ::testing::ValuesIn(cases()),
                         [](const auto& case_info) { return case_info.param.name; });

// The definition of T_i(j) in the header, on the library's trace points.
TEST(TokenMixing, VectorsAndBiasesAddUpToTheResidualStream) {
  const Clip clip = tiny_clip();
  const RecordedImage recorded(clip, image(20, 12));
  for (const ValueBias value_bias : {ValueBias::kOwn, ValueBias::kWithToken}) {
    const auto layers = reference_layers(recorded.record(), {.value_bias = value_bias});
    for (std::size_t l = 0; l < 2; ++l) {
      const Tensor& middle =
          recorded.record().at("vision.blocks." + std::to_string(l) + ".resid_mid");
      for (std::int64_t i = 0; i < middle.rows(); ++i) {
        std::vector<float> sum;
        for (std::size_t c = 0; c < 24; ++c) {
          double value = layers[l].own_bias[c];
          for (std::int64_t j = 0; j < 16; ++j) {
            value += layers[l].from[std::size_t(i)].at(j, std::int64_t(c));
          }
          sum.push_back(float(value));
        }
        // Two blocks in float32 on values of up to about 5.
        EXPECT_TRUE(all_close(middle.row(i), sum, 2e-5)) << l << " " << i;
      }
    }
  }
}

/// Without positions, and with every additive term of ln_pre zero, a black patch is a zero in the
/// stream.
std::vector<TensorToWrite> without_positions() {
  std::vector<TensorToWrite> tensors = testing::tiny_tensors();
  for (TensorToWrite& tensor : tensors) {
    if (tensor.name == "vision_model.embeddings.position_embedding.weight" ||
        tensor.name == "vision_model.pre_layrnorm.bias") {
      std::ranges::fill(tensor.values, 0.0f);
    }
  }
  return tensors;
}

// A zero in the stream contributes to no token, so only the lit patch and the class token
// contribute.
TEST(TokenAggregation, FindsTheOnlyPatchThatIsNotBlack) {
  const Clip clip = tiny_clip(without_positions());
  for (const auto& [columns, grid_rows, column, row] :
       {std::array{4, 4, 2, 1}, {5, 3, 4, 1}, {3, 6, 1, 4}}) {
    std::vector<float> pixels(std::size_t(3 * 16 * columns * grid_rows), 0.0f);
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 4 * row; y < 4 * row + 4; ++y) {
        for (int x = 4 * column; x < 4 * column + 4; ++x) {
          pixels[std::size_t((channel * 4 * grid_rows + y) * 4 * columns + x)] =
              float(1 + channel + x % 3 - y % 2);
        }
      }
    }
    const RecordedImage recorded(clip, image_of(4 * columns, 4 * grid_rows, pixels));
    for (const TokenMeasure measure : {TokenMeasure::kGlobEnc, TokenMeasure::kAlti}) {
      const TokenAggregation result = token_aggregation(recorded, {.measure = measure});

      const std::size_t lit = std::size_t(row * columns + column);
      EXPECT_GT(result.patches[lit], 0.05);
      for (std::size_t p = 0; p < result.patches.size(); ++p) {
        if (p == lit) continue;
        EXPECT_EQ(result.patches[p], 0) << p;
      }
      EXPECT_NEAR(result.patches[lit] + result.class_token, 1, kTolerance);
    }
  }
}

TEST(TokenAggregation, NamesItsMethod) {
  const Clip clip = tiny_clip();
  const RecordedImage recorded(clip, image(16, 16));

  EXPECT_EQ(token_aggregation(recorded).method, "globenc");
  EXPECT_EQ(token_aggregation(recorded, {.measure = TokenMeasure::kAlti}).method, "alti");
}

TEST(TokenAggregation, NamesTheRowWithoutContributions) {
  std::vector<TensorToWrite> tensors = testing::tiny_tensors();
  for (TensorToWrite& tensor : tensors) {
    if (tensor.name == "vision_model.encoder.layers.1.self_attn.out_proj.weight") {
      std::ranges::fill(tensor.values, 0.0f);
    }
  }
  const Clip clip = tiny_clip(tensors);
  const RecordedImage recorded(clip, image(16, 16));

  EXPECT_TRUE(mentions(error_of([&] { token_aggregation(recorded, {.residual = false}); }),
                       {"vision.blocks.1.attn_out", "row 0", "residual"}));
  EXPECT_EQ(token_aggregation(recorded).patches.size(), 16u);
}

TEST(TokenMixing, NamesTheTowerThatWasNotRecorded) {
  const Clip clip = tiny_clip();
  const RecordedImage recorded(clip, image(16, 16));

  EXPECT_TRUE(
      mentions(error_of([&] { token_mixing(recorded.workspace(), recorded.record(), "text"); }),
               {"text.blocks.0.ln1", "no such trace point"}));
}

std::vector<Tensor> two_layers(std::initializer_list<float> first,
                               std::initializer_list<float> last) {
  std::vector<Tensor> layers;
  layers.push_back(Tensor::from(2, 2, first));
  layers.push_back(Tensor::from(std::int64_t(last.size()) / 2, 2, last));
  return layers;
}

TEST(Rollout, MultipliesTheLastLayerFromTheLeft) {
  const Tensor total = rollout(two_layers({1, 0, 0.5, 0.5}, {0.25, 0.75, 0, 1}));

  // The other order would give {0.25, 0.75, 0.125, 0.875}.
  EXPECT_TRUE(all_close(total.values(), std::vector<float>{0.625, 0.375, 0.5, 0.5}, 0));
}

TEST(Rollout, KeepsTheRowsOfTheLastLayer) {
  const Tensor total = rollout(two_layers({1, 0, 0.5, 0.5}, {0.25, 0.75}));

  ASSERT_EQ(total.rows(), 1);
  EXPECT_TRUE(all_close(total.values(), std::vector<float>{0.625, 0.375}, 0));
}

TEST(Rollout, RefusesNoLayersAndLayersOfDifferentSizes) {
  std::vector<Tensor> mismatched;
  mismatched.push_back(Tensor::zeros(3, 3));
  mismatched.push_back(Tensor::zeros(1, 2));

  EXPECT_TRUE(mentions(error_of([&] { rollout({}); }), {"rollout", "one layer"}));
  EXPECT_TRUE(mentions(error_of([&] { rollout(mismatched); }), {"rollout", "3 rows", "2 tokens"}));
}

}  // namespace token_aggregation_test
}  // namespace whyclip
