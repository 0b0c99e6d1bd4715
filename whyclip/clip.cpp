#include "whyclip/clip.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <mutex>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/core/parallel.h"
#include "whyclip/io/embedding_cache.h"
#include "whyclip/model/checkpoint.h"
#include "whyclip/model/weights.h"

namespace whyclip {
namespace {

/// Maximum number of patches of the whole-image view, as a multiple of the square grid.
constexpr int kMaxPatchRatio = 8;
/// Prompts computed between two writes of the cache; an interruption loses at most these.
constexpr std::size_t kPromptsAtOnce = 1024;

Tokenizer open_tokenizer(const Checkpoint& checkpoint) {
  const ModelFiles& files = checkpoint.files;
  if (files.is_embedded()) {
    return Tokenizer::from_text(
        files.text("vocab.json"), files.text("merges.txt"), "toons",
        {.library = TokenizerLibrary::kOpenAi, .cleaning = TextCleaning::kLower});
  }
  TokenizerChoice choice = checkpoint.config.text.tokenizer;
  if (is_transformers_alone(choice)) {
    choice.transformers_major = checkpoint.config.transformers_major.value_or(4);
  }
  return Tokenizer::open(files.folder(), choice);
}

/// Cache key of this checkpoint's text embeddings: a hash of everything that they depend on.
std::string hash_of_text_tower(const Checkpoint& checkpoint, const Weights& weights,
                               const Tokenizer& tokenizer) {
  const ModelFiles& files = checkpoint.files;
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  XXH3_128bits_reset(state.get());
  const auto add = [&](const void* data, std::size_t size) {
    XXH3_128bits_update(state.get(), data, size);
  };
  add(checkpoint.text_key.data(), checkpoint.text_key.size());
  for (std::size_t id = 0; id < tokenizer.vocabulary_size(); ++id) {
    const std::string bytes = tokenizer.bytes(std::int32_t(id));
    add(bytes.c_str(), bytes.size() + 1);
  }
  const std::string fingerprint = tokenizer.fingerprint();
  add(fingerprint.data(), fingerprint.size());
  for (const WeightRow& row : weights.table()) {
    const auto found = files.find(weights.stored_name(row));
    add(found->tensor->bytes.data(), found->tensor->bytes.size());
  }
  for (const std::string& name : checkpoint.more_text_tensors) {
    const auto found = files.find(name);
    add(found->tensor->bytes.data(), found->tensor->bytes.size());
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

float read_logit_scale(const Weights& weights, const ModelFiles& files) {
  const float stored = weights.load("text.logit_scale")[0], scale = std::exp(stored);
  if (std::isfinite(scale) && scale > 0) return scale;
  throw Error(files.name(), fmt::format("tensor logit_scale is {}, and its exponential is not a "
                                        "positive finite number; the checkpoint is damaged",
                                        stored));
}

void check_vocabulary(const ClipConfig& config, const Tokenizer& tokenizer,
                      const ModelFiles& files) {
  if (tokenizer.vocabulary_size() > std::size_t(config.text.vocabulary)) {
    throw Error(files.name(),
                fmt::format("the vocabulary has {} tokens, the config's vocab_size is {}",
                            tokenizer.vocabulary_size(), config.text.vocabulary));
  }
  if (config.text.end_id && *config.text.end_id != tokenizer.end_id()) {
    throw Error(
        files.label(files.config_file()),
        fmt::format("the end-of-text token is {} in the config, and the tokenizer ends "
                    "prompts with {} ({}); one of them is of another model",
                    *config.text.end_id, tokenizer.end_id(), tokenizer.piece(tokenizer.end_id())));
  }
  const std::optional<std::int32_t> pad = tokenizer.pad_id();
  if (!config.text.end_id && pad && *pad > tokenizer.end_id()) {
    throw Error(files.name(),
                fmt::format("pad_token {} ({}) is above the end-of-text token and the config reads "
                            "the token with the largest id, so that the library reads the padding; "
                            "not supported",
                            tokenizer.piece(*pad), *pad),
                ErrorCode::kUnsupported);
  }
}

}  // namespace

struct Clip::Parts {
  Checkpoint checkpoint;
  const ModelFiles& files = checkpoint.files;
  const ClipConfig& config = checkpoint.config;
  const PreprocessConfig& preprocess = checkpoint.preprocess;
  Tokenizer tokenizer;
  Weights vision_weights, text_weights;
  float logit_scale;
  int threads;
  std::vector<std::string> notes;

  std::once_flag vision_once, text_once, hash_once;
  std::unique_ptr<const VisionTower> vision;
  std::unique_ptr<const TextTower> text;
  std::string text_hash;

  std::mutex cache_mutex;
  std::optional<EmbeddingCache> cache;  // guarded by cache_mutex

  Parts(ModelFiles opened, const ClipOptions& options)
      : checkpoint(read_checkpoint(std::move(opened), options.infer)),
        tokenizer(open_tokenizer(checkpoint)),
        vision_weights(files, whyclip::vision_weights(config), options.vision_weight_transform),
        text_weights(files, whyclip::text_weights(config), checkpoint.text_weight_transform),
        logit_scale(read_logit_scale(text_weights, files)),
        threads(options.threads > 0 ? options.threads : default_threads()) {
    check_vocabulary(config, tokenizer, files);
    notes = files.notes();
    std::ranges::move(
        check_unread_tensors(files, vision_weights, text_weights, checkpoint.more_text_tensors),
        std::back_inserter(notes));
    if (options.cache) cache.emplace(*options.cache);
  }

  /// Fills the rows of cached prompts and returns the indices of the others.
  std::vector<std::size_t> find_in_cache(std::string_view hash,
                                         std::span<const std::string> prompts, Tensor& rows) {
    const std::scoped_lock lock(cache_mutex);
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      if (!cache || !cache->find(hash, prompts[i], rows.row(std::int64_t(i)))) missing.push_back(i);
    }
    return missing;
  }

  void store_in_cache(std::string_view hash, std::span<const EmbeddingCache::Entry> entries) {
    const std::scoped_lock lock(cache_mutex);
    if (cache) cache->store(hash, entries);
  }

  /// Computes the embeddings of some prompts.
  Tensor compute(std::span<const std::string> prompts, const TextTower& tower,
                 const Progress& progress, TextWork* work) const {
    std::vector<std::vector<std::int32_t>> ids;
    for (const std::string& prompt : prompts) {
      ids.push_back(tokenizer.encode(prompt, std::size_t(config.text.context_length)).ids());
    }
    return embed_prompts(tower, Workspace(threads), ids, progress, work);
  }
};

Clip::Clip(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Clip::Clip(Clip&&) noexcept = default;
Clip& Clip::operator=(Clip&&) noexcept = default;
Clip::~Clip() = default;

Clip Clip::open(const std::filesystem::path& path, ClipOptions options) {
  return Clip(std::make_unique<Parts>(ModelFiles::open(path), options));
}

Clip Clip::embedded(ClipOptions options) {
  return Clip(std::make_unique<Parts>(ModelFiles::embedded(), options));
}

const std::string& Clip::name() const { return parts_->files.name(); }
bool Clip::is_embedded() const { return parts_->files.is_embedded(); }
const ClipConfig& Clip::config() const { return parts_->config; }
const PreprocessConfig& Clip::preprocess_config() const { return parts_->preprocess; }
const Tokenizer& Clip::tokenizer() const { return parts_->tokenizer; }
float Clip::logit_scale() const { return parts_->logit_scale; }
int Clip::threads() const { return parts_->threads; }
CheckpointLayout Clip::layout() const { return parts_->files.layout(); }
std::string Clip::files_in_words() const { return parts_->files.in_words(); }
const std::vector<std::string>& Clip::notes() const { return parts_->notes; }

std::int64_t Clip::parameter_count() const {
  std::int64_t count = 0;
  for (const Weights* weights : {&parts_->vision_weights, &parts_->text_weights}) {
    for (const WeightRow& row : weights->table()) {
      std::int64_t values = 1;
      for (const std::int64_t size : row.shape) values *= size;
      count += values;
    }
  }
  return count;
}

std::string Clip::weight_types() const {
  std::set<std::string_view> types;
  for (const Weights* weights : {&parts_->vision_weights, &parts_->text_weights}) {
    for (const WeightRow& row : weights->table()) {
      types.insert(name_of(parts_->files.find(weights->stored_name(row))->tensor->type));
    }
  }
  return fmt::format("{}", fmt::join(types, "+"));
}

const std::string& Clip::text_hash() const {
  std::call_once(parts_->hash_once, [&] {
    parts_->text_hash =
        hash_of_text_tower(parts_->checkpoint, parts_->text_weights, parts_->tokenizer);
  });
  return parts_->text_hash;
}

const VisionTower& Clip::vision() const {
  std::call_once(parts_->vision_once, [&] {
    parts_->vision = std::make_unique<const VisionTower>(parts_->vision_weights, parts_->config);
  });
  return *parts_->vision;
}

const TextTower& Clip::text() const {
  std::call_once(parts_->text_once, [&] {
    parts_->text = std::make_unique<const TextTower>(parts_->text_weights, parts_->config);
  });
  return *parts_->text;
}

Tokens Clip::tokenize(std::string_view prompt) const {
  return parts_->tokenizer.encode(prompt, std::size_t(parts_->config.text.context_length));
}

Tensor Clip::encode_text(std::span<const std::string> prompts, const Progress& progress,
                         TextWork* work) const {
  Parts& parts = *parts_;
  Tensor result = Tensor::zeros(std::int64_t(prompts.size()), parts.config.projection);
  const std::string hash = parts.cache ? text_hash() : std::string();
  std::vector<std::size_t> wanted = parts.find_in_cache(hash, prompts, result);
  // Sorting brings prompts with shared prefixes together.
  std::sort(wanted.begin(), wanted.end(),
            [&](std::size_t a, std::size_t b) { return prompts[a] < prompts[b]; });
  if (work != nullptr) *work = {};
  const auto total = std::int64_t(prompts.size());
  for (std::size_t begin = 0; begin < wanted.size(); begin += kPromptsAtOnce) {
    const std::size_t count = std::min(kPromptsAtOnce, wanted.size() - begin);
    std::vector<std::string> some;
    for (std::size_t i = 0; i < count; ++i) some.push_back(prompts[wanted[begin + i]]);
    const std::int64_t before = total - std::int64_t(wanted.size() - begin);
    TextWork part;
    const Tensor embeddings = parts.compute(
        some, text(),
        [&](std::string_view stage, std::int64_t done, std::int64_t) {
          return !progress || progress(stage, before + done, total);
        },
        &part);
    std::vector<EmbeddingCache::Entry> entries;
    for (std::size_t i = 0; i < count; ++i) {
      std::ranges::copy(embeddings.row(std::int64_t(i)),
                        result.row(std::int64_t(wanted[begin + i])).begin());
      entries.push_back({some[i], embeddings.row(std::int64_t(i))});
    }
    parts.store_in_cache(hash, entries);
    if (work != nullptr) {
      work->prompts += part.prompts;
      work->tokens += part.tokens;
      work->computed += part.computed;
    }
  }
  return result;
}

Preprocessed Clip::prepare(const Image& image, View view) const {
  if (view == View::kCentreCrop) return preprocess(image, parts_->preprocess);
  const VisionConfig& vision = parts_->config.vision;
  return preprocess_whole(image, parts_->preprocess, vision.patch_size,
                          kMaxPatchRatio * vision.grid() * vision.grid());
}

PatchGrid Clip::grid_of(const Preprocessed& image) const {
  return patch_grid(image, parts_->config.vision.patch_size);
}

PixelBatch Clip::pixel_batch(std::span<const Preprocessed> images) const {
  if (images.empty()) throw Error("images", "expected at least one");
  const PatchGrid grid = grid_of(images[0]);
  PixelBatch batch{Tensor(std::int64_t(images.size()), std::int64_t(images[0].pixels.size())),
                   grid.rows, grid.columns};
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].width != images[0].width || images[i].height != images[0].height) {
      throw Error("images", "images of one batch must have the same size after preprocessing");
    }
    std::ranges::copy(images[i].pixels, batch.pixels.row(std::int64_t(i)).begin());
  }
  return batch;
}

Tensor Clip::encode_images(std::span<const Preprocessed> images) const {
  const Workspace workspace(threads());
  Trace trace(workspace);
  return vision().forward(trace, pixel_batch(images), LastBlock::kPooledOnly)->clone();
}

}  // namespace whyclip
