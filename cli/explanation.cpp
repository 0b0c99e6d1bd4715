#include "cli/explanation.h"

#include <fmt/format.h>

#include "cli/files.h"
#include "cli/images.h"

namespace whyclip::cli {

void ExplanationArguments::add_score_to(Command& command) {
  command.add_option("image", path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  target.add_to(command);
  method.add_to(command);
}

void ExplanationArguments::add_model_to(Command& command) {
  model.add_to(command);
  image.add_to(command);
}

ExplainedImage explain_image(const ExplanationArguments& arguments) {
  std::vector<std::string> warnings;
  const DecodeOptions decode = arguments.image.decode(&warnings);
  ExplainOptions options{.target = arguments.target.options(),
                         .method = arguments.method.method,
                         .method_options = arguments.method.options(),
                         .view = arguments.image.view(),
                         .image_name = arguments.path == "-" ? shown_name("-") : arguments.path,
                         .regions = arguments.regions.text,
                         .drop_empty_regions = arguments.regions.drop_empty,
                         .balances = arguments.balances,
                         .words = arguments.words,
                         .interaction = arguments.interaction,
                         .certify = arguments.certify};
  MethodSettings(method_named(options.method).info, options.method_options);  // before the model
  ExplainedImage result{.image = load_image(arguments.path, decode), .explanation = {}, .stem = {}};
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  options.progress = progress_bar();  // opening the model hides it with --quiet
  Explanation& e = result.explanation;
  e = explain(clip, result.image, options);
  if (interrupted()) throw Cancelled("explain");
  warn_of(e.notes, clip);
  e.notes.insert(e.notes.end(), warnings.begin(), warnings.end());
  result.stem = file_stem(arguments.name, arguments.path, e.target.name);
  return result;
}

}  // namespace whyclip::cli
