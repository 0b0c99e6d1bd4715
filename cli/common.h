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

/// Options of every command that opens a model.
struct ModelOptions {
  std::string model;              ///< a path or a name; empty: the embedded one
  bool offline = false;           ///< download nothing
  std::string heads, activation;  ///< of a file of weights without a config
  int threads = 0;
  std::string cache;  ///< empty: the user's cache folder
  bool no_cache = false;
  bool quiet = false;

  void add_to(Command& command);
  /// Only the options that name the checkpoint, for commands that do not run the model.
  void add_checkpoint_to(Command& command);
  /// Only threads and cache, for a command that opens several models.
  void add_resources_to(Command& command);
  /// Opens the model. A default cache that cannot be used is a warning; a cache that was named and
  /// cannot be used is an error.
  Clip open() const;
  /// The same model without a cache, on one thread, with an optional transform of the image tower's
  /// weights: for evaluations, which distribute images over threads.
  Clip open_on_one_thread(WeightTransform transform = {}) const;

 private:
  /// The path of the named model, after a download if one is needed; empty: the embedded model.
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

/// Prints the model's name and the caution on standard error, unless the command is quiet.
void announce(const Clip& clip, const ModelOptions& options);

/// Prints the notes on standard error, a line each, without the caution, which announce prints.
void warn_of(const std::vector<std::string>& notes, const Clip& clip);

/// An error for the user of the command: an option of a library call is named as its flag.
std::string text_of(const Error& error);

/// One line on standard error that begins with the program's name.
void warn(std::string_view line);

/// Exit status after Ctrl-C, as shells have it.
inline constexpr int kInterrupted = 130;

}  // namespace whyclip::cli
