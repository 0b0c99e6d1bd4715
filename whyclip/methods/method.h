#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/attribution.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"

namespace whyclip {

class ExplanationContext;
class PromptContext;

enum class MethodFamily {
  kContribution,  ///< additive contributions to the score, and relevance
  kGradient,
  kAttention,
  kCam,
  kClip,  ///< specific to CLIP's towers
  kPerturbation,
  kOptimisation,
  kInteraction,  ///< between words and patches
  kBaseline,     ///< independent of the model: whyclip/metrics
};

/// "contribution", "gradient", …
std::string_view name_of(MethodFamily family);

/// An option of a method or metric: a number within bounds, or one of several choices.
struct MethodOption {
  std::string name = {};           ///< "steps"
  std::string description = {};    ///< one line
  std::string default_value = {};  ///< "32", "mean"
  double least = 0, most = 0;
  bool whole = false;                     ///< whether the number must be an integer
  std::vector<std::string> choices = {};  ///< allowed values; empty: a number
  /// The value in quick evaluations of many images; empty: the default is cheap enough
  std::string quick = {};

  static MethodOption count(std::string name, std::string description, int default_value, int least,
                            int most);
  static MethodOption number(std::string name, std::string description, double default_value,
                             double least, double most);
  static MethodOption choice(std::string name, std::string description,
                             std::vector<std::string> choices);
  /// The same option with this value in quick evaluations.
  MethodOption with_quick(std::string value) &&;
};

struct MethodInfo {
  std::string name = {};  ///< "integrated-gradients"
  MethodFamily family = MethodFamily::kGradient;
  std::string summary = {};    ///< one line
  std::string reference = {};  ///< publication and equation
  /// How the values are computed, in sentences, for pages; empty: the summary says it
  std::string description = {};
  std::string cost = {};   ///< in forward (F) and backward (B) passes: "32 (F + B)"
  bool is_signed = true;   ///< whether values can be negative (evidence against the target)
  bool complete = false;   ///< whether the contributions add up to Attribution::total
  bool in_logits = false;  ///< whether the values have the target's unit
  /// Whether the values and Attribution::elsewhere are parts of a total: then there is a residual
  bool has_total = false;
  bool balances = false;          ///< whether it reports what each op conserves (LedgerDetail)
  bool depends_on_target = true;  ///< false: the map is the same for every target
  bool in_all = true;             ///< whether "all methods" includes it
  bool by_regions = false;        ///< whether it can use ExplanationContext::regions as players
  std::vector<MethodOption> options = {};
};

/// The values of a method's options by name; an option that is not set has its default.
class MethodSettings {
 public:
  /// Throws Error with the names of method and option for an unknown option, or a value that is
  /// unreadable or out of range.
  MethodSettings(const MethodInfo& method, const std::map<std::string, std::string>& values = {});
  /// The same for any owner of options; `owner` is its name in errors.
  MethodSettings(std::string_view owner, std::span<const MethodOption> options,
                 const std::map<std::string, std::string>& values);

  double number(std::string_view option) const;
  int count(std::string_view option) const;
  const std::string& word(std::string_view option) const;
  /// Names and values that differ from the defaults, in the order of the options.
  const std::vector<std::pair<std::string, std::string>>& changed() const { return changed_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::pair<std::string, std::string>> changed_;
};

/// A method's values of the words of one prompt.
struct WordAttribution {
  std::vector<double> words = {};  ///< in the order of PromptContext::words
  /// Contributions outside the words (start and end-of-text tokens, biases, the value without
  /// words), if the method has them
  std::optional<double> elsewhere = {};
  /// The value that words + elsewhere should add up to
  std::optional<double> total = {};
  std::vector<std::string> notes = {};
};

/// A method's interactions of words and patches, for one prompt.
struct PairAttribution {
  std::vector<float> pairs = {};     ///< (words, patches), row-major
  std::vector<double> words = {};    ///< contribution of each word alone, if the method has it
  std::vector<double> patches = {};  ///< contribution of each patch alone, if the method has it
  /// Interactions of two words and of two patches, (words, words) and (patches, patches),
  /// symmetric; empty if the method has none.
  std::vector<double> word_pairs = {}, patch_pairs = {};
  std::optional<double> elsewhere = {};  ///< contributions of neither words nor patches
  /// The value that all of these should add up to, each pair counted once
  std::optional<double> total = {};
  std::vector<std::string> notes = {};

  /// The sum of all values, each pair counted once.
  double sum() const;
};

/// The parts of an image or a prompt to which a method can assign values.
enum class Unit {
  kPatches,
  kPixels,   ///< computed per pixel, then summed or averaged over each patch
  kRegions,  ///< regions of the image that you choose
  kWords,
  kPairs,  ///< pairs of a word and a patch
};

/// "patches", "pixels", …
std::string_view name_of(Unit unit);

struct Method {
  MethodInfo info;
  /// For the image's patches; empty if the method has only pairs.
  std::function<Attribution(ExplanationContext&, const MethodSettings&, const Progress&)> run;
  /// For a prompt's words; empty if the method has no text side.
  std::function<WordAttribution(PromptContext&, const MethodSettings&, const Progress&)> run_words =
      {};
  /// For pairs of a word and a patch; empty if the method has none.
  std::function<PairAttribution(ExplanationContext&, PromptContext&, const MethodSettings&,
                                const Progress&)>
      run_pairs = {};

  std::vector<Unit> units() const;
};

/// The largest |total − sum| of a run that is complete: a fraction of 1 + |total|.
inline constexpr double kCompletenessTolerance = 1e-3;

/// Runs the method and completes what it returns: name, options, units, time. A complete method's
/// run is complete if its residual is within kCompletenessTolerance; otherwise a note gives the
/// residual. Throws Error for a method of pairs only, and as the method does; Cancelled.
Attribution run(const Method& method, const MethodSettings& settings, ExplanationContext& context,
                const Progress& progress = {});

/// All methods, sorted by family; see docs/methods.md.
const std::vector<Method>& methods();
/// Throws Error with the list of names if there is no such method.
const Method& find_method(std::string_view name);
/// The method of that name, or of the rules of a JSON file (a path that ends in .json). Throws
/// Error listing the names, and as find_rule_set does.
Method method_named(const std::string& name_or_file);

}  // namespace whyclip
