// Deoptimisation (descending the score) of the patches, then of the pixels.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "article.h"

namespace article {
namespace {

using namespace whyclip;

/// A loss of the article, or the reason why there is none.
struct Trial {
  std::string name, heading;
  std::optional<DeoptimisationLoss> loss;
  std::string missing;
};

Trial selected(const Story& story, std::string name, std::string heading, bool strong) {
  const std::vector<float> t = text_embedding_of_prompt(story.prompt, 0);
  const double threshold = story.options.contributor_threshold;
  Trial trial{std::move(name), std::move(heading), {}, {}};
  try {
    const std::vector<FeatureWeight> features =
        strong ? strong_contributors(t, threshold) : detractors(t, -threshold);
    trial.loss = {trial.name, LossForm::kDotSquared, std::vector<float>(t.size(), 0.0f)};
    for (const auto& [index, weight] : features) {
      trial.loss->vector[std::size_t(index)] = float(weight);
    }
    trial.heading += fmt::format(" ({} of {} values)", features.size(), t.size());
  } catch (const Error& error) {  // the threshold selects no value
    trial.missing = error.what();
  }
  return trial;
}

Trial feature_trial(const Story& story) {
  Trial trial{"feature", fmt::format("One feature: z[{}]²", story.feature), {}, {}};
  std::vector<float> unit(story.recorded.embedding().size(), 0.0f);
  unit[std::size_t(story.feature)] = 1;
  trial.loss = {trial.name, LossForm::kDotSquared, unit};
  return trial;
}

Trial dot_trial(const Story& story, std::string name, std::string heading, LossForm form) {
  return {name,
          std::move(heading),
          DeoptimisationLoss{name, form, text_embedding_of_prompt(story.prompt, 0)},
          {}};
}

std::vector<Trial> trials(const Story& story, bool all) {
  std::vector<Trial> result{feature_trial(story)};
  if (all) {
    result.push_back(
        dot_trial(story, "dot_squared", "The whole prompt: (z·t)²", LossForm::kDotSquared));
  }
  result.push_back(dot_trial(story, "positive", "Only positive products: max(z·t, 0)²",
                             LossForm::kPositiveSquared));
  result.push_back(selected(story, "strong", "Only the strong contributors", true));
  if (all) result.push_back(selected(story, "detractors", "Only the detractors", false));
  return result;
}

std::string caption(ChannelReduction reduction) {
  switch (reduction) {
    case ChannelReduction::kMean:
      return "mean of all channels";
    case ChannelReduction::kMax:
      return "maximum of all channels";
    case ChannelReduction::kMostVaried:
      return "most varied channel";
    case ChannelReduction::kBoosted:
      return "boosted maximum of all channels";
    case ChannelReduction::kNorm:
      return "norm over all channels";
  }
  return "";
}

DocumentFigure darkened(const Story& story, const DeoptimisationRuns& result,
                        ChannelReduction reduction) {
  const PatchGrid cells{result.rows, result.columns, story.recorded.grid().area};
  return {.caption = caption(reduction),
          .image = overlay(story.image, cells,
                           reduce_channels(reduction, result.runs[0].change, result.columns),
                           {.style = OverlayStyle::kMultiply, .legend = false})};
}

std::string text_of(const std::optional<double>& correlation) {
  return correlation ? fmt::format("{:+.2f}", *correlation) : "none";
}

/// The result of the corrected method for the same quantity: the contributions to z·v, which add up
/// to it.
Contributions contributions_of(const Story& story, const DeoptimisationLoss& loss) {
  std::vector<FeatureWeight> features;
  for (std::size_t k = 0; k < loss.vector.size(); ++k) {
    if (loss.vector[k] != 0) features.push_back({int(k), double(loss.vector[k])});
  }
  const Target target = feature_target(features, story.recorded.embedding(), loss.name);
  return contributions(story.recorded, {&target, 1})[0];
}

/// Runs one trial, adds its figures to the page and its row to the table.
void add_trial(const Story& story, const Trial& trial, Variable variable, DocumentTable& table,
               Page& page, nlohmann::ordered_json& numbers) {
  Document& document = page.document;
  document.part(trial.heading);
  if (!trial.loss) {
    document.paragraph("Nothing to change: " + trial.missing);
    numbers[trial.name] = nullptr;
    return;
  }
  DeoptimisationOptions options{.variable = variable, .steps = 4, .rate = 0.01};
  const DeoptimisationRuns result = deoptimise(story.clip, story.recorded, *trial.loss, options);
  const bool boosted = trial.name != "feature" && trial.name != "dot_squared";
  std::vector<DocumentFigure> figures;
  for (const ChannelReduction reduction :
       {ChannelReduction::kMean, ChannelReduction::kMax,
        boosted ? ChannelReduction::kBoosted : ChannelReduction::kMostVaried}) {
    figures.push_back(darkened(story, result, reduction));
  }
  if (variable == Variable::kPixels) {
    figures.push_back(
        {.caption = "the image edited",
         .image = undo_normalisation(planes_of(result.runs[0].state), story.prepared.width,
                                     story.prepared.height, story.clip.preprocess_config())});
  }
  const Contributions contributions = contributions_of(story, *trial.loss);
  figures.push_back(
      map_figure(story, "instead: contributions that add up to z·v", contributions.patches));
  document.figures(figures);

  const DeoptimisationMaps maps =
      maps_by_patch(result, ChannelReduction::kNorm, story.recorded.grid());
  const std::vector<double> effects = removal_effects(story.clip, story.prepared, *trial.loss);
  const DeoptimisationCheck check = check_deoptimisation(maps.map, maps.controls, effects);
  const DeoptimisationRun& run = result.runs[0];
  const std::vector<float> largest =
      reduce_channels(ChannelReduction::kMax, run.change, result.columns);
  const double change = double(*std::ranges::max_element(largest));
  table.rows.push_back({trial.heading, fmt::format("{:.5g}", run.losses.front()),
                        fmt::format("{:.5g}", run.losses.back()), fmt::format("{:.4g}", change),
                        text_of(check.removal), text_of(check.control),
                        text_of(check_deoptimisation(contributions.patches, {}, effects).removal)});
  numbers[trial.name] = {{"losses", run.losses},
                         {"largest_change", change},
                         {"with_removal", check.removal ? nlohmann::ordered_json(*check.removal)
                                                        : nlohmann::ordered_json()},
                         {"with_random", check.control ? nlohmann::ordered_json(*check.control)
                                                       : nlohmann::ordered_json()}};
}

DocumentTable table_of_trials() {
  return {.caption = "Four steps of plain descent at 0.01, and the reliability of the maps",
          .columns = {"loss", "before", "after", "largest change", "with removal", "with random",
                      "contributions with removal"},
          .rows = {},
          .note =
              "Rank correlations by patch: of the change with the effect of removing the patch, "
              "and of the change with the change for a random direction; last, of the "
              "contributions with the effect of removal."};
}

}  // namespace

void add_patches(const Story& story, Page& page) {
  Document& document = page.document;
  document.section("Changing the patches");
  document.paragraph(
      "Gradient descent on the patch embeddings reduces the score. Bright patches changed; each "
      "map is scaled to its own largest value.");
  DocumentTable table = table_of_trials();
  nlohmann::ordered_json numbers;
  for (const Trial& trial : trials(story, true)) {
    add_trial(story, trial, Variable::kPatches, table, page, numbers);
  }
  document.table(table);
  page.numbers["patches"] = numbers;
  document.remark(
      "Descent first changes the patches to which the network is most sensitive, for any loss: "
      "where the column “with random” is near 1, the map does not depend on the loss. "
      "Contributions have a sign and a unit, and add up to the explained value.");
}

void add_pixels(const Story& story, Page& page) {
  Document& document = page.document;
  document.section("Changing the pixels");
  DocumentTable table = table_of_trials();
  nlohmann::ordered_json numbers;
  for (const Trial& trial : trials(story, false)) {
    add_trial(story, trial, Variable::kPixels, table, page, numbers);
  }
  document.table(table);
  page.numbers["pixels"] = numbers;
  document.remark(
      "Gradients of pixels follow the stripes of the patch filters. To reduce this, “whyclip "
      "deoptimise --variable pixels” offers total variation, a low pass and Adam; it has the same "
      "controls.");
}

}  // namespace article
