#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// An image, deoptimised and checked.
struct DeoptimisedImage {
  std::string path, name, model;  ///< name: of the files; empty: after the image
  Image source;
  Preprocessed prepared;
  PreprocessConfig preprocess;
  Target target;
  DeoptimisationLoss loss;
  DeoptimisationOptions options;
  PatchGrid grid;
  Deoptimisation result;
  ChannelReduction reduction = ChannelReduction::kNorm;
  bool no_map = false;          ///< the channel reduction is nothing but rounding; a note says why
  DeoptimisationMaps maps;      ///< of the channel reduction, by patch
  std::vector<double> effects;  ///< of removing each patch; empty if not asked for
  DeoptimisationCheck check;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;

  bool pixels() const { return result.variable == Variable::kPixels; }
  const DeoptimisationRun& first() const { return result.runs[0]; }
  /// Where the cells lie on the source image.
  PatchGrid cells() const { return {result.rows, result.columns, grid.area}; }
  /// "What does cat.png have to lose for “cat”?"
  std::string headline() const;
};

std::string deoptimised_text(const DeoptimisedImage& d);
Json deoptimised_json(const DeoptimisedImage& d);
/// The page with all channel reductions, the losses step by step, and the controls; `animation` is
/// empty or a WebP file.
std::string deoptimised_page(const DeoptimisedImage& d, const OverlayOptions& overlay,
                             const std::vector<std::byte>& animation);
/// The mean over the restarts of what a channel reduction gives for each cell.
std::vector<float> mean_reduction(const Deoptimisation& result, ChannelReduction reduction);
/// The image that the first run ended with, without the normalisation; pixels only.
Image edited_image(const DeoptimisedImage& d);
/// Overlays of the snapshots on one scale, or the edited images; a WebP file.
std::vector<std::byte> trajectory(const DeoptimisedImage& d, const OverlayOptions& overlay);
/// What is to be written: overlay, .npz, .json, page, and where there are any edited image and
/// animation. All is made before the first is written.
std::vector<FileToWrite> deoptimised_files(const DeoptimisedImage& d, const OverlayOptions& overlay,
                                           bool animate, const std::filesystem::path& folder);

}  // namespace whyclip::cli
