#include "whyclip/attribution/feature_choice.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

Error unreadable(std::string_view what) {
  return {"feature",
          fmt::format("expected indices (92 or 92,98:0.5), strong[:0.75] or detractors[:-0.75], "
                      "got \"{}\"",
                      what)};
}

/// "92:0.5" or "92".
FeatureWeight read_feature(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto index = number<int>(text.substr(0, colon));
  const auto weight = colon == text.npos ? 1.0 : number<double>(text.substr(colon + 1));
  if (!index || !weight) throw unreadable(text);
  return {*index, *weight};
}

std::vector<FeatureWeight> read_features(std::string_view text) {
  std::vector<FeatureWeight> features;
  for (;;) {
    const std::size_t comma = text.find(',');
    features.push_back(read_feature(text.substr(0, comma)));
    if (comma == text.npos) return features;
    text.remove_prefix(comma + 1);
  }
}

/// The number behind the colon of "strong:0.75", which must have the default's sign.
double read_threshold(std::string_view text, double default_value) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return default_value;
  const auto threshold = number<double>(text.substr(colon + 1));
  if (!threshold) throw unreadable(text);
  if (!std::isfinite(*threshold) || !(*threshold * default_value > 0)) {
    throw Error("feature", fmt::format("expected a threshold {} 0, got \"{}\"",
                                       default_value > 0 ? "above" : "below", text));
  }
  return *threshold;
}

}  // namespace

FeatureChoice::FeatureChoice(std::string text) : text_(std::move(text)) {
  const std::string_view all = text_, name = all.substr(0, all.find(':'));
  if (name == "strong") {
    selection_ = Selection::kStrong;
    threshold_ = read_threshold(all, kContributorThreshold);
  } else if (name == "detractors") {
    selection_ = Selection::kDetractors;
    threshold_ = read_threshold(all, -kContributorThreshold);
  } else {
    listed_ = read_features(all);
  }
}

std::vector<FeatureWeight> FeatureChoice::features(std::span<const float> text_embedding) const {
  switch (selection_) {
    case Selection::kNone:
      return listed_;
    case Selection::kStrong:
      return strong_contributors(text_embedding, threshold_);
    case Selection::kDetractors:
      return detractors(text_embedding, threshold_);
  }
  return {};
}

Target FeatureChoice::target(std::span<const float> image_embedding,
                             std::span<const float> text_embedding, std::string_view of) const {
  std::string name;
  if (by_text()) {
    const bool strong = selection_ == Selection::kStrong;
    name = fmt::format("{} “{}” (t {} {})", strong ? "strong contributors to" : "detractors from",
                       of, strong ? "≥" : "≤", threshold_);
  }
  return feature_target(features(text_embedding), image_embedding, std::move(name));
}

}  // namespace whyclip
