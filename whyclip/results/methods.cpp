#include "whyclip/list_methods.h"
#include "whyclip/results/option_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kMethods{"methods", 1};

}  // namespace

inline std::vector<MethodFamily> all_values(MethodFamily*) {
  using enum MethodFamily;
  return {kContribution, kGradient,     kAttention,   kCam,     kClip,
          kPerturbation, kOptimisation, kInteraction, kBaseline};
}

inline std::vector<Unit> all_values(Unit*) {
  using enum Unit;
  return {kPatches, kPixels, kRegions, kWords, kPairs};
}

template <class V, class T>
requires Describes<T, ListedMethod>
void describe(V& field, T& method) {
  auto& info = method.info;
  field("name", info.name, "");
  field("family", info.family, "");
  field("summary", info.summary, "");
  field("reference", info.reference, "publication and equation");
  field("description", info.description, "how the values are computed; may be empty");
  field("cost", info.cost, "in forward (F) and backward (B) passes");
  field("units", method.units, "what it assigns values to");
  field("signed", info.is_signed, "whether values can be negative (evidence against the target)");
  field("complete", info.complete, "whether the contributions add up to the score");
  field("in_logits", info.in_logits, "whether the values are in units of the target");
  field("has_total", info.has_total, "whether its values and elsewhere are parts of a total");
  field("balances", info.balances, "whether it reports what each op conserves");
  field("depends_on_target", info.depends_on_target, "false: one map for all targets");
  field("in_all", info.in_all, "whether \"all\" includes it");
  field("by_regions", info.by_regions, "whether it can remove regions that you choose");
  field("options", info.options, "");
}

template <class V, class T>
requires Describes<T, MethodList>
void describe(V& field, T& list) { field("methods", list.methods, "sorted by family"); }

std::string to_json(const MethodList& list, int indent) {
  return results::write(kMethods, list, indent);
}

MethodList methods_from_json(std::string_view text, const std::string& where) {
  return results::read<MethodList>(kMethods, text, where);
}

namespace results {
std::string methods_schema() { return schema<MethodList>(kMethods); }
}  // namespace results

}  // namespace whyclip
