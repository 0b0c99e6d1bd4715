#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/attribution.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/methods/method_choice.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct CompareOptions {
  TargetOptions target = {};                   ///< which score; default: the best class
  std::vector<std::string> methods = {"all"};  ///< names and families that choose_methods reads
  OptionTexts method_options = {};
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  /// Parts of the image, as parse_regions reads them ("slic:20"); empty: none. Methods that remove
  /// regions remove these.
  std::string regions = {};
  bool drop_empty_regions = false;  ///< leave out masks that get no patch instead of refusing them
  bool removal = true;  ///< compare with the true effect of removing each patch (a pass for each)
  bool words = false;   ///< the words of the prompts too, and pairs of words and patches
  bool ledger = false;  ///< Attribution::ledger, for methods that follow rules
  Progress progress = {};
};

/// A method's map of the image.
struct ComparedMethod {
  Attribution attribution = {};
  std::string summary = {}, reference = {}, cost = {};  ///< as MethodInfo
  std::optional<double> removal_correlation = {};       ///< rank correlation with removal_effects
  /// By Comparison::regions: sums over their patches, or means if the values are not in units of
  /// the target.
  std::vector<double> regions = {};

  /// If every patch is zero, a sentence with the reasons; otherwise empty.
  std::string zero_note() const;
};

/// A part of the image.
struct ComparedRegion {
  std::string name = {};
  std::vector<int> patches = {};  ///< row-major indices into the grid
};

/// A method's values of the words: weighted sums over the target's prompts, or means if they are
/// not in units of the target.
struct WordsOfMethod {
  std::string method = {};
  bool in_logits = false;
  std::vector<double> values = {};      ///< in the order of ComparedWords::words
  std::optional<double> residual = {};  ///< total − (words + elsewhere), if it has a total
  double seconds = 0;
};

/// A method's values of pairs of a word and a patch.
struct PairsOfMethod {
  std::string method = {}, summary = {};
  std::vector<std::vector<float>> maps = {};  ///< a map for each of ComparedWords::pair_rows
  std::vector<double> alone = {};             ///< of each row without a patch
  std::vector<double> patches_alone = {};     ///< of each patch without a word; may be empty
  double word_pairs = 0, patch_pairs = 0;     ///< sums over pairs of two words, of two patches
  std::optional<double> residual = {};        ///< total − sum, if it has a total
  double seconds = 0;
  std::vector<std::string> notes = {};
};

/// The text side of a comparison.
struct ComparedWords {
  std::vector<std::string> prompts = {};    ///< of the target
  std::vector<std::string> words = {};      ///< of one prompt all; of several the distinct ones
  std::vector<std::string> pair_rows = {};  ///< of one prompt its words; of several "class name"
                                            ///< and "other words"
  std::vector<WordsOfMethod> methods = {};
  std::vector<PairsOfMethod> pairs = {};

  /// The indices of `words` by their largest |value| of any method in units of the target; of one
  /// prompt in the prompt's order.
  std::vector<std::size_t> by_size() const;
};

/// A score explained by several methods.
struct Comparison {
  ModelInfo model = {};
  ImageInfo image = {};
  TargetInfo target = {};
  std::string headline = {};
  std::vector<ComparedMethod> methods = {};  ///< with a map, in the order of methods()
  int requested_methods = 0;                 ///< how many methods with a map were chosen
  bool cancelled = false;                    ///< `methods` has only those that were finished
  /// (methods, methods): rank correlations of the maps; none if a map is constant.
  std::vector<std::vector<std::optional<double>>> agreement = {};
  std::vector<float> removal_effects = {};  ///< what the target loses without each patch; or empty
  std::optional<std::vector<ComparedRegion>> regions = {};
  std::vector<std::string> empty_regions = {};  ///< that got no patch
  std::optional<ComparedWords> words = {};
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Explains one score of one image by several methods, from one recorded forward pass. If
/// options.progress cancels it after the first method, the result has the methods that were
/// finished. Throws Error for options that exclude each other, a prompt without words if words are
/// requested, and as choose_methods, MethodSettings, make_classifier, choose_target, parse_regions
/// and the methods do; Cancelled if no method was finished.
Comparison compare(const Clip& clip, const Image& image, const CompareOptions& options = {});

/// JSON with "format": "whyclip comparison 1" (docs/schema/comparison.json). `indent`: spaces a
/// level, −1 for one line.
std::string to_json(const Comparison& comparison, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
Comparison comparison_from_json(std::string_view text, const std::string& where = "comparison");

}  // namespace whyclip
