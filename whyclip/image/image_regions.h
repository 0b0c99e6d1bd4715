#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/label_image.h"
#include "whyclip/image/preprocess.h"
#include "whyclip/image/regions.h"
#include "whyclip/image/slic.h"

namespace whyclip {

/// Sizes that label images may have, and the position of the patches on the image.
struct LabelledView {
  int width = 0, height = 0;              ///< size of the upright source image
  int input_width = 0, input_height = 0;  ///< size of the model's input
  PatchGrid grid;                         ///< area in source pixels
};

/// `input` is the preprocessed `source`, and `grid` its patch_grid.
LabelledView labelled_view(const Image& source, const Preprocessed& input, const PatchGrid& grid);

/// The grid with its area in pixels of a label image of width × height, called `name` in errors.
/// The label image must have the size of the source image, or the size of the model's input (which
/// the grid fills), or the aspect ratio of the source image to within a pixel; the first match
/// counts. Throws Error naming the sizes otherwise.
PatchGrid grid_on_labels(const LabelledView& view, int width, int height, const std::string& name);

/// A region for every label, named by label_name, in the order of the labels. labels_on_grid
/// assigns the patches. Throws Error as grid_on_labels does; for labels without a patch, unless
/// options.drop_empty is set (`dropped` then names them); and if there is only one label with
/// patches. `name` is the name of the labels in errors.
Regions label_regions(const LabelledView& view, const LabelImage& labels,
                      const RegionOptions& options = {}, const std::string& name = "labels");

/// A named image that is 0 (black) outside and anything else inside.
struct Mask {
  std::string name;
  LabelImage label_image;
};

/// A region for every mask, in their order. A patch belongs to the mask that covers the largest
/// area of it, if that is larger than the area outside all masks; ties go to the first mask. Throws
/// Error as grid_on_labels and make_regions do; without masks; for masks of different sizes or that
/// overlap; for an empty mask or one without a patch, unless options.drop_empty is set.
Regions mask_regions(const LabelledView& view, std::span<const Mask> masks,
                     const RegionOptions& options = {});

/// Superpixels of the part of the image that the grid covers, scaled down to at most 512 pixels per
/// side. Patches are assigned as by label_regions: "superpixel 0" and so on in the order of their
/// first patches. Superpixels that are too small for a patch are merged into their neighbours, so
/// the result may have fewer than `count`. Throws Error as slic does, for a count outside 2 to the
/// number of patches, and for a grid that is not on the image.
Regions superpixel_regions(const PatchGrid& grid, const Image& image,
                           const SlicOptions& options = {});

}  // namespace whyclip
