#include "whyclip/attribution/recorded_image.h"

#include <memory>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {

RecordedImage::RecordedImage(const Clip& clip, const Preprocessed& image)
    : workspace_(clip.threads()), grid_(clip.grid_of(image)) {
  Trace trace(workspace_, record_);
  const Value embedding =
      clip.vision().forward(trace, clip.pixel_batch({&image, 1}), LastBlock::kPooledOnly);
  if (!kernels::all_finite(embedding->data(), std::int64_t(embedding->size()))) {
    throw Error(record_.first_non_finite().value_or("vision.embedding"),
                "is not finite: the checkpoint overflows on this image");
  }
  trace.apply("vision.", "normalized", std::make_shared<Normalise>(), {embedding});
}

}  // namespace whyclip
