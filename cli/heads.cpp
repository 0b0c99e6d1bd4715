#include <fmt/format.h>

#include <charconv>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/table.h"
#include "cli/word_options.h"

namespace whyclip::cli {
namespace {

struct HeadsArguments {
  ModelOptions model;
  ImageOptions image;
  WordArguments words;
  std::vector<std::string> paths;
  std::string head, out;
  int layers = HeadsOptions{}.blocks, texts = HeadsOptions{}.texts;
  bool json = false;
};

/// Reads "3.1".
void read_position(const std::string& text, HeadsOptions& options) {
  const char* const end = text.data() + text.size();
  int block_number = 0, head_number = 0;
  const auto block = std::from_chars(text.data(), end, block_number);
  if (block.ec == std::errc() && block.ptr != end && *block.ptr == '.') {
    const auto head = std::from_chars(block.ptr + 1, end, head_number);
    if (head.ec == std::errc() && head.ptr == end) {
      options.block = block_number;
      options.head = head_number;
      return;
    }
  }
  throw Error("--head", fmt::format("expected BLOCK.HEAD, both from 0 (3.1), got \"{}\"", text));
}

std::string percent(double fraction) { return fmt::format("{:.0f} %", 100 * fraction); }

std::string one_head_text(const HeadDescription& head, const Terminal& terminal) {
  const DocumentTable values = head_table(head);
  Table table{
      .rows = {},
      .columns = {"explained", "together"},
      .value = {},
      .cell = [&](std::size_t row, std::size_t column) { return values.rows[row][column + 1]; }};
  for (const std::vector<std::string>& row : values.rows) table.rows.push_back(row[0]);
  return fmt::format("head {}, variance {:.4g}, rank {}\n{}", head.name(), head.variance, head.rank,
                     draw_table(table, terminal));
}

/// A list for a terminal; `said`: a note that was printed before.
std::string heads_text(const DescribedHeads& e, const std::string& said) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(e.headline, terminal.width)) + "\n";
  for (const std::string& note : e.notes) {
    if (note != said) text += wrap("note: " + note, terminal.width) + "\n";
  }
  text += "\n";
  if (e.heads.size() == 1) return text + one_head_text(e.heads[0], terminal);
  constexpr int kColumns = 28;
  text +=
      definition("head  variance  together", "words, and what each explains after those before it",
                 kColumns, terminal.width);
  for (const HeadDescription& head : e.heads) {
    const std::string numbers =
        fmt::format("{:<5} {:>8.4f} {:>9}", head.name(), head.variance, percent(head.explained));
    text += definition(numbers, one_line(head_words_text(head)), kColumns, terminal.width);
  }
  return text;
}

int run(const HeadsArguments& arguments) {
  HeadsOptions options{.blocks = arguments.layers,
                       .texts = arguments.texts,
                       .view = arguments.image.view(),
                       .progress = progress_bar()};
  if (!arguments.head.empty()) read_position(arguments.head, options);
  const ImageList list = list_images(arguments.paths);
  const std::vector<ImageSource> images = image_sources(list, arguments.image);
  options.words = arguments.words.options();
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  DescribedHeads result = heads(clip, images, options);
  warn_of_skipped({.paths = {}, .failed = {}, .others = list.others});
  warn_of(result.skipped);
  const int status = result.interrupted ? kInterrupted : result.skipped.empty() ? 0 : 1;
  for (const Skipped& other : list.others) result.skipped.push_back({other.path, other.reason});
  std::vector<FileToWrite> files;
  if (!arguments.out.empty()) {
    files = page_and_json("heads", arguments.out, page_of(result), to_json(result));
    write_together(files);
  }
  if (arguments.json) {
    fmt::print("{}\n", to_json(result));
    return status;
  }
  fmt::print("{}", heads_text(result, caution(clip)));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return status;
}

}  // namespace

void add_heads(Command& program, int& status) {
  Command command = program.add_subcommand(
      "heads", "Describe the output of each attention head in words, over many images (TextSpan)");
  auto arguments = std::make_shared<HeadsArguments>();
  command
      ->add_option("images", arguments->paths,
                   "Images (JPEG, PNG, WebP), folders of images, or - for standard input: some "
                   "hundred for a result that is not of these images only")
      ->type_name("IMAGE")
      ->required();
  arguments->words.add_to(*command);
  Option layers =
      command->add_option("--layers", arguments->layers, "Heads of how many of the last blocks")
          ->type_name("N")
          ->check(between(1, 999))
          ->capture_default_str();
  command
      ->add_option("--head", arguments->head,
                   "Only this head: its block and its index in it, both from 0")
      ->type_name("BLOCK.HEAD")
      ->excludes(layers);
  command->add_option("--texts", arguments->texts, "How many words to choose for each head")
      ->type_name("N")
      ->check(between(1, 10'000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON instead of the list");
  command
      ->add_option("-o,--out", arguments->out,
                   "Folder for the page and the .json [default: none are written]")
      ->type_name("FOLDER");
  arguments->model.add_to(*command);
  arguments->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip heads drawings/\n"
      "  whyclip heads drawings/ --head 4.2 --texts 10\n"
      "  whyclip heads -m ~/clip photos/ --words words.txt --out heads");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace whyclip::cli
