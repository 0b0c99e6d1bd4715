#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// A picture, deoptimised and checked.
struct DeoptimisedPicture {
  std::string path, name, model;  ///< name: of the files; empty: after the picture
  Picture source;
  Preprocessed prepared;
  PreprocessConfig preprocess;
  Target target;
  DeoptimisationLoss loss;
  DeoptimisationOptions options;
  PatchGrid grid;
  Deoptimisation result;
  Readout readout = Readout::kNorm;
  bool no_map = false;          ///< the readout is nothing but rounding; a note says why
  DeoptimisationMaps maps;      ///< of the readout, by patch
  std::vector<double> effects;  ///< of removing each patch; empty if not asked for
  DeoptimisationCheck check;
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> notes;

  bool pixels() const { return result.variable == Variable::kPixels; }
  const DeoptimisationRun& first() const { return result.runs[0]; }
  /// Where the cells lie on the source picture.
  PatchGrid cells() const { return {result.rows, result.columns, grid.area}; }
  /// "What does cat.png have to lose for “cat”?"
  std::string question() const;
};

std::string deoptimised_text(const DeoptimisedPicture& d);
Json deoptimised_json(const DeoptimisedPicture& d);
/// The page with all readouts, the losses step by step, and the controls; `animation` is empty or a
/// WebP file.
std::string deoptimised_page(const DeoptimisedPicture& d, const OverlayOptions& overlay,
                             const std::vector<std::byte>& animation);
/// The mean over the restarts of what a readout gives for each cell.
std::vector<float> mean_readout(const Deoptimisation& result, Readout readout);
/// The picture that the first run ended with, without the normalisation; pixels only.
Picture edited_picture(const DeoptimisedPicture& d);
/// Overlays of the snapshots on one scale, or the edited pictures; a WebP file.
std::vector<std::byte> trajectory(const DeoptimisedPicture& d, const OverlayOptions& overlay);
/// What is to be written: overlay, .npz, .json, page, and where there are any edited picture and
/// animation. All is made before the first is written.
std::vector<FileToWrite> deoptimised_files(const DeoptimisedPicture& d,
                                           const OverlayOptions& overlay, bool animate,
                                           const std::filesystem::path& folder);

}  // namespace whyclip::cli
