#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/files.h"

namespace whyclip::cli {

/// A target, and what each source brings to it.
struct RegionColumn {
  std::string name;
  double value = 0;                   ///< the logit, or Σ w_k z_k
  std::vector<double> contributions;  ///< (sources)
};

/// Every region against every class, prompt or index of the joint space.
struct RegionTable {
  std::string path, name;  ///< name: of the files; empty: after the image
  PatchGrid grid;
  Regions regions;
  RegionContributions contributions;
  std::string quantity;               ///< "logit" or "feature"
  std::vector<RegionColumn> columns;  ///< in the order asked for
  std::vector<std::size_t> order;     ///< columns, the most interesting first
};

Json to_json(const Clip& clip, const RegionTable& table);

/// The best `top` columns; for features each with its regions sorted by sign.
std::string to_text(const RegionTable& table, std::size_t top);

/// STEM.regions.json and STEM.regions.npz, and for features a signed overlay of each of the best
/// `top` columns, STEM.feature-92.regions.png; all is made before the first one is written.
std::vector<FileToWrite> files_of(const Clip& clip, const RegionTable& table, const Image& source,
                                  std::size_t top, const std::string& folder);

}  // namespace whyclip::cli
