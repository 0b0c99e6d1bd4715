#pragma once

#include <functional>
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

/// Gives pictures to `visit`, one after another; one that cannot be read is complained of and left
/// out. Returns how many were left out. Throws Cancelled.
int each_picture(const Clip& clip, const std::vector<std::string>& paths,
                 const PictureOptions& options,
                 const std::function<void(const Preprocessed& picture)>& visit);

/// The name to show and to build file names from.
std::string shown_name(const std::string& path);

}  // namespace whyclip::cli
