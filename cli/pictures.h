#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// The pictures that arguments stand for: files as they are, folders as the .jpg, .jpeg, .png and
/// .webp files inside (sorted, not deeper), "-" for standard input. Throws Error for a path that
/// does not exist or a folder without pictures.
std::vector<std::string> list_pictures(const std::vector<std::string>& arguments);

/// Reads one of them. Throws Error.
Picture load_picture(const std::string& path, const DecodeOptions& options);

/// Clip::prepare, whose errors name the picture.
Preprocessed prepare(const Clip& clip, const Picture& picture, const std::string& path, View view);

/// The name to show and to build file names from.
std::string shown_name(const std::string& path);

}  // namespace whyclip::cli
