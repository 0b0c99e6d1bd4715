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

/// An image and a target with all that methods share, made on first use: the recorded
/// forward passes and the values of the image with patches left out. Not for several threads.
class ExplanationContext {
 public:
  /// The Clip must outlive it, and so must the question that the target is of, which some methods
  /// ask for the other classes. Throws Error as RecordedImage does.
  ExplanationContext(const Clip& clip, Preprocessed image, Target target,
                     const ZeroShot* zero_shot = nullptr);
  /// The same with the forward pass of that image done already.
  ExplanationContext(const Clip& clip, Preprocessed image, RecordedImage recorded, Target target,
                     const ZeroShot* zero_shot = nullptr);

  const Clip& clip() const { return clip_; }
  const Preprocessed& image() const { return image_; }
  const Target& target() const { return target_; }
  /// The question that the target is of, or null.
  const ZeroShot* zero_shot() const { return zero_shot_; }
  /// Parts of the image that methods which leave parts out take instead of squares of their own.
  const std::optional<Regions>& regions() const { return regions_; }
  /// How much of a ledger methods that follow rules compute beside the map.
  LedgerDetail detail() const { return detail_; }
  void set_detail(LedgerDetail detail) { detail_ = detail; }
  /// Throws Error for regions of another grid.
  void set_regions(Regions regions);
  const PatchGrid& grid() const { return recorded_.grid(); }
  int patches() const { return grid().rows * grid().columns; }
  /// The forward pass; in the last block only the class token's row.
  const RecordedImage& recorded() const { return recorded_; }
  /// The forward pass with every token's row in the last block, for methods that read them:
  /// trace points vision.blocks.{i}.* have 1 + patches rows in every block. vision.normalized as in
  /// image().
  const Record& all_rows();
  const Workspace& workspace() const { return recorded_.workspace(); }
  /// The target's value for the whole image.
  double value() const { return value_; }

  /// Image embeddings before normalisation with only these patches kept and the others filled,
  /// (sets, projection), in the order of `kept`; sets that were computed before are not computed
  /// again. Throws Error as embeddings_keeping and embeddings_filling do; Cancelled (what is done
  /// is kept).
  Tensor embeddings_keeping(std::span<const PatchSet> kept, Fill fill,
                            const Progress& progress = {});
  /// The target's values with only these patches kept, their tokens alone being computed; sets that
  /// were asked before are not computed again. Throws Error as embeddings_keeping does; Cancelled
  /// (what is done is kept).
  std::vector<double> values_keeping(std::span<const PatchSet> kept, const Progress& progress = {});
  /// The same with something else in place of the other patches. Throws Error as embeddings_filling
  /// does.
  std::vector<double> values_keeping(std::span<const PatchSet> kept, Fill fill,
                                     const Progress& progress = {});
  /// How many distinct sets were computed so far.
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
  /// Computes the embeddings of these sets, each once, and hands each on with its set.
  using Take = std::function<void(const PatchSet& set, std::span<const float> embedding)>;
  void compute(std::vector<PatchSet> missing, Fill fill, const Progress& progress,
               const Take& take) const;

  template <class What>
  using Known = std::map<std::pair<Fill, PatchSet>, What>;
  Known<double> values_;  // of any number of sets: an embedding each would not fit into memory
  Known<std::vector<float>> embeddings_;
};

}  // namespace whyclip
