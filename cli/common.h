#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/progress_bar.h"
#include "whyclip/extend.h"
#include "whyclip/front_end.h"
#include "whyclip/whyclip.h"

namespace whyclip::cli {

/// Options that every command with a model has.
struct ModelOptions {
  std::string model;     ///< a path or a name; empty: the embedded one
  bool offline = false;  ///< download nothing
  std::string heads, activation;  ///< of a file of weights without a config
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

 private:
  /// The path that the model's name stands for, after a download if one is needed; empty: the
  /// embedded one.
  std::filesystem::path resolve() const;
  ClipOptions clip_options() const;
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

/// Says on standard error which model is used, with the caution, unless told to be quiet.
void announce(const Clip& clip, const ModelOptions& options);

/// The notes on standard error, a line each, without the caution that announce says.
void warn_of(const std::vector<std::string>& notes, const Clip& clip);

/// An error for the user of the command: an option of a library call is named as its flag.
std::string text_of(const Error& error);

/// One line on standard error that begins with the program's name.
void warn(std::string_view line);

/// Exit status after Ctrl-C, as shells have it.
inline constexpr int kInterrupted = 130;

}  // namespace whyclip::cli
