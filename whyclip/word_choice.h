#pragma once

#include "whyclip/attribution/word_texts.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/results/common.h"
#include "whyclip/word_options.h"

namespace whyclip {

/// Embeds the words of the options. Throws Error as find_templates and embed_words do; Cancelled.
WordTexts embed_chosen_words(const Clip& clip, const WordOptions& options,
                             const Progress& progress = {});

/// Number and source of the words, and their templates.
void add_word_settings(const Clip& clip, const WordOptions& options, const WordTexts& words,
                       Settings& settings);

}  // namespace whyclip
