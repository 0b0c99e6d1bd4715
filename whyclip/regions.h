#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct RegionTableOptions {
  ClassifierOptions classifier = {};  ///< each class, or each prompt, is a target
  /// Entries of the image embedding instead of classes, as FeatureChoice reads them: each is a
  /// target, after the weighted sum of several. Empty: none.
  std::string feature = {};
  std::string regions = "blocks:3x3";  ///< as parse_regions reads them
  bool drop_empty_regions = false;     ///< skip masks without a patch instead of refusing them
  /// One of forward_methods(), or a .json file with rules (docs/rules.md).
  std::string method = "contributions";
  bool vectors = false;  ///< the sources' vectors in the joint space too
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  Progress progress = {};
};

/// A region, or one of "class token", "positions", "biases".
struct RegionSource {
  std::string name = {};
  std::vector<int> patches = {};  ///< row-major indices into the grid; none for the others
};

/// A class, prompt or feature, and each source's contribution to it.
struct RegionTarget {
  std::string name = {};
  double value = 0;                        ///< the logit, or Σ w_k z_k
  std::vector<double> contributions = {};  ///< (sources)
  /// Regions with positive and with negative contributions, as indices of sources; the largest
  /// |contribution| first.
  std::vector<int> positive = {}, negative = {};
};

struct RegionVectors {
  int width = 0;                      ///< of the joint space
  std::vector<float> vectors = {};    ///< (sources, width): contributions to the image embedding
  std::vector<float> embedding = {};  ///< (width): before normalisation, as the model computes it
};

/// The contributions of every region to every class, prompt or feature.
struct RegionTable {
  ModelInfo model = {};
  ImageInfo image = {};
  std::string method = {};
  std::string unit = {};                   ///< "logit" or "feature"
  std::vector<RegionSource> sources = {};  ///< the regions, then class token, positions, biases
  int regions = 0;                         ///< how many of the sources are regions
  std::vector<std::string> empty_regions = {};  ///< that got no patch
  std::vector<RegionTarget> targets = {};       ///< in the order of the options
  /// Places in `targets` for the reader: the highest logit first; of a selection by text, the sum
  /// and then the largest |value|.
  std::vector<int> order = {};
  double completeness_error = 0;  ///< ‖Σ vectors − embedding‖ / ‖embedding‖
  std::optional<RegionVectors> vectors = {};
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Throws Error for a method that does not exist or has no forward direction, for options that
/// exclude each other and for a feature of another form. It needs no model: regions() calls it, and
/// a program can call it before it opens one.
void check(const RegionTableOptions& options);

/// Propagates regions of an image forward through the network: their contributions to every target
/// at once. Throws Error as check, and as make_classifier, FeatureChoice, parse_regions and
/// region_contributions do; Cancelled.
RegionTable regions(const Clip& clip, const Image& image, const RegionTableOptions& options = {});

/// Names of the methods that propagate regions forward.
std::vector<std::string> forward_methods();

/// JSON with "format": "whyclip regions 1" (docs/schema/regions.json). `indent`: spaces a level,
/// −1 for one line.
std::string to_json(const RegionTable& table, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
RegionTable regions_from_json(std::string_view text, const std::string& where = "regions");

}  // namespace whyclip
