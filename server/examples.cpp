#include "server/examples.h"

// examples/pictures (cmake/embed_files.cmake).
extern "C" {
extern const unsigned char whyclip_example_cat[];
extern const unsigned long whyclip_example_cat_size;
extern const unsigned char whyclip_example_cat_and_dog[];
extern const unsigned long whyclip_example_cat_and_dog_size;
}

namespace whyclip::server {

const std::vector<Example>& examples() {
  const auto bytes = [](const unsigned char* begin, unsigned long size) {
    return std::as_bytes(std::span(begin, size));
  };
  static const std::vector<Example> examples{
      {"cat_and_dog.jpg", "examples/pictures/cat_and_dog.jpg",
       bytes(whyclip_example_cat_and_dog, whyclip_example_cat_and_dog_size)},
      {"cat.png", "examples/pictures/cat.png",
       bytes(whyclip_example_cat, whyclip_example_cat_size)}};
  return examples;
}

}  // namespace whyclip::server
