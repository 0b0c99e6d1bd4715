// CLIP-specific methods against plain float64 loops.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/zero_shot.h"

namespace whyclip {
namespace clip_test {

using reference::Complex;
using testing::error_of;
using testing::mentions;
using testing::real_parts;
using testing::Tower;
using testing::without_class;
using Rows = Tower::Rows;

using ClipMethods = testing::MethodsOfTiny;

constexpr std::size_t kTokens = Tower::kTokens, kHeads = Tower::kHeads;

std::string scope(int block) { return "blocks." + std::to_string(block) + "."; }

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

std::vector<float> patch_scores(const Tower& tower, const Rows& tokens) {
  std::vector<double> values;
  for (const Complex& value : tower.read(tokens)) values.push_back(value.real());
  return without_class(values);
}

Rows attention_output(const Tower& tower, const Rows& z, int block) {
  return tower.linear(z, Tower::layer(block) + "self_attn.out_proj");
}

TEST_F(ClipMethods, MaskClipProjectsEachPatchValueToTheJointSpace) {
  const Rows values = attention_output(tower, tower.value("blocks.1.v"), 1);
  EXPECT_TRUE(same_map(patches("maskclip"), patch_scores(tower, values)));
  Rows released = sum(tower.value("blocks.0.resid_post"), values);
  released = sum(released, tower.mlp(released, 1));
  EXPECT_TRUE(
      same_map(patches("maskclip", {{"variant", "released"}}), patch_scores(tower, released)));
}

TEST_F(ClipMethods, ClipSurgeryAddsValueValueAttention) {
  const auto added = [&](int block) {
    const Rows v = tower.value(scope(block) + "v");
    return attention_output(
        tower, reference::attention(reference::full_groups(1, kTokens), kHeads, v, v, v), block);
  };
  EXPECT_TRUE(same_map(patches("clip-surgery"),
                       patch_scores(tower, sum(sum(tower.value("ln_pre"), added(0)), added(1)))));
  EXPECT_TRUE(same_map(patches("clip-surgery", {{"depth", "1"}}),
                       patch_scores(tower, sum(tower.value("blocks.0.resid_post"), added(1)))));
}

/// Feature surgery for a classifier of three classes.
class FeatureSurgery : public ClipMethods {
 protected:
  std::vector<float> map_of(const Target& target, const ZeroShot* zero_shot) {
    ExplanationContext other(clip, testing::tiny_image(), target, zero_shot);
    const Method& method = find_method("clip-surgery");
    return method
        .run(other, MethodSettings(method.info, {{"features", "surgery"}, {"depth", "1"}}), {})
        .patches;
  }
  Rows joint(const Rows& x) const {
    return reference::normalise(
        tower.linear(tower.norm(x, "vision_model.post_layernorm"), "visual_projection"));
  }
  /// ŷ of all tokens after the last block's value-value attention, (tokens, projection).
  Rows features_by_token() const {
    const Rows v = tower.value("blocks.1.v"),
               mixed = attention_output(
                   tower, reference::attention(reference::full_groups(1, kTokens), kHeads, v, v, v),
                   1);
    return joint(sum(tower.value("blocks.0.resid_post"), mixed));
  }
  /// For each class Σ_e of the features ŷ_e T_ce w_c minus their mean over the classes, times the
  /// logit scale, as in the authors' code: (classes, patches).
  std::vector<std::vector<double>> without_common() const {
    const Rows y = features_by_token(), z = joint(tower.value("blocks.1.resid_post"));
    const auto text = [&](std::size_t c, std::int64_t e) {
      return double(classifier.class_embeddings.row(std::int64_t(c))[std::size_t(e)]);
    };
    std::vector<double> w;
    double total = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      double similarity = 0;
      for (std::int64_t e = 0; e < z.width; ++e) similarity += z.at(0, e).real() * text(c, e);
      w.push_back(std::exp(2 * similarity));
      total += w.back() / 3;
    }
    std::vector<std::vector<double>> result(3, std::vector<double>(kTokens - 1, 0.0));
    for (std::size_t p = 0; p + 1 < kTokens; ++p) {
      for (std::int64_t e = 0; e < y.width; ++e) {
        double features[3], mean = 0;
        for (std::size_t c = 0; c < 3; ++c) {
          features[c] = y.at(std::int64_t(p) + 1, e).real() * text(c, e) * w[c] / total;
          mean += features[c] / 3;
        }
        for (std::size_t c = 0; c < 3; ++c) {
          result[c][p] += double(clip.logit_scale()) * (features[c] - mean);
        }
      }
    }
    return result;
  }

  const ZeroShot classifier =
      zero_shot_classes(clip, std::vector<std::string>{"cat", "dog", "bird"},
                        {"two", {"a photo of a {}.", "a drawing of the {}."}});
};

TEST_F(FeatureSurgery, SubtractsTheMeanOverTheClasses) {
  const std::vector<std::vector<double>> expected = without_common();
  EXPECT_TRUE(same_map(map_of(class_target(clip, classifier, 1), &classifier),
                       {expected[1].begin(), expected[1].end()}));
  std::vector<float> contrast, others;
  for (std::size_t p = 0; p + 1 < kTokens; ++p) {
    contrast.push_back(float(expected[0][p] - expected[2][p]));
    others.push_back(float(expected[0][p] - (expected[1][p] + expected[2][p]) / 2));
  }
  EXPECT_TRUE(same_map(map_of(contrast_target(clip, classifier, 0, 2), &classifier), contrast));
  EXPECT_TRUE(same_map(map_of(contrast_target(clip, classifier, 0), &classifier), others));
}

TEST_F(FeatureSurgery, SubtractsTheEmptyTextFromASinglePrompt) {
  const ZeroShot both = zero_shot_prompts(clip, std::vector<std::string>{"a photo of a cat.", ""});
  const ZeroShot one = zero_shot_prompts(clip, std::vector<std::string>{"a photo of a cat."});
  const Rows y = features_by_token();
  std::vector<float> expected;
  for (std::int64_t p = 1; p < y.rows; ++p) {
    double sum = 0;
    for (std::int64_t e = 0; e < y.width; ++e) {
      const auto i = std::size_t(e);
      sum += y.at(p, e).real() *
             (double(both.prompt_embeddings.row(0)[i]) - double(both.prompt_embeddings.row(1)[i]));
    }
    expected.push_back(float(double(clip.logit_scale()) * sum));
  }

  EXPECT_TRUE(same_map(map_of(prompt_target(clip, one, 0), &one), expected));
}

TEST_F(FeatureSurgery, RejectsTheEmptyPrompt) {
  const ZeroShot empty = zero_shot_prompts(clip, std::vector<std::string>{" "});

  EXPECT_TRUE(mentions(error_of([&] { map_of(prompt_target(clip, empty, 0), &empty); }),
                       {"clip-surgery: features", "empty", "plain"}));
}

TEST_F(FeatureSurgery, NeedsClassesAndATargetThatIsASumOfClasses) {
  const Target cat = class_target(clip, classifier, 0), prompt = prompt_target(clip, classifier, 0);
  EXPECT_TRUE(mentions(error_of([&] { map_of(cat, nullptr); }),
                       {"clip-surgery: features", "no classes", "plain"}));
  EXPECT_TRUE(mentions(error_of([&] { map_of(prompt, &classifier); }),
                       {"clip-surgery: features", prompt.name, "plain"}));
}

/// The score of a block's mean token as a function of the block's pattern.
Complex mean_token_score(const Tower& tower, const Rows& x, const Rows& pattern, const Rows& v,
                         int block) {
  const Rows middle =
      sum(x, attention_output(
                 tower,
                 reference::attention_mix(reference::full_groups(1, kTokens), kHeads, pattern, v),
                 block));
  const Rows y = sum(middle, tower.mlp(middle, block));
  Rows mean(1, y.width);
  for (std::int64_t t = 0; t < y.rows; ++t) {
    for (std::int64_t c = 0; c < y.width; ++c) mean.at(0, c) += y.at(t, c) / double(y.rows);
  }
  return tower.read(mean)[0];
}

std::vector<double> legrad_layer(const Tower& tower, int block) {
  const Rows x = tower.value(block == 0 ? "ln_pre" : "blocks.0.resid_post"),
             v = tower.value(scope(block) + "v");
  Rows pattern = tower.value(scope(block) + "pattern");
  std::vector<double> result(kTokens, 0.0);
  for (std::size_t i = 0; i < pattern.values.size(); ++i) {
    constexpr double kStep = 1e-30;
    const Complex own = pattern.values[i];
    pattern.values[i] += Complex(0, kStep);
    const double g = mean_token_score(tower, x, pattern, v, block).imag() / kStep;
    pattern.values[i] = own;
    result[i % kTokens] += std::max(0.0, g) / double(kHeads * kTokens);
  }
  return result;
}

TEST_F(ClipMethods, LeGradAveragesPositiveGradientsOfEachBlocksMeanToken) {
  const std::vector<double> first = legrad_layer(tower, 0), last = legrad_layer(tower, 1);
  std::vector<double> mean = first;
  for (std::size_t j = 0; j < kTokens; ++j) mean[j] = (first[j] + last[j]) / 2;
  EXPECT_TRUE(same_map(patches("legrad"), without_class(mean)));
  EXPECT_TRUE(same_map(patches("legrad", {{"start", "-1"}}), without_class(last)));
}

/// relu(λ_p Σ_c w_c v_pc), λ the min-max normalised cosines of q and k over the patches.
std::vector<float> eclip(const Rows& q, const Rows& k, const Rows& v,
                         const std::vector<double>& w) {
  const auto dot = [](const Rows& a, std::int64_t i, const Rows& b, std::int64_t j) {
    double result = 0;
    for (std::int64_t c = 0; c < a.width; ++c) result += a.at(i, c).real() * b.at(j, c).real();
    return result;
  };
  std::vector<double> cosines;
  for (std::int64_t t = 1; t < k.rows; ++t) {
    cosines.push_back(dot(q, 0, k, t) / std::sqrt(dot(q, 0, q, 0) * dot(k, t, k, t)));
  }
  const auto [least, most] = std::ranges::minmax(cosines);
  std::vector<float> result;
  for (std::int64_t t = 1; t < k.rows; ++t) {
    double value = 0;
    for (std::int64_t c = 0; c < v.width; ++c) value += w[std::size_t(c)] * v.at(t, c).real();
    const double weight = (cosines[std::size_t(t - 1)] - least) / (most - least);
    result.push_back(float(std::max(0.0, weight * value)));
  }
  return result;
}

TEST_F(ClipMethods, GradEclipWeightsValuesByGradientAndLoosenedAttention) {
  EXPECT_TRUE(same_map(patches("grad-eclip"),
                       eclip(tower.value("blocks.1.q"), tower.value("blocks.1.k"),
                             tower.value("blocks.1.v"), tower.gradient("blocks.1.z"))));
}

TEST_F(ClipMethods, GradEclipAsReleasedHasOneHeadAndProjectedQueriesAndKeys) {
  const Rows q = tower.value("blocks.1.q"), k = tower.value("blocks.1.k"),
             v = tower.value("blocks.1.v");
  const Rows z = reference::attention(reference::full_groups(1, kTokens), 1, q, k, v);
  const auto one_head = [&](const std::string& point, Rows& value) {
    if (point == "blocks.1.z") value = z;
  };
  EXPECT_TRUE(same_map(patches("grad-eclip", {{"variant", "released"}}),
                       eclip(attention_output(tower, q, 1), attention_output(tower, k, 1), v,
                             tower.gradient("blocks.1.z", one_head))));
}

}  // namespace clip_test
}  // namespace whyclip
