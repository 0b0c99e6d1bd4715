#include "whyclip/methods/method.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

std::optional<double> read_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

/// Throws Error unless the value is valid for the option.
void check(std::string_view owner, const MethodOption& option, const std::string& value) {
  const std::string where = fmt::format("{}: {}", owner, option.name);
  if (!option.choices.empty()) {
    if (std::ranges::find(option.choices, value) != option.choices.end()) return;
    throw Error(where, fmt::format("expected one of {}, got \"{}\"",
                                   fmt::join(option.choices, ", "), value));
  }
  const std::optional<double> number = read_number(value);
  const bool fits = number && std::isfinite(*number) && *number >= option.least &&
                    *number <= option.most && (!option.whole || std::floor(*number) == *number);
  if (fits) return;
  throw Error(where, fmt::format("expected a {} from {:g} to {:g}, got \"{}\"",
                                 option.whole ? "whole number" : "number", option.least,
                                 option.most, value));
}

}  // namespace

std::string_view name_of(MethodFamily family) {
  switch (family) {
    case MethodFamily::kContribution:
      return "contribution";
    case MethodFamily::kGradient:
      return "gradient";
    case MethodFamily::kAttention:
      return "attention";
    case MethodFamily::kCam:
      return "cam";
    case MethodFamily::kClip:
      return "clip";
    case MethodFamily::kPerturbation:
      return "perturbation";
    case MethodFamily::kOptimisation:
      return "optimisation";
    case MethodFamily::kInteraction:
      return "interaction";
    case MethodFamily::kBaseline:
      return "baseline";
  }
  return "unknown";
}

double PairAttribution::sum() const {
  const auto of = [](const auto& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  // A pair within one side is stored twice.
  return of(pairs) + of(words) + of(patches) + (of(word_pairs) + of(patch_pairs)) / 2 +
         elsewhere.value_or(0);
}

std::string_view name_of(Unit unit) {
  switch (unit) {
    case Unit::kPatches:
      return "patches";
    case Unit::kPixels:
      return "pixels";
    case Unit::kRegions:
      return "regions";
    case Unit::kWords:
      return "words";
    case Unit::kPairs:
      return "pairs";
  }
  return "unknown";
}

std::vector<Unit> Method::units() const {
  std::vector<Unit> units;
  if (run) units.push_back(Unit::kPatches);
  const bool by_pixels = std::ranges::any_of(info.options, [](const MethodOption& option) {
    return std::ranges::find(option.choices, "pixels") != option.choices.end();
  });
  if (by_pixels) units.push_back(Unit::kPixels);
  if (info.by_regions) units.push_back(Unit::kRegions);
  if (run_words) units.push_back(Unit::kWords);
  if (run_pairs) units.push_back(Unit::kPairs);
  return units;
}

MethodOption MethodOption::count(std::string name, std::string description, int default_value,
                                 int least, int most) {
  return {std::move(name),
          std::move(description),
          fmt::format("{}", default_value),
          double(least),
          double(most),
          true,
          {},
          {}};
}

MethodOption MethodOption::number(std::string name, std::string description, double default_value,
                                  double least, double most) {
  return {std::move(name),
          std::move(description),
          fmt::format("{}", default_value),
          least,
          most,
          false,
          {},
          {}};
}

MethodOption MethodOption::choice(std::string name, std::string description,
                                  std::vector<std::string> choices) {
  std::string default_value = choices.at(0);
  return {std::move(name),
          std::move(description),
          std::move(default_value),
          0,
          0,
          false,
          std::move(choices),
          {}};
}

MethodOption MethodOption::with_quick(std::string value) && {
  quick = std::move(value);
  return std::move(*this);
}

MethodSettings::MethodSettings(const MethodInfo& method,
                               const std::map<std::string, std::string>& values)
    : MethodSettings(method.name, method.options, values) {}

MethodSettings::MethodSettings(std::string_view owner, std::span<const MethodOption> options,
                               const std::map<std::string, std::string>& values) {
  std::vector<std::string> names;
  for (const MethodOption& option : options) {
    values_[option.name] = option.default_value;
    names.push_back(option.name);
  }
  for (const auto& setting : values) {
    const std::string &name = setting.first, &value = setting.second;
    const auto option = std::ranges::find_if(
        options, [&](const MethodOption& known) { return known.name == name; });
    if (option == options.end()) {
      throw Error(owner,
                  fmt::format("has no option \"{}\"; {}", name,
                              names.empty() ? "it has no options"
                                            : fmt::format("it has {}", fmt::join(names, ", "))),
                  ErrorCode::kNotFound);
    }
    check(owner, *option, value);
    values_[name] = value;
  }
  for (const MethodOption& option : options) {
    const std::string& value = values_[option.name];
    if (value != option.default_value) changed_.emplace_back(option.name, value);
  }
}

double MethodSettings::number(std::string_view option) const {
  return read_number(word(option)).value();
}

int MethodSettings::count(std::string_view option) const { return int(number(option)); }

const std::string& MethodSettings::word(std::string_view option) const {
  const auto found = values_.find(option);
  if (found == values_.end()) throw Error(std::string(option), "is not an option of the method");
  return found->second;
}

namespace {

/// Whether a complete method's contributions add up to the total in this run; otherwise a note says
/// how much is missing.
bool adds_up(Attribution& result) {
  const std::optional<double> residual = result.residual();
  if (!residual) return false;
  const double total = *result.total;
  if (std::abs(*residual) <= kCompletenessTolerance * (1 + std::abs(total))) return true;
  result.notes.push_back(
      fmt::format("the contributions add up to {:.4f} instead of {:.4f}: the residual is {:+.4f}, "
                  "above the tolerance {:g} · (1 + |total|)",
                  result.sum(), total, *residual, kCompletenessTolerance));
  return false;
}

/// Whether a value is negative by more than rounding.
bool any_negative(const Attribution& map) {
  if (map.patches.empty()) return false;
  constexpr float kRounding = 1e-6f;  // of the largest value
  const auto [least, most] = std::ranges::minmax(map.patches);
  return least < -kRounding * std::max(most, 0.0f);
}

}  // namespace

Attribution run(const Method& method, const MethodSettings& settings, ExplanationContext& context,
                const Progress& progress) {
  const MethodInfo& info = method.info;
  if (!method.run) {
    throw Error("method", fmt::format("{} gives values to pairs of words and patches only; it has "
                                      "no map of an image alone",
                                      info.name));
  }
  const auto start = std::chrono::steady_clock::now();
  Attribution result = method.run(context, settings, progress);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.method = info.name;
  result.family = name_of(info.family);
  result.options = settings.changed();
  result.in_logits = info.in_logits;
  result.complete = info.complete && adds_up(result);
  result.is_signed = (info.is_signed && result.is_signed) || any_negative(result);
  return result;
}

}  // namespace whyclip
