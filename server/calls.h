#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/images.h"
#include "server/jobs.h"
#include "server/json_body.h"
#include "whyclip/clip.h"

namespace whyclip::server {

/// What a call is made of. `clip` and `images` outlive the call.
struct CallInput {
  const Clip& clip;
  std::optional<ServedImage> image;
  const Json& options;
  Images& images;
};

/// A call of the library whose options were read and found good.
struct Call {
  Lane lane = Lane::kQuick;
  /// Returns the result as JSON; `indent` as to_json has it.
  std::function<std::string(const Progress& progress, int indent)> run;
};

/// Reads the options and makes the call. Throws RequestError and Error for options that cannot be
/// used.
using MakeCall = Call (*)(const CallInput& input);

struct NamedCall {
  const char* name;  ///< the route: "explain"
  MakeCall make;
  bool needs_image = true;
};

/// All calls of this build.
std::vector<NamedCall> calls();
/// Those that describe by words.
std::vector<NamedCall> word_calls();
/// Those of the article; none in a build without it.
std::vector<NamedCall> article_calls();

/// The image of a call that needs one. Throws RequestError (400).
const ServedImage& image_of(const CallInput& input);

/// Adds what was said about a damaged image to the notes of a result.
template <class Result>
void add_warnings(const DecodedImage& image, Result& result) {
  result.notes.insert(result.notes.end(), image.warnings.begin(), image.warnings.end());
}

}  // namespace whyclip::server
