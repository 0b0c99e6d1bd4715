#pragma once

#include <whyclip/whyclip.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// The blog article "What parts of an image contribute to the CLIP classification?" (19 November
// 2022), table by table and figure by figure on a model and an image of one's own, each followed
// by what the mended method shows. One file a chapter; docs/article.md says which.

namespace article {

/// What the page is made for.
struct Classifier {
  std::string image_path;
  std::vector<std::string> classes;
  std::string prompt;
  double threshold = 1;  ///< beyond which a value of an embedding is strong
  double contributor_threshold = whyclip::kContributorThreshold;
  whyclip::Progress progress = {};
};

/// Everything that the chapters read.
struct Story {
  Story(const whyclip::Clip& model, Classifier target);

  const whyclip::Clip& clip;
  Classifier classifier;
  whyclip::Image image;
  whyclip::Preprocessed prepared;
  whyclip::RecordedImage recorded;
  whyclip::ZeroShot classes;  ///< each in 80 templates
  whyclip::ZeroShot prompt;   ///< the one sentence
  whyclip::Target target;     ///< its logit
  whyclip::Inspection inspection;
  int feature;  ///< the index of the joint space that is looked at: the strongest of the image's
                ///< that the text contributions, else the one with the largest contribution of the
                ///< score
};

/// The page and its numbers.
struct Page {
  whyclip::Document document;
  nlohmann::ordered_json numbers;
};

// Each adds its chapter; the order is the article's.
void tell_classification(const Story& story, Page& page);
void tell_score(const Story& story, Page& page);
void tell_features(const Story& story, Page& page);
void tell_patches(const Story& story, Page& page);
void tell_pixels(const Story& story, Page& page);
void tell_tracing(const Story& story, Page& page);
void tell_contributions(const Story& story, Page& page);

/// The whole page.
Page tell(const Story& story);

/// "+0.1234", with as many digits as help.
std::string number(double value);
/// The map over the image.
whyclip::DocumentFigure map_figure(const Story& story, std::string caption,
                                   std::span<const float> values,
                                   const whyclip::OverlayOptions& options = {.legend = false});

}  // namespace article
