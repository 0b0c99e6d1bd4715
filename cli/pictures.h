#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// Something that was given, or lies in a folder that was given, and is not used.
struct LeftOut {
  std::string path, reason;
};

/// What arguments stand for.
struct PictureList {
  std::vector<std::string> paths;
  std::vector<LeftOut> failed;  ///< folders that cannot be listed, or hold no picture
  std::vector<LeftOut> others;  ///< entries of folders that are not pictures, sub-folders too
};

/// The pictures that arguments stand for: "-" for standard input, files as they are, and folders as
/// the pictures inside (sorted, not deeper). A file of a folder is a picture if its content begins
/// like a JPEG, PNG or WebP, or if its name ends like a picture's; a link that cannot be followed
/// counts as a picture, which fails when it is read. Throws Error if nothing is left.
PictureList list_pictures(const std::vector<std::string>& arguments);

/// Says on standard error what a list leaves out: a line for what failed, one for the others of all
/// folders.
void complain_of_left_out(const PictureList& list);

/// "3 pictures could not be read: a.png, b.png, c.png."; of many the first names.
std::string unread_note(const std::vector<LeftOut>& unread);
Json json_of(const std::vector<LeftOut>& left_out);

/// Reads one picture. Throws Error.
Picture load_picture(const std::string& path, const DecodeOptions& options);

/// Clip::prepare, whose errors name the picture.
Preprocessed prepare(const Clip& clip, const Picture& picture, const std::string& path, View view);

/// Gives pictures to `visit`, one after another, and complains of what is left out. Returns what
/// failed: of the list, and the pictures that cannot be read. Throws Cancelled.
std::vector<LeftOut> each_picture(const Clip& clip, const PictureList& list,
                                  const PictureOptions& options,
                                  const std::function<void(const Preprocessed& picture)>& visit);

/// The name to show and to build file names from: the file's, "stdin" or "pipe".
std::string shown_name(const std::string& path);

}  // namespace whyclip::cli
