// The goal of the article: contributions of the patches that add up to the score.

#include <fmt/format.h>

#include "article.h"

namespace article {

using namespace whyclip;

void add_contributions(const Story& story, Page& page) {
  Document& document = page.document;
  document.section("The score as a sum over the image");
  const Contributions explanation = contributions(story.recorded, {&story.target, 1})[0];
  std::vector<PatchSet> each;
  for (int p = 0; p < int(explanation.patches.size()); ++p) each.push_back({p});
  const std::vector<double> effects =
      removal_effects(story.clip, story.prepared, {&story.target, 1}, each)[0];
  const std::vector<float> removal(effects.begin(), effects.end());
  document.paragraph(
      "With the attention pattern, the norms' 1/σ, the gates and the embedding's length held "
      "constant at their values for this image, the network is linear in its inputs. One backward "
      "pass gives the contribution of every source, and the contributions add up to the logit.");
  document.figures(std::vector<DocumentFigure>{
      map_figure(story, "contributions of the patches", explanation.patches, {.title = "logit"}),
      map_figure(story, "decrease of the logit if the patch is removed", removal,
                 {.title = "logit"})});
  double biases = 0;
  for (const Contribution& bias : explanation.biases) biases += bias.contribution;
  document.table({.caption = "“" + story.options.prompt + "”",
                  .columns = {"source", "contribution"},
                  .rows = {{fmt::format("{} patches", explanation.patches.size()),
                            number(explanation.patch_sum)},
                           {"class token", number(explanation.class_token)},
                           {"position embeddings", number(explanation.position_embedding)},
                           {fmt::format("{} biases", explanation.biases.size()), number(biases)},
                           {"sum", number(explanation.sum)},
                           {"logit", number(explanation.logit)},
                           {"residual", fmt::format("{:.1e}", explanation.residual)}}});
  const std::vector<double> contributions(explanation.patches.begin(), explanation.patches.end());
  const double correlation = spearman(contributions, effects);
  document.paragraph(fmt::format(
      "Rank correlation of the contributions with removal, by patch: {:+.2f}.", correlation));
  page.numbers["contributions"] = {{"logit", explanation.logit},
                                   {"sum", explanation.sum},
                                   {"residual", explanation.residual},
                                   {"patch_sum", explanation.patch_sum},
                                   {"with_removal", correlation}};
}

}  // namespace article
