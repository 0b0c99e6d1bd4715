#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/target_options.h"
#include "whyclip/zero_shot.h"

namespace whyclip {

/// The classes that the embedded model was trained on.
const std::vector<std::string>& embedded_classes();

/// Throws Error for options that exclude each other and for a feature of another form. It needs no
/// model: make_classifier calls it, and a program can call it before it opens one.
void check(const TargetOptions& options);

/// Encodes the prompts or the classes. Throws Error if a model other than the embedded one is given
/// neither, and as zero_shot_classes and zero_shot_prompts do; Cancelled.
ZeroShot make_classifier(const Clip& clip, const ClassifierOptions& options,
                         const Progress& progress = {});

/// The classifier with the classes that class_name and versus name added where no list was given;
/// empty where features are named by index and no classes. Throws Error as check and
/// make_classifier do; Cancelled.
ZeroShot make_classifier(const Clip& clip, const TargetOptions& options,
                         const Progress& progress = {});

/// The target among the classifier's scores for an image embedding before normalisation,
/// (projection). Throws Error (kNotFound) for a class that is not there, and as
/// FeatureChoice::target does.
Target choose_target(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores,
                     std::span<const float> image_embedding, const TargetOptions& options);

/// "2 prompts were cut to the model's 77 tokens: …". There must be one.
std::string truncation_note(const Clip& clip, const std::vector<std::string>& prompts);

/// What a reader must know of the answer: that the embedded model knows drawings only, which
/// prompts were cut, and which class of several of one name the target is.
std::vector<std::string> notes_on(const Clip& clip, const ZeroShot& zero_shot,
                                  const Target& target = {});

/// What must be said of the model before its answers are believed; empty for real checkpoints.
std::string caution(const Clip& clip);

}  // namespace whyclip
