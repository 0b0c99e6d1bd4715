#include "cli/common.h"

#include <fmt/format.h>

#include <algorithm>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "cli/command.h"
#include "cli/terminal.h"

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

/// What was said already: an evaluation reads an image several times, from several threads.
struct Said {
  std::mutex mutex;
  std::set<std::string> texts;
};

Clip open_with(const fs::path& model, ClipOptions options) {
  return model.empty() ? Clip::embedded(std::move(options)) : Clip::open(model, std::move(options));
}

/// A message about options of a library call with the flags of the command: "cannot be combined
/// with
/// --class and --versus".
std::string with_flags(std::string message) {
  constexpr std::string_view kWith = "combined with ";
  constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
      {"class", "--class"},   {"classes", "--classes"}, {"versus", "--versus"},
      {"prompt", "--prompt"}, {"prompts", "--prompt"},  {"feature", "--feature"},
      {"words", "--words"}};
  std::size_t at = message.find(kWith);
  if (at == message.npos) return message;
  at += kWith.size();
  while (at < message.size()) {  // word by word, up to a colon
    const std::size_t end = std::min(message.find_first_of(" ,:", at), message.size());
    const std::string_view word = std::string_view(message).substr(at, end - at);
    const auto flag =
        std::ranges::find(kFlags, word, &std::pair<std::string_view, std::string_view>::first);
    const std::size_t added = flag == std::end(kFlags) ? 0 : flag->second.size() - word.size();
    if (flag != std::end(kFlags)) message.replace(at, word.size(), flag->second);
    if (end + added >= message.size() || message[end + added] == ':') break;
    at = end + added + 1;
  }
  return message;
}

}  // namespace

void ModelOptions::add_checkpoint_to(Command& command) {
  command
      .add_option("-m,--model", model,
                  "Checkpoint: a folder or file, or a name: openai/clip-vit-base-patch32 on the "
                  "Hugging Face hub (@REVISION may follow), hf-hub:org/name, or open_clip's "
                  "ViT-B-32/laion2b_s34b_b79k. It is downloaded unless it is in the cache "
                  "[default: the small embedded model of a cartoon world]")
      ->type_name("NAME")
      ->envname("WHYCLIP_MODEL");
  command
      .add_option("--heads", heads,
                  "Heads of both towers, or of the image and the text tower (12,8), for a file of "
                  "weights without a config [default: width / 64]")
      ->type_name("N[,N]");
  command
      .add_option("--activation", activation,
                  "quick_gelu, gelu or gelu_tanh, for a file of weights without a config [default: "
                  "by the library that wrote it]")
      ->type_name("NAME");
  command.add_flag("--offline", offline, "Download nothing: the model must be in the cache");
  command.add_flag("-q,--quiet", quiet, "Print only the result and errors");
}

void ModelOptions::add_to(Command& command) {
  add_checkpoint_to(command);
  add_resources_to(command);
}

void ModelOptions::add_resources_to(Command& command) {
  command.add_option("--threads", threads, "How many to use [default: all processors]")
      ->type_name("N")
      ->check(between(1, 4096));
  Option named =
      command
          .add_option("--cache", cache,
                      "File that keeps text embeddings from one call to the next [default: "
                      "whyclip/text.sqlite in $XDG_CACHE_HOME or ~/.cache]")
          ->type_name("FILE");
  command.add_flag("--no-cache", no_cache, "Keep no text embeddings")->excludes(named);
}

fs::path ModelOptions::resolve() const {
  return model.empty() ? fs::path()
                       : resolve_model_from_environment(model, offline, progress_bar());
}

ClipOptions ModelOptions::clip_options() const {
  return {.threads = threads, .cache = {}, .infer = parse_infer_options(heads, activation)};
}

Clip ModelOptions::open() const {
  if (quiet) hide_progress();
  const fs::path path = resolve();
  ClipOptions options = clip_options();
  if (no_cache) return open_with(path, options);
  if (!cache.empty()) {
    options.cache = cache;
    return open_with(path, options);
  }
  options.cache = default_cache();
  try {
    return open_with(path, options);
  } catch (const Error& error) {
    // Only the cache is given up; anything else is wrong without it too and is thrown again.
    Clip clip = open_with(path, clip_options());
    if (!quiet) warn(fmt::format("continuing without a cache: {}", error.what()));
    return clip;
  }
}

Clip ModelOptions::open_on_one_thread(WeightTransform transform) const {
  ClipOptions options = clip_options();
  options.threads = 1;
  options.vision_weight_transform = std::move(transform);
  return open_with(resolve(), std::move(options));
}

void ImageOptions::add_to(Command& command) {
  command.add_option("--max-pixels", max_pixels, "Refuse images with more pixels than this")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command
      .add_option("--background", background,
                  "Blend transparent images over this colour [default: drop alpha, as the "
                  "reference implementation does]")
      ->type_name("RRGGBB");
  command.add_flag("--whole-image,--whole-picture", whole,
                   "Show the model the whole image, not its centre square: a longer patch grid "
                   "with interpolated position embeddings");
}

DecodeOptions ImageOptions::decode(std::vector<std::string>* warnings) const {
  DecodeOptions options{
      .max_pixels = max_pixels,
      .background = {},
      .on_warning = [said = std::make_shared<Said>(), warnings](const std::string& warning) {
        const std::lock_guard lock(said->mutex);
        if (warnings != nullptr) warnings->push_back(warning);
        if (!said->texts.insert(warning).second) return;
        warn(fmt::format("warning: {}", warning));
      }};
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

void announce(const Clip& clip, const ModelOptions& options) {
  if (options.quiet) return;
  const int width = Terminal::standard_error().width;
  fmt::print(stderr, "model: {}\n", one_line(clip.name()));
  if (const std::string text = caution(clip); !text.empty()) {
    fmt::print(stderr, "{}\n", wrap("note: " + text, width));
  }
}

void warn_of(const std::vector<std::string>& notes, const Clip& clip) {
  for (const std::string& note : notes) {
    if (note != caution(clip)) warn("note: " + note);
  }
}

std::string text_of(const Error& error) {
  constexpr std::string_view kFlags[] = {"prompt", "feature", "words", "interaction", "classes",
                                         "head",   "versus",  "heads", "activation"};
  const bool flag = std::ranges::find(kFlags, error.where()) != std::end(kFlags);
  return fmt::format("[{}{}] {}", flag ? "--" : "", error.where(),
                     flag ? with_flags(error.message()) : error.message());
}

void warn(std::string_view line) {
  clear_progress_line();
  const std::string text = fmt::format("whyclip: {}\n", one_line(line));
  std::fwrite(text.data(), 1, text.size(), stderr);  // fmt::print throws where that fails
}

}  // namespace whyclip::cli
