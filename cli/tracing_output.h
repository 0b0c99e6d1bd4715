#pragma once

#include <string>
#include <vector>

#include "cli/files.h"
#include "whyclip/article.h"

namespace whyclip::cli {

/// The tables for the terminal.
std::string tracing_text(const Tracing& tracing);

/// STEM.tracing.published.png, STEM.tracing.mended.png (one scale), .npz (vectors), .json and
/// .html. The vectors move from the tracing to the .npz.
std::vector<FileToWrite> tracing_files(Tracing& tracing, const Image& image,
                                       const std::string& stem, const std::string& folder);

}  // namespace whyclip::cli
