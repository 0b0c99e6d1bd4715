#pragma once

#include <whyclip/article.h>
#include <whyclip/extend.h>
#include <whyclip/front_end.h>
#include <whyclip/whyclip.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// The blog article "What parts of an image contribute to the CLIP classification?" (19 November
// 2022), table by table and figure by figure on your own model and image, each followed by the
// result of the corrected method. One file per chapter; docs/article.md lists them.

namespace article {

/// The inputs of the page.
struct ArticleOptions {
  std::string image_path;
  std::vector<std::string> classes;
  std::string prompt;
  double threshold = 1;  ///< threshold for strong values of an embedding
  double contributor_threshold = whyclip::kContributorThreshold;
  whyclip::Progress progress = {};
};

/// The inputs and results that all chapters use.
struct Story {
  Story(const whyclip::Clip& model, ArticleOptions article_options);

  const whyclip::Clip& clip;
  ArticleOptions options;
  whyclip::Image image;
  whyclip::Preprocessed prepared;
  whyclip::RecordedImage recorded;
  whyclip::ZeroShot classes;  ///< each in 80 templates
  whyclip::ZeroShot prompt;   ///< the one sentence
  whyclip::Target target;     ///< its logit
  whyclip::Inspection inspection;
  int feature;  ///< the channel of the joint space to show: the image's strongest that is also
                ///< strong in the text, else the one with the largest contribution to the score
};

/// The page and its numbers.
struct Page {
  whyclip::Document document;
  nlohmann::ordered_json numbers;
};

// Each function adds a chapter, in the article's order.
void add_classification(const Story& story, Page& page);
void add_score(const Story& story, Page& page);
void add_features(const Story& story, Page& page);
void add_patches(const Story& story, Page& page);
void add_pixels(const Story& story, Page& page);
void add_tracing(const Story& story, Page& page);
void add_contributions(const Story& story, Page& page);

/// The whole page.
Page make_page(const Story& story);

/// "0.1234", or with an exponent if small.
std::string number(double value);
/// A figure with the map as an overlay on the image.
whyclip::DocumentFigure map_figure(const Story& story, std::string caption,
                                   std::span<const float> values,
                                   const whyclip::OverlayOptions& options = {.legend = false});

}  // namespace article
