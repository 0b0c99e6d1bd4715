// What the article was after: shares of the patches that add up to the score.

#include <fmt/format.h>

#include "article.h"

namespace article {

using namespace whyclip;

void tell_contributions(const Story& story, Page& page) {
  Document& document = page.document;
  document.section("The score as a sum over the picture");
  const Contributions why = contributions(story.image, {&story.target, 1})[0];
  std::vector<PatchSet> each;
  for (int p = 0; p < int(why.patches.size()); ++p) each.push_back({p});
  const std::vector<double> effects =
      removal_effects(story.clip, story.prepared, {&story.target, 1}, each)[0];
  const std::vector<float> removal(effects.begin(), effects.end());
  document.paragraph(
      "With the attention pattern, the norms' 1/σ, the gates and the embedding's length held as "
      "they are for this picture, the network is linear in its inputs. One walk back gives the "
      "share of every source, and the shares add up to the logit.");
  document.figures(std::vector<DocumentFigure>{
      map_figure(story, "shares of the patches", why.patches, {.title = "logit"}),
      map_figure(story, "what the logit loses when the patch is removed", removal,
                 {.title = "logit"})});
  double biases = 0;
  for (const Share& bias : why.biases) biases += bias.share;
  document.table({.caption = "“" + story.question.prompt + "”",
                  .columns = {"source", "share"},
                  .rows = {{fmt::format("{} patches", why.patches.size()), number(why.patch_sum)},
                           {"class token", number(why.class_token)},
                           {"position embeddings", number(why.position_embedding)},
                           {fmt::format("{} biases", why.biases.size()), number(biases)},
                           {"sum", number(why.sum)},
                           {"logit", number(why.logit)},
                           {"residual", fmt::format("{:.1e}", why.residual)}}});
  const std::vector<double> shares(why.patches.begin(), why.patches.end());
  const double correlation = spearman(shares, effects);
  document.paragraph(
      fmt::format("Rank correlation of the shares with removal, by patch: {:+.2f}.", correlation));
  page.numbers["contributions"] = {{"logit", why.logit},
                                   {"sum", why.sum},
                                   {"residual", why.residual},
                                   {"patch_sum", why.patch_sum},
                                   {"with_removal", correlation}};
}

}  // namespace article
