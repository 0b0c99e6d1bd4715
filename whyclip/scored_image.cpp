#include "whyclip/scored_image.h"

#include "whyclip/attribution/feature_target.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"

namespace whyclip {

ScoredImage score_image(const Clip& clip, const Image& image, View view, const std::string& name,
                        const TargetOptions& options, const Progress& progress) {
  Preprocessed prepared = prepare_image(clip, image, view, name);
  ZeroShot zero_shot = make_classifier(clip, options, progress);
  RecordedImage recorded(clip, prepared);
  Scores scores = score(clip, zero_shot, recorded.embedding());
  Target target = choose_target(clip, zero_shot, scores, recorded.embedding(), options);
  return {std::move(prepared), std::move(zero_shot), std::move(recorded), std::move(scores),
          std::move(target)};
}

CommonFields common_fields(const Clip& clip, const Image& image, View view, const std::string& name,
                           const ScoredImage& scored) {
  const Target& target = scored.target;
  return {.model = model_info(clip),
          .image = image_info(clip, image, scored.prepared, view, name),
          .target = {target.kind, target.name, std::string(quantity_of(target.kind)),
                     target_value(target, scored.recorded.embedding())},
          .notes = notes_on(clip, scored.zero_shot, target)};
}

}  // namespace whyclip
