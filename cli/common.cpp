#include "cli/common.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace whyclip::cli {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> default_cache() {
  if (const char* folder = std::getenv("XDG_CACHE_HOME"); folder != nullptr && *folder != '\0') {
    return fs::path(folder) / "whyclip" / "text.sqlite";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path(home) / ".cache" / "whyclip" / "text.sqlite";
  }
  return std::nullopt;
}

Clip open_with(const std::string& model, ClipOptions options) {
  return model.empty() ? Clip::embedded(std::move(options)) : Clip::open(model, std::move(options));
}

}  // namespace

void ModelOptions::add_to(CLI::App& command) {
  command
      .add_option("-m,--model", model,
                  "Checkpoint: a Hugging Face or open_clip folder, or a .safetensors file "
                  "[default: the small embedded model of a cartoon world]")
      ->envname("WHYCLIP_MODEL");
  command.add_option("--threads", threads, "Threads [default: all processors]")
      ->check(CLI::Range(1, 4096));
  CLI::Option* named = command.add_option(
      "--cache", cache, "File that keeps text embeddings [default: in the user's cache folder]");
  command.add_flag("--no-cache", no_cache, "Keep no text embeddings")->excludes(named);
  command.add_flag("-q,--quiet", quiet, "Say nothing but the result and errors");
}

Clip ModelOptions::open() const {
  ClipOptions options{.threads = threads, .cache = {}};
  if (no_cache) return open_with(model, options);
  if (!cache.empty()) {
    options.cache = cache;
    return open_with(model, options);
  }
  options.cache = default_cache();
  try {
    return open_with(model, options);
  } catch (const Error& error) {
    // Only the cache is given up; anything else is wrong without it too and is thrown again.
    Clip clip = open_with(model, {.threads = threads, .cache = {}});
    if (!quiet) complain(fmt::format("going on without a cache: {}", error.what()));
    return clip;
  }
}

void PictureOptions::add_to(CLI::App& command) {
  command.add_option("--max-pixels", max_pixels, "Refuse pictures with more pixels than this")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->capture_default_str();
  command.add_option("--background", background,
                     "Blend transparent pictures over this colour (RRGGBB) [default: drop alpha, "
                     "as the reference implementation does]");
  command.add_flag("--whole-picture", whole,
                   "Show the model the whole picture, not its centre: a longer patch grid with "
                   "interpolated position embeddings");
}

DecodeOptions PictureOptions::decode() const {
  DecodeOptions options{.max_pixels = max_pixels, .background = {}};
  if (background.empty()) return options;
  const std::string digits = background.starts_with('#') ? background.substr(1) : background;
  if (digits.size() != 6 ||
      digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    throw Error("--background",
                fmt::format("expected six hexadecimal digits RRGGBB, got {}", background));
  }
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) {
    colour[c] = static_cast<std::uint8_t>(std::stoi(digits.substr(2 * c, 2), nullptr, 16));
  }
  options.background = colour;
  return options;
}

std::string caution(const Clip& clip) {
  if (!clip.is_embedded()) return {};
  return "The embedded model knows drawings of its small cartoon world only (cat, dog, bird, rat, "
         "building, tree, "
         "man, woman, boy, girl); what it says of a photograph means nothing. For photographs name "
         "a real "
         "checkpoint: --model DIR, a folder with config.json and model.safetensors.";
}

void announce(const Clip& clip, const ModelOptions& options) {
  if (options.quiet) return;
  fmt::print(stderr, "model: {}\n", clip.name());
  if (const std::string text = caution(clip); !text.empty()) fmt::print(stderr, "note: {}\n", text);
}

void warn_truncated(const Clip& clip, const ZeroShot& zero_shot) {
  for (const std::string& prompt : zero_shot.truncated) {
    complain(fmt::format("warning: the prompt was cut to the model's {} tokens: {}",
                         clip.config().text.context_length, prompt));
  }
}

void complain(std::string_view line) {
  clear_progress_line();
  fmt::print(stderr, "whyclip: {}\n", line);
}

}  // namespace whyclip::cli
