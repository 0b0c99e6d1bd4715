#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/heads_output.h"
#include "cli/images.h"
#include "cli/target_options.h"
#include "cli/word_options.h"

namespace whyclip::cli {
namespace {

struct HeadsOptions {
  ModelOptions model;
  ImageOptions image;
  WordOptions words;
  std::vector<std::string> paths;
  std::string head, out;
  int layers = 4, texts = HeadWordsOptions{}.texts;
  bool json = false;
};

/// "3.1"
HeadPosition read_position(const std::string& text) {
  HeadPosition position;
  const char* const end = text.data() + text.size();
  const auto block = std::from_chars(text.data(), end, position.block);
  if (block.ec == std::errc() && block.ptr != end && *block.ptr == '.') {
    const auto head = std::from_chars(block.ptr + 1, end, position.head);
    if (head.ec == std::errc() && head.ptr == end) return position;
  }
  throw Error("--head", fmt::format("expected BLOCK.HEAD, both from 0 (3.1), got \"{}\"", text));
}

/// Before images are read. Throws Error for a head that the model has not.
void check(HeadPosition position, const Clip& clip) {
  const TowerConfig& tower = clip.config().vision.tower;
  if (position.block >= 0 && position.block < tower.layers && position.head >= 0 &&
      position.head < tower.heads) {
    return;
  }
  throw Error("--head",
              fmt::format("the model has the blocks 0 to {} with heads 0 to {} each, got "
                          "{}.{}",
                          tower.layers - 1, tower.heads - 1, position.block, position.head));
}

/// With fewer images than this for each dimension of a head, its variance is mostly chance.
constexpr std::int64_t kImagesForADimension = 2;

std::string few_images_note(const HeadOutputs& outputs) {
  std::int64_t dimensions = 0;
  for (const HeadOutputs::Head& head : outputs.heads()) {
    dimensions = std::max(dimensions, head.outputs.channels);
  }
  if (outputs.images() >= kImagesForADimension * dimensions) return {};
  return fmt::format(
      "{} images are few for heads of {} dimensions: the words may be those of "
      "these images only. Give some hundred.",
      outputs.images(), dimensions);
}

/// The vectors of all images; Ctrl-C leaves those that were seen.
struct Seen {
  HeadOutputs outputs;
  std::vector<Skipped> unread = {};
  bool interrupted = false;
};

Seen see(const HeadsOptions& options, std::optional<HeadPosition> only, const Clip& clip,
         const ImageList& list) {
  Seen seen{.outputs = HeadOutputs(options.layers, only)};
  try {
    seen.unread = each_image(clip, list, options.image, [&](const Preprocessed& image) {
      seen.outputs.add(RecordedImage(clip, image));
    });
  } catch (const Cancelled&) {
    if (seen.outputs.images() < 2) throw;
    seen.interrupted = true;
  }
  if (seen.outputs.images() < 2) {
    throw Error("images", fmt::format("expected at least two, because a head's words are those "
                                      "along which images differ; got {}",
                                      seen.outputs.images()));
  }
  return seen;
}

NamedHeads name_heads(const HeadsOptions& options, int& status) {
  const std::optional<HeadPosition> only =
      options.head.empty() ? std::nullopt : std::optional(read_position(options.head));
  options.image.decode();
  const ImageList list = list_images(options.paths);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  if (only) check(*only, clip);
  NamedHeads named{.model = clip.name(),
                   .words = {},
                   .heads = {},
                   .settings = {},
                   .cautions = notes_on(clip, {}),
                   .notes = {}};
  const WordTexts words = options.words.embed(clip);
  named.words = words.words;
  const Seen seen = see(options, only, clip, list);
  status = seen.interrupted ? kInterrupted : seen.unread.empty() ? 0 : 1;
  named.images = seen.outputs.images();
  named.heads = head_words(
      seen.outputs, words,
      {.texts = options.texts, .progress = seen.interrupted ? Progress() : progress_bar()});
  if (seen.interrupted) {
    named.notes.push_back(
        fmt::format("Interrupted: {} of {} images were seen.", named.images, list.paths.size()));
  }
  if (!seen.unread.empty()) named.notes.push_back(unread_note(seen.unread));
  named.skipped = seen.unread;
  named.skipped.insert(named.skipped.end(), list.others.begin(), list.others.end());
  if (std::string note = few_images_note(seen.outputs); !note.empty()) {
    named.notes.push_back(std::move(note));
  }
  named.settings = {
      {"model", named.model},
      {"images", fmt::format("{}", named.images)},
      {"view", options.image.whole ? "whole image" : "centre crop"},
      {"heads",
       options.head.empty() ? fmt::format("of the last {} blocks", options.layers) : options.head},
      {"words", fmt::format("{} {}", named.words.size(), options.words.source(clip))},
      {"templates of the words", options.words.template_name()},
      {"words for each head", fmt::format("{} at the most", options.texts)},
      {"whyclip", WHYCLIP_VERSION}};
  return named;
}

int run(const HeadsOptions& options) {
  int status = 0;
  const NamedHeads named = name_heads(options, status);
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    files = heads_files(named, options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n", heads_json(named).dump(1, ' ', false, Json::error_handler_t::replace));
    return status;
  }
  fmt::print("{}", heads_text(named));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return status;
}

}  // namespace

void add_heads(Command& program, int& status) {
  Command command = program.add_subcommand(
      "heads", "Say in words what each attention head writes, over many images (TextSpan)");
  auto options = std::make_shared<HeadsOptions>();
  command
      ->add_option("images", options->paths,
                   "Images (JPEG, PNG, WebP), folders of images, or - for standard input: some "
                   "hundred for a result that is not of these images only")
      ->type_name("IMAGE")
      ->required();
  options->words.add_to(*command);
  Option layers =
      command->add_option("--layers", options->layers, "Heads of how many of the last blocks")
          ->type_name("N")
          ->check(between(1, 999))
          ->capture_default_str();
  command
      ->add_option("--head", options->head, "Only this head: its block and its place, both from 0")
      ->type_name("BLOCK.HEAD")
      ->excludes(layers);
  command->add_option("--texts", options->texts, "How many words to choose for each head")
      ->type_name("N")
      ->check(between(1, 10'000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON instead of the list");
  command
      ->add_option("-o,--out", options->out,
                   "Folder for the page and the .json [default: none are written]")
      ->type_name("FOLDER");
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip heads drawings/\n"
      "  whyclip heads drawings/ --head 4.2 --texts 10\n"
      "  whyclip heads -m ~/clip photos/ --words words.txt --out heads");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace whyclip::cli
