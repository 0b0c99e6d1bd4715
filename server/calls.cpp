#include "server/calls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "server/failure.h"
#include "server/request_options.h"

namespace whyclip::server {
namespace {

/// Whether the model runs for every sample or step, or a number of them was chosen: methods of all
/// families have options that multiply their passes (samples, nodes, tolerance).
bool takes_long(const MethodInfo& method, const MethodSettings& settings) {
  if (method.family == MethodFamily::kPerturbation ||
      method.family == MethodFamily::kOptimisation || method.family == MethodFamily::kInteraction) {
    return true;
  }
  return std::ranges::any_of(settings.changed(), [&](const auto& changed) {
    const auto option = std::ranges::find(method.options, changed.first, &MethodOption::name);
    return option == method.options.end() || option->choices.empty();
  });
}

/// As the command prints it, an image a line; on one line for events.
std::string text_of(const Classification& classification, int indent) {
  if (indent < 0) return to_json(classification, indent);
  std::string text;
  ClassificationWriter writer(classification, [&](std::string_view part) { text += part; });
  for (const ImageClassification& image : classification.images) writer.add(image);
  writer.close();
  text.pop_back();  // the line break, which every answer gets
  return text;
}

/// A call of the library on the image of the request: compute(clip, image, options). The image's
/// warnings become notes of the result.
template <class Options, class Compute>
Call call_on_image(const CallInput& input, Lane lane, Options options, Compute compute) {
  return {lane, [&clip = input.clip, image = image_of(input), options = std::move(options),
                 compute](const Progress& progress, int indent) mutable {
            options.progress = progress;
            const auto decoded = image.read();
            auto result = compute(clip, decoded->image, options);
            add_warnings(*decoded, result);
            return to_json(result, indent);
          }};
}

Call make_classify(const CallInput& input) {
  ObjectReader reader(input.options, "options");
  ClassifyOptions options{.classifier = read_classifier(reader), .view = read_view(reader)};
  reader.finish();
  return {Lane::kQuick, [&clip = input.clip, image = image_of(input), options](
                            const Progress& progress, int indent) mutable {
            options.progress = progress;
            const auto decoded = image.read();
            Classification result = classify(clip, decoded->image, options, image.path);
            result.images.front().warnings = decoded->warnings;
            return text_of(result, indent);
          }};
}

Call make_explain(const CallInput& input) {
  ObjectReader reader(input.options, "options");
  ExplainOptions options{.target = read_target(reader),
                         .method = reader.text("method", ExplainOptions{}.method),
                         .method_options = read_method_options(reader.field("method_options"),
                                                               reader.name_of("method_options")),
                         .view = read_view(reader),
                         .image_name = image_of(input).path,
                         .regions = read_regions(reader),
                         .balances = reader.boolean("balances", false),
                         .words = reader.boolean("words", false),
                         .interaction = reader.boolean("interaction", false),
                         .certify = reader.boolean("certify", false)};
  reader.finish();
  const MethodInfo& method = find_method(options.method).info;  // a name, never a file
  const MethodSettings settings(method, options.method_options);
  const Lane lane = options.certify || takes_long(method, settings) ? Lane::kLong : Lane::kQuick;
  return call_on_image(input, lane, std::move(options),
                       [](const Clip& clip, const Image& image, const auto& how) {
                         return explain(clip, image, how);
                       });
}

Call make_compare(const CallInput& input) {
  constexpr std::size_t kMostMethods = 200;
  ObjectReader reader(input.options, "options");
  CompareOptions options{.target = read_target(reader),
                         .methods = reader.texts("methods", kMostMethods),
                         .method_options = read_options_of_methods(reader),
                         .view = read_view(reader),
                         .image_name = image_of(input).path,
                         .regions = read_regions(reader),
                         .removal = reader.boolean("removal", true),
                         .words = reader.boolean("words", false),
                         .ledger = reader.boolean("ledger", false)};
  reader.finish();
  if (options.methods.empty()) options.methods = CompareOptions{}.methods;
  choose_methods(options.methods, options.words);  // refuses names before anything is computed
  return call_on_image(input, Lane::kLong, std::move(options),
                       [](const Clip& clip, const Image& image, const CompareOptions& how) {
                         Comparison result = compare(clip, image, how);
                         // A comparison that was cancelled has the methods until then: nobody wants
                         // them.
                         report_progress(how.progress, "comparison", 1, 1);
                         return result;
                       });
}

Call make_inspect(const CallInput& input) {
  constexpr double kLeast = 1e-6, kMost = 1e6;
  ObjectReader reader(input.options, "options");
  InspectOptions options{.target = read_target(reader),
                         .image_threshold = reader.number("image_threshold", 1, kLeast, kMost),
                         .text_threshold = reader.number("text_threshold", 1, kLeast, kMost),
                         .view = read_view(reader),
                         .image_name = image_of(input).path};
  reader.finish();
  return call_on_image(input, Lane::kQuick, std::move(options),
                       [](const Clip& clip, const Image& image, const auto& how) {
                         return inspect(clip, image, how);
                       });
}

Call make_regions(const CallInput& input) {
  const RegionTableOptions defaults;
  ObjectReader reader(input.options, "options");
  RegionTableOptions options{.classifier = read_classifier(reader),
                             .feature = reader.text("feature"),
                             .regions = read_regions(reader, defaults.regions),
                             .method = reader.text("method", defaults.method),
                             .view = read_view(reader),
                             .image_name = image_of(input).path};
  reader.finish();
  const std::vector<std::string> methods = forward_methods();
  if (std::ranges::find(methods, options.method) == methods.end()) {
    refuse(reader.name_of("method"), fmt::format("expected one of {}", fmt::join(methods, ", ")));
  }
  check(options);
  return call_on_image(input, Lane::kQuick, std::move(options),
                       [](const Clip& clip, const Image& image, const auto& how) {
                         return regions(clip, image, how);
                       });
}

Call make_remove(const CallInput& input) {
  ObjectReader reader(input.options, "options");
  RemoveOptions options{
      .target = read_target(reader), .view = read_view(reader), .image_name = image_of(input).path};
  const Json& patches = reader.field("patches");
  if (!patches.is_null() && !patches.is_array()) {
    refuse(reader.name_of("patches"), "expected a list of row-major indices into the grid");
  }
  for (const Json& patch : patches) {
    if (!patch.is_number_integer() || !(patch >= 0 && patch <= std::numeric_limits<int>::max())) {
      refuse(reader.name_of("patches"), "expected whole numbers of 0 and more");
    }
    options.patches.push_back(patch.get<int>());
  }
  if (reader.has("fills")) {
    options.fills.clear();
    for (const std::string& fill : reader.texts("fills", kFills.size())) {
      options.fills.push_back(fill_named(fill));
    }
  }
  reader.finish();
  return call_on_image(input, Lane::kQuick, std::move(options),
                       [](const Clip& clip, const Image& image, const auto& how) {
                         return remove(clip, image, how);
                       });
}

}  // namespace

const ServedImage& image_of(const CallInput& input) {
  if (!input.image) refuse("image", "is missing: send the id of an image (see /api/v1/images)");
  return *input.image;
}

std::vector<NamedCall> calls() {
  std::vector<NamedCall> all{{"classify", make_classify}, {"explain", make_explain},
                             {"compare", make_compare},   {"inspect", make_inspect},
                             {"regions", make_regions},   {"remove", make_remove}};
  for (const NamedCall& call : word_calls()) all.push_back(call);
  for (const NamedCall& call : article_calls()) all.push_back(call);
  return all;
}

}  // namespace whyclip::server
