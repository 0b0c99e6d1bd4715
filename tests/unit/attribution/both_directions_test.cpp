// The forward direction from the sources and the backward direction from the target give the same
// contributions: in a float64 reference network, and in the library.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "tests/support/conservation.h"
#include "tests/support/data.h"
#include "tests/support/random.h"
#include "tests/support/scalar_network.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "tests/unit/attribution/frozen_network.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/image/decode.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/propagate_forward.h"
#include "whyclip/text/templates.h"

namespace whyclip {
namespace both_directions_test {

using testing::ScalarNetwork;
using NamedContributions = std::map<std::string, double>;

constexpr std::int64_t kPatches = 16;

std::vector<float> direction(const char* name) {
  const Tensor values = testing::random_tensor(name, 1, 20);
  std::vector<float> result;
  for (const float v : values.values()) result.push_back(20 * v);
  return result;
}

Preprocessed image() {
  Preprocessed result;
  result.width = result.height = 16;
  result.area = {0, 0, 16, 16};
  result.pixels = testing::hash_tensor("pixels", 768, 0, 1);
  return result;
}

double largest(const NamedContributions& contributions) {
  double most = 0;
  for (const auto& [name, contribution] : contributions)
    most = std::max(most, std::abs(contribution));
  return most;
}

double total(const NamedContributions& contributions) {
  double sum = 0;
  for (const auto& [name, contribution] : contributions) sum += contribution;
  return sum;
}

/// The largest difference, in units of the largest contribution.
double distance(const NamedContributions& actual, const NamedContributions& expected) {
  EXPECT_EQ(actual.size(), expected.size());
  double most = 0;
  for (const auto& [name, contribution] : expected) {
    const auto found = actual.find(name);
    if (found == actual.end())
      ADD_FAILURE() << "no contribution of " << name;
    else
      most = std::max(most, std::abs(found->second - contribution) / largest(expected));
  }
  return most;
}

struct Case {
  ActivationKind activation;
  bool query_key;
};

class BothDirections : public ::testing::TestWithParam<Case> {
 protected:
  ScalarNetwork network(int nodes = 8) const {
    ScalarNetwork result(
        testing::tiny_tensors(), GetParam().activation,
        GetParam().query_key ? std::optional(gauss_legendre(nodes)) : std::nullopt);
    result.run(reference::matrix_of<double>(Tensor::from(1, 768, image().pixels)));
    return result;
  }
  RuleTable rules() const {
    return GetParam().query_key ? query_key_rules() : contribution_rules();
  }
  Clip clip() const {
    const testing::TemporaryFolder folder;
    testing::write_tiny_checkpoint(folder.path(), {.activation = GetParam().activation});
    Clip result = Clip::open(folder.path(), {.threads = testing::threads(), .cache = {}});
    result.vision();  // map the files before the folder is deleted
    return result;
  }
};

TEST_P(BothDirections, GiveTheSameContributionsInFloat64) {
  const ScalarNetwork reference = network();
  for (const char* name : {"first", "second"}) {
    const NamedContributions forward = reference.contributions_forward(direction(name)),
                             backward = reference.contributions_backward(direction(name));
    EXPECT_LE(distance(forward, backward), 1e-12);
  }
}

TEST_P(BothDirections, AddUpToTheLogitInFloat64) {
  const ScalarNetwork reference = network();
  const double logit = reference.logit(direction("first"));
  const double error =
      std::abs(total(reference.contributions_backward(direction("first"))) - logit) /
      (1 + std::abs(logit));
  RecordProperty("completeness_error", std::to_string(error));
  std::printf("completeness error in float64: %.3g\n", error);

  // With constant gains the only error is rounding; the path's quadrature has 8 nodes.
  EXPECT_LE(error, GetParam().query_key ? 1e-6 : 1e-13);
}

/// The source index of each additive term, by trace point; the patches are the first sources.
std::map<std::string, std::int64_t> additive_sources(const NamedContributions& contributions) {
  std::map<std::string, std::int64_t> result;
  for (const auto& [name, contribution] : contributions) {
    if (name.starts_with("vision.")) {
      const auto index = kPatches + std::int64_t(result.size());
      result[name] = index;
    }
  }
  return result;
}

TEST_P(BothDirections, AgreeWithTheLibrarysBackwardPass) {
  const NamedContributions expected = network().contributions_backward(direction("first"));
  const Clip tiny = clip();
  const RecordedImage recorded(tiny, image());
  const BackwardResult backward =
      propagate_backward(recorded.workspace(), recorded.record(), rules(), "vision.normalized",
                         Tensor::from(1, 20, direction("first")), {"vision.patches"});
  NamedContributions actual;
  const std::vector<double> patches =
      row_contributions(Quantity::kGradient, backward.gradients.at("vision.patches"),
                        recorded.record().at("vision.patches"));
  for (std::size_t p = 0; p < patches.size(); ++p)
    actual["patch " + std::to_string(p)] = patches[p];
  for (const AdditiveContribution& additive_term : backward.additive_terms)
    actual[additive_term.trace_point] = additive_term.contributions[0];
  const double difference = distance(actual, expected);
  std::printf("difference of the backward pass: %.3g of the largest contribution\n", difference);

  EXPECT_LE(difference, 1e-4);
}

TEST_P(BothDirections, AgreeWithTheLibrarysForwardPropagation) {
  const NamedContributions expected = network().contributions_forward(direction("first"));
  const auto source_indices = additive_sources(expected);
  const Clip tiny = clip();
  const RecordedImage recorded(tiny, image());
  const Tensor& patches = recorded.record().at("vision.patches");
  Sources sources;
  sources.count = kPatches + std::int64_t(source_indices.size());
  Tensor contributions = Tensor::zeros(sources.count * kPatches, patches.width());
  for (std::int64_t p = 0; p < kPatches; ++p) {
    std::ranges::copy(patches.row(p), contributions.row(p * kPatches + p).begin());
  }
  sources.contributions["vision.patches"] = std::move(contributions);
  sources.source_of_additive_term = [&](const std::string& point, std::int64_t) {
    const auto index = source_indices.find(point);
    return index == source_indices.end() ? -1 : index->second;
  };
  const Tensor propagated = propagate_forward(recorded.workspace(), recorded.record(), rules(),
                                              std::move(sources), "vision.normalized");
  const std::vector<float> target = direction("first");
  NamedContributions actual;
  for (std::int64_t p = 0; p < kPatches; ++p) {
    actual["patch " + std::to_string(p)] =
        kernels::dot(propagated.row(p).data(), target.data(), 20);
  }
  for (const auto& [name, index] : source_indices) {
    actual[name] = kernels::dot(propagated.row(index).data(), target.data(), 20);
  }
  const double difference = distance(actual, expected);
  std::printf("difference of the forward propagation: %.3g of the largest contribution\n",
              difference);

  EXPECT_LE(difference, 1e-4);
}

std::string case_name(const ::testing::TestParamInfo<Case>& case_info) {
  return std::string(name_of(case_info.param.activation)) +
         (case_info.param.query_key ? "_query_key" : "_frozen");
}

INSTANTIATE_TEST_SUITE_P(Cases, BothDirections,
                         ::testing::Values(Case{ActivationKind::kQuickGelu, false},
                                           Case{ActivationKind::kGelu, false},
                                           Case{ActivationKind::kQuickGelu, true},
                                           Case{ActivationKind::kGelu, true}),
                         case_name);

// Two references that share no code for the network.
TEST(ScalarNetworkWithFrozenGains, AgreesWithTheFrozenNetwork) {
  const auto pixels = reference::matrix_of<double>(Tensor::from(1, 768, image().pixels));
  ScalarNetwork actual(testing::tiny_tensors(), ActivationKind::kGelu, std::nullopt);
  testing::FrozenNetwork other(testing::tiny_tensors(), ActivationKind::kGelu);
  actual.run(pixels);
  other.run(pixels);
  const std::vector<float> target = direction("first");
  const NamedContributions contributions = actual.contributions_backward(target);
  const std::vector<double> patches = other.patch_contributions(target);

  EXPECT_NEAR(actual.logit(target), other.logit(target), 1e-12);
  for (std::size_t p = 0; p < patches.size(); ++p) {
    EXPECT_NEAR(contributions.at("patch " + std::to_string(p)), patches[p],
                1e-12 * largest(contributions));
  }
  EXPECT_NEAR(contributions.at("vision.class_token"), other.class_token_contribution(target),
              1e-12 * largest(contributions));
  EXPECT_NEAR(contributions.at("vision.embedded"), other.position_contribution(target),
              1e-12 * largest(contributions));
}

TEST(QueryKeyPath, ApproachesTheLogitWithMoreNodes) {
  const auto pixels = reference::matrix_of<double>(Tensor::from(1, 768, image().pixels));
  double before = INFINITY;
  for (const int nodes : {1, 2, 3, 4, 6}) {
    ScalarNetwork network(testing::tiny_tensors(), ActivationKind::kQuickGelu,
                          gauss_legendre(nodes));
    network.run(pixels);
    const double error = std::abs(total(network.contributions_backward(direction("first"))) -
                                  network.logit(direction("first")));
    std::printf("%d nodes: |logit − Σ| = %.3g\n", nodes, error);
    // One more node adds two degrees: each step reduces the error by far more than a factor of 3.
    EXPECT_LT(error, before / 3) << nodes << " nodes";
    before = error;
  }
}

/// The backward pass from one class of the embedded model, a trained model whose scores spread over
/// 44.
BackwardResult backward_of_trained_model(int nodes) {
  const Clip clip = Clip::embedded();
  const RecordedImage recorded(clip, clip.prepare(read_image(testing::repository_file(
                                         "tests/golden/toons/images/girl_tree_bird.png"))));
  const std::vector<std::string> classes{"cat", "dog"};
  const Target target = class_target(clip, zero_shot_classes(clip, classes, simple_templates()), 0);
  return propagate_backward(
      recorded.workspace(), recorded.record(), query_key_rules(nodes), "vision.normalized",
      Tensor::from(1, std::int64_t(target.direction.size()), target.direction), {"vision.patches"},
      {.balances = true});
}

TEST(QueryKeyPathOfTrainedWeights, ConservesAtEveryOpWithTheDefaultNodes) {
  EXPECT_TRUE(testing::conserves(backward_of_trained_model(8), 1e-6));
}

TEST(QueryKeyPathOfTrainedWeights, LeaksAtTheSoftmaxWithTooFewNodes) {
  const auto leak = first_leak(backward_of_trained_model(1).balances[0]);

  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->op, "softmax");
}

}  // namespace both_directions_test
}  // namespace whyclip
