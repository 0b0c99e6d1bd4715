#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/image/regions.h"
#include "whyclip/perturbation/pixel_filling.h"

namespace whyclip {

/// What Attribution::ledger holds.
enum class LedgerDetail {
  kNone,      ///< nothing
  kSources,   ///< the sources and the residual stream
  kBalances,  ///< what each op conserves, too
};

/// An image, a target and the results that several methods need: recorded forward passes and cached
/// values of the image with patches removed. Computed on first use. Not thread-safe.
class ExplanationContext {
 public:
  /// The Clip and the classifier `zero_shot` must outlive it; some methods need the classifier's
  /// other classes. Throws Error as RecordedImage does.
  ExplanationContext(const Clip& clip, Preprocessed image, Target target,
                     const ZeroShot* zero_shot = nullptr);
  /// The same with the forward pass of that image done already.
  ExplanationContext(const Clip& clip, Preprocessed image, RecordedImage recorded, Target target,
                     const ZeroShot* zero_shot = nullptr);

  const Clip& clip() const { return clip_; }
  const Preprocessed& image() const { return image_; }
  const Target& target() const { return target_; }
  /// The classifier that the target belongs to, or null.
  const ZeroShot* zero_shot() const { return zero_shot_; }
  /// Regions that perturbation methods remove instead of their default squares.
  const std::optional<Regions>& regions() const { return regions_; }
  /// How much of a ledger methods that follow rules compute beside the map.
  LedgerDetail detail() const { return detail_; }
  void set_detail(LedgerDetail detail) { detail_ = detail; }
  /// Throws Error for regions of another grid.
  void set_regions(Regions regions);
  const PatchGrid& grid() const { return recorded_.grid(); }
  int patches() const { return grid().rows * grid().columns; }
  /// The recorded forward pass; the last block has only the class token's row.
  const RecordedImage& recorded() const { return recorded_; }
  /// The recorded forward pass with all tokens in the last block: trace points vision.blocks.{i}.*
  /// have 1 + patches rows in every block. vision.normalized is the same as in recorded().
  const Record& all_rows();
  const Workspace& workspace() const { return recorded_.workspace(); }
  /// The target's value for the whole image.
  double value() const { return value_; }

  /// Image embeddings before normalisation with only these patches kept and the others filled,
  /// (sets, projection), in the order of `kept`. Results are cached. Throws Error as
  /// embeddings_keeping and embeddings_filling do; Cancelled (finished sets stay cached).
  Tensor embeddings_keeping(std::span<const PatchSet> kept, Fill fill,
                            const Progress& progress = {});
  /// The target's values with only these patches kept; the tokens of the others are not computed.
  /// Results are cached. Throws Error as embeddings_keeping does; Cancelled (finished sets stay
  /// cached).
  std::vector<double> values_keeping(std::span<const PatchSet> kept, const Progress& progress = {});
  /// The same with the other patches filled. Throws Error as embeddings_filling does.
  std::vector<double> values_keeping(std::span<const PatchSet> kept, Fill fill,
                                     const Progress& progress = {});
  /// The number of distinct sets computed so far.
  std::int64_t evaluations() const { return std::int64_t(values_.size() + embeddings_.size()); }

 private:
  const Clip& clip_;
  Preprocessed image_;
  Target target_;
  const ZeroShot* zero_shot_;
  std::optional<Regions> regions_;
  LedgerDetail detail_ = LedgerDetail::kNone;
  RecordedImage recorded_;
  double value_;
  std::unique_ptr<Record> all_rows_;
  /// Computes the embeddings of the distinct sets and calls `take` for each.
  using Take = std::function<void(const PatchSet& set, std::span<const float> embedding)>;
  void compute(std::vector<PatchSet> missing, Fill fill, const Progress& progress,
               const Take& take) const;

  template <class Result>
  using Cache = std::map<std::pair<Fill, PatchSet>, Result>;
  Cache<double>
      values_;  // separate from embeddings_, which would not fit into memory for many sets
  Cache<std::vector<float>> embeddings_;
};

}  // namespace whyclip
