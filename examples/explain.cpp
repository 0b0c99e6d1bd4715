// Explains the score of the class cat for an image. Usage: explain IMAGE HEATMAP.png [CHECKPOINT]
#include <iostream>

#include "whyclip/front_end.h"
#include "whyclip/whyclip.h"

int main(int argc, char** argv) try {
  if (argc < 3) throw whyclip::Error("usage", "explain IMAGE HEATMAP.png [CHECKPOINT]");
  const auto clip = argc > 3 ? whyclip::Clip::open(argv[3]) : whyclip::Clip::embedded();
  const auto image = whyclip::read_image(argv[1]);
  const auto why = whyclip::explain(clip, image, {.target = {.class_name = "cat"}});
  const auto& map = why.attribution;
  whyclip::write_file(argv[2], encode_png(overlay(image, why.image.grid, map.patches)));
  std::cout << "logit " << why.target.value << " = patches " << map.patch_sum()
            << " + other sources " << *map.elsewhere << " (residual " << *map.residual() << ")\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
