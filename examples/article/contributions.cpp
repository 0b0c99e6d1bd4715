// What the article was after: contributions of the patches that add up to the score.

#include <fmt/format.h>

#include "article.h"

namespace article {

using namespace whyclip;

void tell_contributions(const Story& story, Page& page) {
  Document& document = page.document;
  document.section("The score as a sum over the image");
  const Contributions reason = contributions(story.recorded, {&story.target, 1})[0];
  std::vector<PatchSet> each;
  for (int p = 0; p < int(reason.patches.size()); ++p) each.push_back({p});
  const std::vector<double> effects =
      removal_effects(story.clip, story.prepared, {&story.target, 1}, each)[0];
  const std::vector<float> removal(effects.begin(), effects.end());
  document.paragraph(
      "With the attention pattern, the norms' 1/σ, the gates and the embedding's length held as "
      "they are for this image, the network is linear in its inputs. One backward pass gives the "
      "contribution of every source, and the contributions add up to the logit.");
  document.figures(std::vector<DocumentFigure>{
      map_figure(story, "contributions of the patches", reason.patches, {.title = "logit"}),
      map_figure(story, "what the logit loses when the patch is removed", removal,
                 {.title = "logit"})});
  double biases = 0;
  for (const Contribution& bias : reason.biases) biases += bias.contribution;
  document.table(
      {.caption = "“" + story.classifier.prompt + "”",
       .columns = {"source", "contribution"},
       .rows = {{fmt::format("{} patches", reason.patches.size()), number(reason.patch_sum)},
                {"class token", number(reason.class_token)},
                {"position embeddings", number(reason.position_embedding)},
                {fmt::format("{} biases", reason.biases.size()), number(biases)},
                {"sum", number(reason.sum)},
                {"logit", number(reason.logit)},
                {"residual", fmt::format("{:.1e}", reason.residual)}}});
  const std::vector<double> contributions(reason.patches.begin(), reason.patches.end());
  const double correlation = spearman(contributions, effects);
  document.paragraph(fmt::format(
      "Rank correlation of the contributions with removal, by patch: {:+.2f}.", correlation));
  page.numbers["contributions"] = {{"logit", reason.logit},
                                   {"sum", reason.sum},
                                   {"residual", reason.residual},
                                   {"patch_sum", reason.patch_sum},
                                   {"with_removal", correlation}};
}

}  // namespace article
