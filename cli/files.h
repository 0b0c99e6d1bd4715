#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace whyclip::cli {

/// A file, and what writes it, complete or not at all.
struct FileToWrite {
  std::filesystem::path path;
  std::function<void(const std::filesystem::path&)> write;
};

/// Writes them all. If one cannot be written, those are removed again that were not there before.
void write_together(const std::vector<FileToWrite>& files);

/// STEM.json and STEM.html in a folder.
std::vector<FileToWrite> page_and_json(const std::string& stem, const std::filesystem::path& folder,
                                       std::string html, std::string json);

/// A part of a file's name that every file system takes: letters, digits and hyphens, "target" if
/// the text has none. Of a text that is cut (60 bytes) or has letters of other alphabets, it ends
/// in a hash of the whole, so that two such texts have two names.
std::string slug(const std::string& text);

/// How the files of a command are called. `name` is what the user wants their names to begin with,
/// empty: the image's name and, after a dot, the target's, if there is one ("cat.cat-dog").
/// An image's name is cut at a character and ends in a hash of the whole where an ending would not
/// fit in the 255 bytes that file systems allow.
std::string file_stem(const std::string& name, const std::string& image,
                      const std::optional<std::string>& target = {});

/// Adds --name, which names what is written. Throws Error where it is wrong.
void add_name_option(Command& command, std::string& name);

/// Throws Error if a name is given and no file is written.
void check_name(const std::string& name, bool writes);

/// "Written:" and their paths, a line each.
std::string written_text(const std::vector<FileToWrite>& files);

}  // namespace whyclip::cli
