#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// An image's embedding as few words, with what is said of it.
struct DescribedImage {
  std::string model, path, name;  ///< name: of the files; empty: after the image
  Image source;
  std::vector<std::string> words;  ///< all that there were to choose from
  Concepts result;
  std::optional<Target> target;
  std::string mean;  ///< what embeddings were centred by: "64 images"
  std::size_t top;   ///< how many lines a table has at the most
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;
};

Json concepts_json(const DescribedImage& described);
/// Tables for a terminal.
std::string concepts_text(const DescribedImage& described);
/// STEM.concepts.json and STEM.concepts.html in a folder; both are made before one is written.
std::vector<FileToWrite> concepts_files(const DescribedImage& described,
                                        const std::filesystem::path& folder);

}  // namespace whyclip::cli
