#include "whyclip/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/page.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/result_pages.h"

namespace whyclip {
namespace explanation_test {

bool contains_all(const std::string& text, const std::vector<std::string_view>& parts) {
  return std::ranges::all_of(
      parts, [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

using testing::error_of;
using testing::mentions;
using testing::result_of;

Image cat_and_dog() {
  return read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
}

TEST(Explain, AddsUpToTheScore) {
  const Clip clip = Clip::embedded();
  const Explanation e =
      explain(clip, cat_and_dog(), {.target = {.class_name = "cat", .versus = "dog"}});
  EXPECT_EQ(e.target.kind, "contrast");
  EXPECT_EQ(e.target.unit, "logit");
  ASSERT_TRUE(e.attribution.residual());
  EXPECT_NEAR(*e.attribution.residual(), 0, 1e-4);  // float32 sums of a few hundred terms
  EXPECT_NEAR(e.components.residual, 0, 1e-4);
  EXPECT_EQ(e.attribution.patches.size(),
            std::size_t(e.image.grid.rows) * std::size_t(e.image.grid.columns));
}

TEST(Explain, RunsEveryMethodThatHasAMap) {
  const Clip clip = Clip::embedded();
  const Image image = cat_and_dog();
  for (const char* method : {"gae", "gradient", "globenc", "query-key", "maskclip"}) {
    const Explanation e = explain(clip, image, {.method = method});
    EXPECT_EQ(e.attribution.method, method);
    EXPECT_EQ(e.attribution.patches.size(), 144U) << method;
  }
}

TEST(Explain, HasALedgerWhereTheMethodFollowsRules) {
  const Clip clip = Clip::embedded();
  const Image image = cat_and_dog();
  const Explanation rules = explain(clip, image, {.method = "query-key", .balances = true});
  ASSERT_TRUE(rules.attribution.ledger);
  EXPECT_FALSE(rules.attribution.ledger->stream.empty());
  EXPECT_FALSE(rules.attribution.ledger->balances.empty());
  EXPECT_FALSE(explain(clip, image, {.method = "gae"}).attribution.ledger);
}

TEST(Explain, GivesBiasesToTheTokensOnRequest) {
  const Clip clip = Clip::embedded();
  const Explanation e = explain(clip, cat_and_dog(),
                                {.method_options = {{"biases", "token"}, {"positions", "token"}}});
  ASSERT_TRUE(e.attribution.ledger);
  EXPECT_TRUE(e.attribution.ledger->biases.empty());
  EXPECT_EQ(e.attribution.ledger->position_embedding, 0);
  EXPECT_NEAR(*e.attribution.residual(), 0, 1e-4);
  EXPECT_EQ(e.attribution.options.size(), 2U);
}

TEST(Explain, DescriptionSaysWhetherThisRunAddsUp) {
  const Clip clip = Clip::embedded();
  const Image image = cat_and_dog();
  const auto explained = [&](const char* method,
                             const std::map<std::string, std::string>& options = {}) {
    return explain(clip, image,
                   {.target = {.class_name = "cat", .versus = "dog"},
                    .method = method,
                    .method_options = options});
  };
  const Explanation whole = explained("integrated-gradients");
  EXPECT_TRUE(whole.attribution.complete);
  EXPECT_TRUE(mentions(whole.description, {"They add up to the score. Layer by layer"}));
  EXPECT_TRUE(whole.description.ends_with("The components add up to the score."));

  // One node misses the integral by more than the score.
  const Explanation coarse =
      explained("integrated-gradients", {{"nodes", "1"}, {"tolerance", "0"}});
  EXPECT_FALSE(coarse.attribution.complete);
  EXPECT_TRUE(mentions(coarse.description, {"exactly: the residual is the difference"}));
  EXPECT_TRUE(mentions(coarse.notes.back(), {"the residual is", "above the tolerance"}));

  EXPECT_TRUE(mentions(explained("maskclip").description,
                       {"in units of the score and do not add up to it. Layer"}));
  EXPECT_TRUE(mentions(explained("gae").description, {"not in units of the score"}));
}

TEST(Explain, RefusesBalancesOfAMethodThatHasNone) {
  EXPECT_TRUE(mentions(error_of([] {
                         explain(Clip::embedded(), cat_and_dog(),
                                 {.method = "gae", .balances = true});
                       }),
                       {"balances", "gae"}));
}

TEST(Explain, RegionsOfValuesWithoutAUnitAreMeansAsInCompare) {
  const Explanation e =
      explain(Clip::embedded(), cat_and_dog(), {.method = "gae", .regions = "blocks:1x2"});
  ASSERT_TRUE(e.regions);
  double sum = 0;
  for (const RegionContribution& region : *e.regions) {
    sum += region.contribution * double(region.patches.size());
  }
  EXPECT_NEAR(sum, e.attribution.patch_sum(), 1e-5 * (1 + std::abs(sum)));  // float32 patches
  EXPECT_TRUE(contains_all(to_json(e), {R"("region_statistic": "mean")"}));
}

TEST(ExplanationPage, HasWhatIsNotOnThePatchesAndWhetherValuesHaveASign) {
  const Image image = cat_and_dog();
  const auto map = [&](const char* method) {
    const Explanation e = explain(Clip::embedded(), image, {.method = method});
    return result_of(page_of(e, image)).at("attribution");
  };
  const auto contributions = map("contributions"), integrated = map("integrated-gradients");
  EXPECT_TRUE(contributions.at("ledger").at("class_token").is_number());
  EXPECT_TRUE(contributions.at("elsewhere").is_number());
  EXPECT_EQ(contributions.at("signed"), true);
  EXPECT_TRUE(integrated.at("ledger").is_null());
  EXPECT_TRUE(integrated.at("elsewhere").is_number());
  EXPECT_EQ(map("saliency").at("signed"), false);
}

TEST(ExplanationPage, AcceptsACertificateWithoutASentence) {
  const Image image = cat_and_dog();
  Explanation e = explain(Clip::embedded(), image);
  e.certificate.emplace();
  e.certificate->verdict = Verdict::kWeak;
  const auto certificate = [&] { return result_of(page_of(e, image)).at("certificate"); };
  EXPECT_EQ(certificate().at("verdict"), "weak");
  EXPECT_EQ(certificate().at("sentence"), "");
  EXPECT_EQ(e.certificate->text(), "Weak.");
  e.certificate->sentence = "no colon";
  EXPECT_EQ(certificate().at("sentence"), "no colon");
  EXPECT_EQ(e.certificate->text(), "Weak: no colon");
}

TEST(Explain, RefusesAnUnknownMethodByItsName) {
  EXPECT_TRUE(
      mentions(error_of([] { explain(Clip::embedded(), cat_and_dog(), {.method = "gea"}); }),
               {"gea", "gae"}));
}

TEST(Explain, StopsWhenProgressSaysSo) {
  EXPECT_THROW(
      explain(Clip::embedded(), cat_and_dog(), {.progress = [](auto...) { return false; }}),
      Cancelled);
}

class ExplanationJson : public ::testing::Test {
 protected:
  static const Explanation& full() {
    static const Explanation e =
        explain(Clip::embedded(), cat_and_dog(),
                {.target = {.classifier = {.templates = "simple"}, .class_name = "cat"},
                 .image_name = "cat_and_dog.jpg",
                 .regions = "blocks:2x2",
                 .balances = true,
                 .words = true,
                 .interaction = true,
                 .certify = true});
    return e;
  }
};

TEST_F(ExplanationJson, LosesNothing) {
  const std::string text = to_json(full());
  EXPECT_EQ(to_json(explanation_from_json(text)), text);
  const Explanation again = explanation_from_json(text);
  EXPECT_EQ(again.attribution.patches, full().attribution.patches);
  EXPECT_EQ(again.components.blocks.at(0).head_tokens, full().components.blocks.at(0).head_tokens);
  EXPECT_EQ(again.interaction->contributions, full().interaction->contributions);
  EXPECT_EQ(again.certificate->verdict, full().certificate->verdict);
}

TEST_F(ExplanationJson, BeginsWithItsFormat) {
  EXPECT_TRUE(to_json(full(), -1).starts_with(R"({"format":"whyclip explanation 1",)"));
}

TEST_F(ExplanationJson, CutOffIsRefusedByName) {
  const std::string text = to_json(full());
  for (const std::size_t part : {1, 2, 3}) {
    EXPECT_TRUE(mentions(
        error_of([&] { explanation_from_json(text.substr(0, part * text.size() / 4), "a.json"); }),
        {"a.json", "cut off"}));
  }
}

TEST_F(ExplanationJson, WithoutAFieldNamesIt) {
  std::string text = to_json(full());
  text.replace(text.find("\"patch_size\""), 12, "\"patch_sise\"");
  EXPECT_TRUE(mentions(error_of([&] { explanation_from_json(text, "a.json"); }),
                       {"[a.json: image.patch_size]", "missing"}));
}

/// The error for the text of full() with `part` replaced.
std::string error_with(std::string text, const std::string& part, const std::string& other) {
  const std::size_t at = text.find(part);
  if (at == text.npos) return "no " + part;
  text.replace(at, part.size(), other);
  return error_of([&] { explanation_from_json(text, "a.json"); });
}

TEST_F(ExplanationJson, WithImpossibleValuesIsRefusedByTheField) {
  const std::string text = to_json(full());
  EXPECT_TRUE(mentions(error_with(text, "\"rows\": 12", "\"rows\": 0"),
                       {"[a.json: image.grid.rows]", "above 0"}));
  EXPECT_TRUE(mentions(error_with(text, "\"rows\": 12", "\"rows\": 3"),
                       {"[a.json: attribution.patches]", "expected 36", "got 144"}));
  EXPECT_TRUE(mentions(error_with(text, "\"width\": 640", "\"width\": -5"),
                       {"[a.json: image.width]", "above 0", "-5"}));
  EXPECT_TRUE(mentions(error_with(text, "\"kind\": \"class\"", "\"kind\": \"zzz\""),
                       {"[a.json: target.kind]", "prompt, class, contrast or feature", "zzz"}));
}

TEST_F(ExplanationJson, WithAPatchOutsideTheGridIsRefused) {
  std::string text = to_json(full());
  const std::size_t regions = text.find("\"regions\": ["),
                    patches = text.find("\"patches\": [", regions);
  ASSERT_NE(patches, text.npos);
  text.insert(patches + std::string_view("\"patches\": [").size(), "144, ");
  EXPECT_TRUE(mentions(error_of([&] { explanation_from_json(text, "a.json"); }),
                       {"[a.json: regions[0].patches]", "0 to 143", "144"}));
}

}  // namespace explanation_test
}  // namespace whyclip
