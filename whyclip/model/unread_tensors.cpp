#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/model/weights.h"

namespace whyclip {
namespace {

constexpr std::string_view kHuggingFaceTowers[] = {"vision_model.", "text_model.",
                                                   "visual_projection", "text_projection"};
constexpr std::string_view kOpenClipTowers[] = {
    "visual.",  "transformer.", "token_embedding", "positional_embedding",
    "ln_final", "text.",        "text_projection"};
/// Parameters outside the towers that change a score.
constexpr std::string_view kScore[] = {"logit_bias"};
/// Buffers that hold no parameter: positions 0, 1, …, the causal mask, and the sizes in OpenAI's
/// archives.
constexpr std::string_view kBuffers[] = {"position_ids", "attn_mask", "input_resolution",
                                         "context_length", "vocab_size"};

template <class List>
bool begins_with_one(const List& list, std::string_view name) {
  return std::any_of(std::begin(list), std::end(list),
                     [&](std::string_view begin) { return name.starts_with(begin); });
}

bool is_buffer(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return std::find(std::begin(kBuffers), std::end(kBuffers), last) != std::end(kBuffers);
}

}  // namespace

std::vector<std::string> check_unread_tensors(const ModelFiles& files, const Weights& vision,
                                              const Weights& text,
                                              std::span<const std::string> others) {
  std::set<std::string_view> read(others.begin(), others.end());
  for (const Weights* weights : {&vision, &text}) {
    for (const WeightRow& row : weights->table()) read.insert(weights->stored_name(row));
  }
  const bool open_clip = files.layout() == CheckpointLayout::kOpenClip;
  std::vector<std::string> outside;
  for (const std::string& name : files.tensor_names()) {
    if (read.contains(name) || is_buffer(name)) continue;
    const bool tower = open_clip ? begins_with_one(kOpenClipTowers, name)
                                 : begins_with_one(kHuggingFaceTowers, name);
    if (tower || begins_with_one(kScore, name)) {
      throw Error(
          *files.find(name)->file,
          fmt::format("tensor {} is not in the network that {} describes: the checkpoint is "
                      "of another network, which is not supported",
                      name,
                      files.config_file().empty() ? "the inferred config" : files.config_file()),
          ErrorCode::kUnsupported);
    }
    outside.push_back(name);
  }
  if (outside.empty()) return {};
  std::sort(outside.begin(), outside.end());
  return {fmt::format("{} tensor{} outside the two towers {} not read ({}{})", outside.size(),
                      outside.size() == 1 ? "" : "s", outside.size() == 1 ? "is" : "are",
                      outside[0], outside.size() > 1 ? ", …" : "")};
}

}  // namespace whyclip
