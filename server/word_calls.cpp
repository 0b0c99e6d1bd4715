// The calls that describe images and heads by words, over many images.

#include <fmt/format.h>

#include <algorithm>

#include "server/calls.h"
#include "server/failure.h"
#include "server/request_options.h"

namespace whyclip::server {
namespace {

constexpr std::size_t kMostImages = 2000;

/// The images of these ids, decoded when they are needed.
std::vector<ImageSource> sources_of(const std::vector<std::string>& ids, Images& images) {
  std::vector<ImageSource> sources;
  for (const std::string& id : ids) {
    const ServedImage image = images.find(id);
    sources.push_back({image.path, [image](std::vector<std::string>& warnings) -> Image {
                         try {
                           const auto decoded = image.read();
                           warnings = decoded->warnings;
                           return decoded->image;
                         } catch (const RequestError& error) {  // the library skips the image
                           throw Error(error.failure().where, error.failure().message);
                         }
                       }});
  }
  return sources;
}

/// A score that is divided among the words, if the options name one.
std::optional<TargetOptions> read_score(ObjectReader& reader) {
  TargetOptions target{.classifier = read_classifier(reader),
                       .class_name = reader.text("class"),
                       .versus = reader.text("versus")};
  const bool named = !target.class_name.empty() || !target.versus.empty() ||
                     !target.classifier.classes.empty() || !target.classifier.prompts.empty();
  if (!named) return {};
  check(target);
  return target;
}

Call make_concepts(const CallInput& input) {
  ObjectReader reader(input.options, "options");
  ConceptsOptions options{
      .target = read_score(reader),
      .words = read_words(reader),
      .penalty = reader.number("penalty", ConceptsOptions{}.penalty, 1e-9, 1e9),
      .mean_images = sources_of(reader.texts("mean_images", kMostImages), input.images),
      .centre = reader.boolean("centre", true),
      .view = read_view(reader),
      .image_name = image_of(input).path};
  reader.finish();
  const Lane lane = options.mean_images.empty() ? Lane::kQuick : Lane::kLong;
  return {lane, [&clip = input.clip, image = image_of(input), options](const Progress& progress,
                                                                       int indent) mutable {
            options.progress = progress;
            const auto decoded = image.read();
            return to_json(concepts(clip, decoded->image, options), indent);
          }};
}

Call make_heads(const CallInput& input) {
  constexpr int kMostBlocks = 999, kMostTexts = 10'000;
  const HeadsOptions defaults;
  ObjectReader reader(input.options, "options");
  HeadsOptions options{.words = read_words(reader),
                       .blocks = int(reader.integer("blocks", defaults.blocks, 1, kMostBlocks)),
                       .texts = int(reader.integer("texts", defaults.texts, 1, kMostTexts)),
                       .view = read_view(reader)};
  if (reader.has("block")) options.block = int(reader.integer("block", 0, 0, kMostBlocks));
  if (reader.has("head")) options.head = int(reader.integer("head", 0, 0, kMostBlocks));
  if (options.block.has_value() != options.head.has_value()) {
    refuse(reader.name_of("head"), "block and head name one head: send both or none");
  }
  std::vector<std::string> ids = reader.texts("images", kMostImages);
  reader.finish();
  bool more = false;
  if (ids.empty()) {
    ImageFolder::Listing listing = input.images.folder_ids();
    ids = std::move(listing.paths);
    more = listing.more;
  }
  const std::vector<ImageSource> sources = sources_of(ids, input.images);
  return {Lane::kLong, [&clip = input.clip, sources, more, options](const Progress& progress,
                                                                    int indent) mutable {
            options.progress = progress;
            DescribedHeads result = heads(clip, sources, options);
            if (result.interrupted) throw Cancelled("heads");  // nobody waits for a part
            if (more) {
              result.notes.push_back(fmt::format(
                  "the folder has more than {0} images: only {0} were used", sources.size()));
            }
            return to_json(result, indent);
          }};
}

}  // namespace

std::vector<NamedCall> word_calls() {
  return {{"concepts", make_concepts}, {"heads", make_heads, false}};
}

}  // namespace whyclip::server
