// Explains the score of the class cat for an image. Usage: explain IMAGE HEATMAP.png [CHECKPOINT]
#include <iostream>

#include "whyclip/whyclip.h"

int main(int argc, char** argv) try {
  if (argc < 3) throw whyclip::Error("usage", "explain IMAGE HEATMAP.png [CHECKPOINT]");
  const whyclip::Clip clip = argc > 3 ? whyclip::Clip::open(argv[3]) : whyclip::Clip::embedded();
  const whyclip::Image image = whyclip::read_image(argv[1]);
  const whyclip::Preprocessed prepared = clip.prepare(image);
  const std::vector<std::string> classes{"cat", "dog", "bird"};
  const whyclip::ZeroShot classifier =
      zero_shot_classes(clip, classes, whyclip::imagenet_templates());
  const whyclip::Target cat = class_target(clip, classifier, 0);
  const whyclip::Contributions explanation = contributions(clip, prepared, {&cat, 1})[0];
  whyclip::write_file(argv[2], encode_png(overlay(image, explanation.grid, explanation.patches)));
  std::cout << "logit " << explanation.logit << " = patches " << explanation.patch_sum
            << " + other sources " << explanation.sum - explanation.patch_sum << " (residual "
            << explanation.residual << ")\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
