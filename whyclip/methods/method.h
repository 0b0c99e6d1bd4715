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
  kContribution,  ///< additive contributions of the score, and relevance
  kGradient,
  kAttention,
  kCam,
  kClip,  ///< made for CLIP's towers
  kPerturbation,
  kOptimisation,
  kInteraction,  ///< of words and patches
  kBaseline,     ///< knows nothing of the model: whyclip/metrics
};

/// "contribution", "gradient", …
std::string_view name_of(MethodFamily family);

/// A number within bounds, or one of several words.
struct MethodOption {
  std::string name;           ///< "steps"
  std::string description;    ///< one line
  std::string default_value;  ///< the default: "32", "mean"
  double least = 0, most = 0;
  bool whole = false;                     ///< whether the number is a count
  std::vector<std::string> choices = {};  ///< words instead of a number

  static MethodOption count(std::string name, std::string description, int default_value, int least,
                            int most);
  static MethodOption number(std::string name, std::string description, double default_value,
                             double least, double most);
  static MethodOption choice(std::string name, std::string description,
                             std::vector<std::string> choices);
};

struct MethodInfo {
  std::string name;  ///< "integrated-gradients"
  MethodFamily family = MethodFamily::kGradient;
  std::string summary = {};    ///< one line
  std::string reference = {};  ///< publication and equation
  std::string cost = {};       ///< in forward (F) and backward (B) passes: "32 (F + B)"
  bool is_signed = true;       ///< whether a patch can speak against the target
  bool complete = false;       ///< whether the contributions add up to what Attribution::total says
  bool in_logits = false;      ///< whether the values are in units of the target
  bool depends_on_target = true;  ///< false: the map is the same for every target
  bool in_all = true;        ///< whether "all methods" includes it
  bool by_regions = false;  ///< whether it takes the regions of Subject::regions for its parts
  std::vector<MethodOption> options = {};
};

/// An option's value for each name; what is not set has the default.
class MethodSettings {
 public:
  /// Throws Error naming method and option for a name that it does not have, a value that cannot be
  /// read or is out of its range.
  MethodSettings(const MethodInfo& method, const std::map<std::string, std::string>& values = {});
  /// The same of anything that has options, which errors call `owner`.
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

/// What a method says of the words of one prompt.
struct WordAttribution {
  std::vector<double> words = {};        ///< in the order of PromptContext::words
  std::optional<double> elsewhere = {};  ///< what is not on the words (start, end of text, biases,
                                         ///< the value without words), if the method has it
  std::optional<double> total = {};      ///< what words and elsewhere should add up to
  std::vector<std::string> notes = {};
};

/// What a method says of words and patches together, for one prompt.
struct PairAttribution {
  std::vector<float> pairs = {};     ///< (words, patches), row-major
  std::vector<double> words = {};    ///< what is of a word alone, if the method has it
  std::vector<double> patches = {};  ///< what is of a patch alone, if the method has it
  /// What is of two words or of two patches together, (words, words) and (patches, patches), each
  /// pair at both of its places; empty if the method has none.
  std::vector<double> word_pairs = {}, patch_pairs = {};
  std::optional<double> elsewhere = {};  ///< what is of neither
  std::optional<double> total = {};      ///< what all of these should add up to, each pair once
  std::vector<std::string> notes = {};

  /// Of all parts, each pair counted once.
  double sum() const;
};

/// What a method can give a value to.
enum class Unit {
  kPatches,
  kPixels,   ///< computed by pixels, summed up or averaged by patches
  kRegions,  ///< any parts of the image in place of its own
  kWords,
  kPairs,  ///< of a word and a patch
};

/// "patches", "pixels", …
std::string_view name_of(Unit unit);

struct Method {
  MethodInfo info;
  /// Empty if the method speaks of pairs only.
  std::function<Attribution(ExplanationContext&, const MethodSettings&, const Progress&)> run;
  /// The same question put to a prompt's words; empty if the method has no text side.
  std::function<WordAttribution(PromptContext&, const MethodSettings&, const Progress&)> run_words =
      {};
  /// For pairs of a word and a patch; empty if the method has none.
  std::function<PairAttribution(ExplanationContext&, PromptContext&, const MethodSettings&,
                                const Progress&)>
      run_pairs = {};

  std::vector<Unit> units() const;
};

/// Runs the method and completes what it returns: name, options, units, time. Throws Error for a
/// method of pairs only, and as the method does; Cancelled.
Attribution run(const Method& method, const MethodSettings& settings, ExplanationContext& context,
                const Progress& progress = {});

/// All of them, family by family; what each is for: docs/methods.md.
const std::vector<Method>& methods();
/// Throws Error listing the names.
const Method& find_method(std::string_view name);
/// The method of that name, or of the rules of a JSON file (a path that ends in .json). Throws
/// Error listing the names, and as find_rule_set does.
Method method_named(const std::string& name_or_file);

}  // namespace whyclip
