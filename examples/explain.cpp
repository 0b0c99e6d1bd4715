// Why is there a cat in this picture? Usage: explain PICTURE HEATMAP.png [CHECKPOINT]
#include <iostream>

#include "whyclip/whyclip.h"

int main(int argc, char** argv) try {
  if (argc < 3) throw whyclip::Error("usage", "explain PICTURE HEATMAP.png [CHECKPOINT]");
  const whyclip::Clip clip = argc > 3 ? whyclip::Clip::open(argv[3]) : whyclip::Clip::embedded();
  const whyclip::Picture picture = whyclip::read_picture(argv[1]);
  const whyclip::Preprocessed prepared = clip.prepare(picture);
  const std::vector<std::string> classes{"cat", "dog", "bird"};
  const whyclip::ZeroShot question =
      zero_shot_classes(clip, classes, whyclip::imagenet_templates());
  const whyclip::Target cat = class_target(clip, question, 0);
  const whyclip::Contributions why = contributions(clip, prepared, {&cat, 1})[0];
  whyclip::write_file(argv[2], encode_png(overlay(picture, why.grid, why.patches)));
  std::cout << "logit " << why.logit << " = patches " << why.patch_sum << " + other sources "
            << why.sum - why.patch_sum << " (residual " << why.residual << ")\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
