#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/label_image.h"
#include "whyclip/image/preprocess.h"
#include "whyclip/image/regions.h"
#include "whyclip/image/slic.h"

namespace whyclip {

/// The sizes that labels may be drawn in, and where the patches lie on the image.
struct LabelledView {
  int width = 0, height = 0;              ///< of the source image, upright
  int input_width = 0, input_height = 0;  ///< of what the model reads
  PatchGrid grid;                         ///< area in source pixels
};

/// `grid` is patch_grid of `seen`, which was prepared from `source`.
LabelledView labelled_view(const Image& source, const Preprocessed& seen, const PatchGrid& grid);

/// The grid with its area in pixels of a label image of width × height, called `name` in errors.
/// The first that fits of: the size of the source image; the size of the model's input, which the
/// grid fills; the source image resized, that is with one side scaled like the other to within
/// less than a pixel. Throws Error naming the sizes for every other size.
PatchGrid grid_on_labels(const LabelledView& view, int width, int height, const std::string& name);

/// A region for every label, named by label_name, in the order of the labels: a patch belongs to
/// the label that labels_on_grid gives it. Throws Error as grid_on_labels; for labels that get no
/// patch unless empty regions are to be dropped (`lost` names them then), saying how many have not
/// even a pixel in the model's view; and if only one label is there, or left. `name` is
/// what errors call the labels.
Regions label_regions(const LabelledView& view, const LabelImage& labels,
                      const RegionOptions& options = {}, const std::string& name = "labels");

/// A named image that is 0 (black) outside and anything else inside.
struct Mask {
  std::string name;
  LabelImage label_image;
};

/// A region for every mask, in their order: a patch belongs to the mask that covers the largest
/// area of it, if that is larger than the area outside of all masks; of masks that cover the same,
/// the first. Throws Error as grid_on_labels; without masks; for masks of different sizes, for
/// masks that overlap (naming two and the number of their common pixels), for an empty one or one
/// that gets no patch unless these are to be dropped, and as make_regions.
Regions mask_regions(const LabelledView& view, std::span<const Mask> masks,
                     const RegionOptions& options = {});

/// Superpixels of the part of the image that the grid covers, scaled down to at most 512 pixels a
/// side, with the patches given to them as by label_regions: "superpixel 0" and so on in the order
/// of their first patches. Superpixels that are too small for a patch vanish in their neighbours,
/// so that somewhat fewer than `count` may come out. Throws Error as slic, for a count outside of 2
/// to the number of patches, and for a grid that is not on the image.
Regions superpixel_regions(const PatchGrid& grid, const Image& image,
                           const SlicOptions& options = {});

}  // namespace whyclip
