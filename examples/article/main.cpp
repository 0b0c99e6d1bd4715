// Recreates the article for a model and an image. Usage: article --help

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "article.h"

int main(int argc, char** argv) try {
  CLI::App program("Recreates the article for a model, an image, classes and a prompt.");
  std::string model, out = "article-out",
                     classes = "cat,dog,bird,rat,building,tree,man,woman,boy,girl";
  article::ArticleOptions options{
      .image_path = {}, .classes = {}, .prompt = "a rendering of a cat."};
  program.add_option("image", options.image_path, "JPEG, PNG or WebP")->required();
  program.add_option("-m,--model", model, "Checkpoint [default: the embedded model]");
  program.add_option("-c,--classes", classes, "Class names, separated by commas")
      ->capture_default_str();
  program.add_option("-p,--prompt", options.prompt, "The prompt to explain")->capture_default_str();
  program.add_option("--threshold", options.threshold, "Threshold for strong values")
      ->capture_default_str();
  program
      .add_option("--contributors", options.contributor_threshold,
                  "Threshold for strong contributors of the text; negated, for detractors")
      ->capture_default_str();
  program.add_option("-o,--out", out, "Output folder for article.html and article.json")
      ->capture_default_str();
  CLI11_PARSE(program, argc, argv);

  options.classes = whyclip::parse_class_list(classes);
  const whyclip::Clip clip = model.empty() ? whyclip::Clip::embedded() : whyclip::Clip::open(model);
  const article::Page page = article::make_page(article::Story(clip, options));
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
