#include "cli/feature_option.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace whyclip::cli {
namespace {

constexpr std::string_view kStrong = "strong", kDetractors = "detractors";

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

Error unreadable(const std::string& what) {
  return {"--feature",
          fmt::format("expected indices (92 or 92,98:0.5), strong[:0.75] or detractors[:-0.75], "
                      "got \"{}\"",
                      what)};
}

/// "92:0.5" or "92".
FeatureWeight read_feature(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto index = number<int>(text.substr(0, colon));
  const auto weight =
      colon == std::string_view::npos ? 1.0 : number<double>(text.substr(colon + 1));
  if (!index || !weight) throw unreadable(std::string(text));
  return {*index, *weight};
}

std::vector<FeatureWeight> read_features(std::string_view text) {
  std::vector<FeatureWeight> features;
  for (;;) {
    const std::size_t comma = text.find(',');
    features.push_back(read_feature(text.substr(0, comma)));
    if (comma == std::string_view::npos) return features;
    text.remove_prefix(comma + 1);
  }
}

/// The number behind the colon of "strong:0.75", which must have the selection's sign.
double read_threshold(const std::string& text, double default_value) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return default_value;
  const auto threshold = number<double>(std::string_view(text).substr(colon + 1));
  if (!threshold) throw unreadable(text);
  if (!std::isfinite(*threshold) || !(*threshold * default_value > 0)) {
    throw Error("--feature", fmt::format("expected a threshold {} 0, got \"{}\"",
                                         default_value > 0 ? "above" : "below", text));
  }
  return *threshold;
}

bool names(std::string_view text, std::string_view selection) {
  return text.substr(0, text.find(':')) == selection;
}

}  // namespace

void FeatureOption::add_to(Command& command, const std::string& purpose) {
  command
      .add_option("--feature", text,
                  purpose +
                      ": an index (92), indices with weights (92,98:0.5), or those that the text "
                      "embedding of the prompt or class selects: strong (values of 0.75 and more; "
                      "strong:0.5 for another threshold) or detractors (-0.75 and less)")
      ->type_name("FEATURES");
}

bool FeatureOption::by_text() const {
  return given() && (names(*text, kStrong) || names(*text, kDetractors));
}

std::vector<FeatureWeight> FeatureOption::features(std::span<const float> text_embedding) const {
  if (!by_text()) return read_features(*text);
  if (names(*text, kStrong)) {
    return strong_contributors(text_embedding, read_threshold(*text, kContributorThreshold));
  }
  return detractors(text_embedding, read_threshold(*text, -kContributorThreshold));
}

Target FeatureOption::target(std::span<const float> image_embedding,
                             std::span<const float> text_embedding, const std::string& of) const {
  std::string name;
  if (by_text()) {
    const bool strong = names(*text, kStrong);
    name =
        fmt::format("{} “{}” (t {} {})", strong ? "strong contributors to" : "detractors from", of,
                    strong ? "≥" : "≤",
                    read_threshold(*text, strong ? kContributorThreshold : -kContributorThreshold));
  }
  return feature_target(features(text_embedding), image_embedding, std::move(name));
}

}  // namespace whyclip::cli
