// The article retold. Usage: article --help

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "article.h"

int main(int argc, char** argv) try {
  CLI::App program("The article retold for a model, an image, classes and a prompt.");
  std::string model, out = "article-out",
                     classes = "cat,dog,bird,rat,building,tree,man,woman,boy,girl";
  article::Classifier classifier{
      .image_path = {}, .classes = {}, .prompt = "a rendering of a cat."};
  program.add_option("image", classifier.image_path, "JPEG, PNG or WebP")->required();
  program.add_option("-m,--model", model, "A checkpoint [default: the embedded one]");
  program.add_option("-c,--classes", classes, "Names with commas between")->capture_default_str();
  program.add_option("-p,--prompt", classifier.prompt, "The sentence to look at")
      ->capture_default_str();
  program.add_option("--threshold", classifier.threshold, "Beyond which a value is strong")
      ->capture_default_str();
  program
      .add_option("--contributors", classifier.contributor_threshold,
                  "Beyond which a text value is a strong contributor, or with a minus a detractor")
      ->capture_default_str();
  program.add_option("-o,--out", out, "Folder for article.html and article.json")
      ->capture_default_str();
  CLI11_PARSE(program, argc, argv);

  classifier.classes = whyclip::parse_class_list(classes);
  const whyclip::Clip clip = model.empty() ? whyclip::Clip::embedded() : whyclip::Clip::open(model);
  const article::Page page = article::tell(article::Story(clip, classifier));
  const std::filesystem::path folder = out;
  std::filesystem::create_directories(folder);
  whyclip::write_file(folder / "article.html", page.document.html());
  whyclip::write_file(folder / "article.json", page.numbers.dump(1) + "\n");
  fmt::print("page:    {}\nnumbers: {}\n", (folder / "article.html").string(),
             (folder / "article.json").string());
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
