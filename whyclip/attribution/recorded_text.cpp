#include "whyclip/attribution/recorded_text.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace {

/// Tokens recorded at once: the 80 templates of a class fit, and a record of the text tower of
/// ViT-B/32 takes about 400 MB.
constexpr std::size_t kMaxTokens = 1024;

RecordedPrompt read_prompt(const Clip& clip, const std::string& text) {
  Tokens tokens = clip.tokenize(text);
  const std::size_t read = clip.text().up_to_end(tokens.ids()).size();
  const bool truncated = tokens.truncated || read < tokens.tokens.size();
  tokens.tokens.resize(read);
  return {text, std::move(tokens.tokens), truncated, 0};
}

std::vector<RecordedPrompt> read_prompts(const Clip& clip, std::span<const std::string> texts) {
  if (texts.empty()) throw Error("prompts", "expected at least one");
  std::vector<RecordedPrompt> prompts;
  for (const std::string& text : texts) prompts.push_back(read_prompt(clip, text));
  return prompts;
}

/// One chain per prompt; sets each prompt's first row.
TokenTree chains(std::vector<RecordedPrompt>& prompts) {
  TokenTree tree;
  for (RecordedPrompt& prompt : prompts) {
    prompt.first_row = std::int64_t(tree.ids.size());
    for (std::size_t i = 0; i < prompt.tokens.size(); ++i) {
      tree.parent.push_back(i == 0 ? -1 : std::int32_t(tree.ids.size()) - 1);
      tree.depth.push_back(std::int32_t(i));
      tree.ids.push_back(prompt.tokens[i].id);
    }
    tree.ends.push_back(std::int64_t(tree.ids.size()) - 1);
  }
  return tree;
}

}  // namespace

RecordedText::RecordedText(const Clip& clip, std::span<const std::string> prompts)
    : RecordedText(clip, read_prompts(clip, prompts)) {}

RecordedText::RecordedText(const Clip& clip, std::vector<RecordedPrompt> prompts)
    : workspace_(clip.threads()), prompts_(std::move(prompts)) {
  Trace trace(workspace_, record_);
  const Value embedding = clip.text().forward(trace, chains(prompts_));
  if (!kernels::all_finite(embedding->data(), std::int64_t(embedding->size()))) {
    throw Error(record_.first_non_finite().value_or("text.embedding"),
                "is not finite: the checkpoint overflows on these prompts");
  }
  trace.apply("text.", "normalized", std::make_shared<Normalise>(), {embedding});
}

std::size_t RecordedText::prompt_of(std::int64_t row, std::int64_t rows) const {
  if (rows == std::int64_t(prompts_.size())) return std::size_t(row);
  const auto after = std::upper_bound(
      prompts_.begin(), prompts_.end(), row,
      [](std::int64_t r, const RecordedPrompt& prompt) { return r < prompt.first_row; });
  return std::size_t(after - prompts_.begin()) - 1;
}

void record_texts(const Clip& clip, std::span<const std::string> prompts, const Progress& progress,
                  const std::function<void(std::size_t first, const RecordedText& some)>& visit) {
  std::vector<RecordedPrompt> all = read_prompts(clip, prompts);
  for (std::size_t first = 0; first < all.size();) {
    report_progress(progress, "text", std::int64_t(first), std::int64_t(all.size()));
    std::vector<RecordedPrompt> some;
    std::size_t tokens = 0, end = first;
    while (end < all.size() && (end == first || tokens + all[end].tokens.size() <= kMaxTokens)) {
      tokens += all[end].tokens.size();
      some.push_back(std::move(all[end++]));
    }
    visit(first, RecordedText(clip, std::move(some)));
    first = end;
  }
  report_progress(progress, "text", std::int64_t(all.size()), std::int64_t(all.size()));
}

}  // namespace whyclip
