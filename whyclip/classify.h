#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/image_source.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"
#include "whyclip/zero_shot.h"

namespace whyclip {

struct ClassifyOptions {
  ClassifierOptions classifier = {};
  View view = View::kCentreCrop;
  int batch_size = 8;  ///< images per forward pass, at most; those of a pass have one size
  Progress progress = {};
};

struct ClassRow {
  std::string name = {};
  double similarity = 0;   ///< cosine
  double logit = 0;        ///< exp(logit_scale) × similarity
  double probability = 0;  ///< softmax over the classes
};

struct PromptRow {
  std::string text = {};
  std::optional<std::string> class_name = {};  ///< none: the prompt belongs to no class
  double similarity = 0;                       ///< cosine
  double logit = 0;                            ///< exp(logit_scale) × similarity
  double probability = 0;                      ///< softmax over all prompts
};

/// The scores of one image, or the error that prevents them.
struct ImageClassification {
  std::string path = {};                   ///< ImageSource::name
  std::vector<PromptRow> prompts = {};     ///< the highest logit first
  std::vector<ClassRow> classes = {};      ///< the highest logit first; empty for bare prompts
  std::vector<std::string> warnings = {};  ///< about a damaged image
  std::optional<std::string> error = {};   ///< one line; then there are no scores
};

/// An input that was not classified.
struct SkippedInput {
  std::string path = {};
  std::string reason = {};
};

struct Classification {
  ModelInfo model = {};
  std::vector<ImageClassification> images = {};
  std::vector<SkippedInput> skipped = {};  ///< for the caller's use: files that are not images
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Scores of images by one classifier, for any number of images with constant memory.
class ImageClassifier {
 public:
  /// Encodes the texts. `clip` must outlive the classifier. Throws Error as make_classifier, and
  /// for a batch size below 1; Cancelled.
  explicit ImageClassifier(const Clip& clip, ClassifyOptions options = {});

  /// Model, settings and notes, without images.
  const Classification& description() const { return description_; }
  /// Passes the result of each image to `on_image`, in the order of the images, as soon as its
  /// batch is computed. An image that cannot be read has an error in its result. Throws Error if
  /// the image tower cannot be computed; Cancelled.
  void classify(std::span<const ImageSource> images,
                const std::function<void(ImageClassification result)>& on_image) const;

 private:
  const Clip& clip_;
  ClassifyOptions options_;
  ZeroShot zero_shot_;
  Classification description_;
};

/// Compares images with classes or prompts. Throws as ImageClassifier.
Classification classify(const Clip& clip, std::span<const ImageSource> images,
                        const ClassifyOptions& options = {});
/// The same for one image in memory; `name` is shown in the result. An error of the image is
/// thrown.
Classification classify(const Clip& clip, const Image& image, const ClassifyOptions& options = {},
                        const std::string& name = {});

/// JSON with "format": "whyclip classification 1" (docs/schema/classification.json). `indent`:
/// spaces a level, −1 for one line.
std::string to_json(const Classification& classification, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
Classification classification_from_json(std::string_view text,
                                        const std::string& where = "classification");

/// Writes the JSON of a classification image by image, one a line.
class ClassificationWriter {
 public:
  using Write = std::function<void(std::string_view text)>;

  /// Writes the beginning of the document. `description` has all but the images.
  ClassificationWriter(const Classification& description, Write write);
  ClassificationWriter(const ClassificationWriter&) = delete;
  ClassificationWriter& operator=(const ClassificationWriter&) = delete;
  /// Closes the document if close() was not called; errors of writing are lost then.
  ~ClassificationWriter();

  void add(const ImageClassification& image);
  /// Writes the end of the document.
  void close();

 private:
  Write write_;
  std::string end_;
  bool first_ = true, closed_ = false;
};

}  // namespace whyclip
