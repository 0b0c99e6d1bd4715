#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/progress_bar.h"
#include "whyclip/whyclip.h"

namespace whyclip::cli {

using Json = nlohmann::ordered_json;

/// Options that every command with a model has.
struct ModelOptions {
  std::string model;  ///< empty: the embedded one
  int threads = 0;
  std::string cache;  ///< empty: the user's cache folder
  bool no_cache = false;
  bool quiet = false;

  void add_to(Command& command);
  /// Only what a command needs that asks the model nothing.
  void add_checkpoint_to(Command& command);
  /// Opens the model. A default cache that cannot be used is only mentioned; one that was named is
  /// an error.
  Clip open() const;
  /// The same model without a cache, on one thread, its image tower altered if requested:
  /// for those who spread images over threads.
  Clip open_on_one_thread(WeightTransform transform = {}) const;
};

/// How images are read.
struct ImageOptions {
  std::int64_t max_pixels = DecodeOptions{}.max_pixels;
  std::string background;
  bool whole = false;

  void add_to(Command& command);
  /// Warnings about damaged images go to standard error, each once, and to `warnings` if there is
  /// one. Throws Error if the background is not a colour.
  DecodeOptions decode(std::vector<std::string>* warnings = nullptr) const;
  View view() const { return whole ? View::kWholeImage : View::kCentreCrop; }
};

/// What must be said of the model before its answers are believed; empty for real checkpoints.
std::string caution(const Clip& clip);

/// Says on standard error which model is used, with the caution, unless told to be quiet.
void announce(const Clip& clip, const ModelOptions& options);

/// Warns, in one line, of prompts that were cut to the context length.
void warn_truncated(const Clip& clip, const std::vector<std::string>& prompts);

/// One line on standard error that begins with the program's name.
void warn(std::string_view line);

/// Exit status after Ctrl-C, as shells have it.
inline constexpr int kInterrupted = 130;

}  // namespace whyclip::cli
