#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// Something that was given, or lies in a folder that was given, and is not used.
struct Skipped {
  std::string path, reason;
};

/// What arguments stand for.
struct ImageList {
  std::vector<std::string> paths;
  std::vector<Skipped> failed;  ///< folders that cannot be listed, or hold no image
  std::vector<Skipped> others;  ///< entries of folders that are not images, sub-folders too
};

/// The images that arguments stand for: "-" for standard input, files as they are, and folders as
/// the images inside (sorted, not deeper). A file of a folder is an image if its content begins
/// like a JPEG, PNG or WebP, or if its name ends like an image's; a link that cannot be followed
/// counts as an image, which fails when it is read. Throws Error if nothing is left.
ImageList list_images(const std::vector<std::string>& arguments);

/// Says on standard error what a list leaves out: a line for what failed, one for the others of all
/// folders.
void warn_of_skipped(const ImageList& list);

/// Reads one image. Throws Error.
Image load_image(const std::string& path, const DecodeOptions& options);

/// The images of a list, read when they are needed; folders that cannot be listed are among them
/// as images that cannot be read. Throws Error as ImageOptions::decode does.
std::vector<ImageSource> image_sources(const ImageList& list, const ImageOptions& options);

/// Says on standard error which images were skipped, a line each.
void warn_of(const std::vector<SkippedImage>& skipped);

/// The name to show and to build file names from: the file's, "stdin" or "pipe".
std::string shown_name(const std::string& path);

}  // namespace whyclip::cli
