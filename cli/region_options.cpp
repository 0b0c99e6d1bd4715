#include "cli/region_options.h"

namespace whyclip::cli {

void RegionOption::add_to(Command& command, const std::string& default_value) {
  command
      .add_option("--regions", text,
                  "Parts of the image: patches, blocks:4x4, slic:40 (superpixels; slic:40:20 with "
                  "a compactness), a PNG of labels, or PNG masks with commas between them" +
                      default_value)
      ->type_name("REGIONS");
  command.add_flag("--drop-empty-regions", drop_empty,
                   "Skip labels and masks that get no patch, instead of refusing them");
}

}  // namespace whyclip::cli
