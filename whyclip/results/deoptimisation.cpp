#include <iterator>

#include "whyclip/deoptimise.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kDeoptimisation{"deoptimisation", 1};

}  // namespace

inline std::vector<Variable> all_values(Variable*) {
  return {Variable::kPatches, Variable::kPixels};
}

inline std::vector<Optimiser> all_values(Optimiser*) { return {Optimiser::kSgd, Optimiser::kAdam}; }

inline std::vector<ChannelReduction> all_values(ChannelReduction*) {
  return {std::begin(kChannelReductions), std::end(kChannelReductions)};
}

template <class V, class T>
requires Describes<T, Image>
void describe(V& field, T& image) {
  field("width", image.width, "");
  field("height", image.height, "");
  field("rgb", image.rgb, "height × width × 3, from 0 to 255, row by row");
}

template <class V, class T>
requires Describes<T, DeoptimisationCurve>
void describe(V& field, T& run) {
  field("control", run.control, "whether the loss has a random vector");
  field("losses", run.losses, "before each step and after the last, without the penalties");
  field("distances", run.distances, "‖x − start‖ / ‖start‖ at the same steps");
  field("diverged_after_step", run.diverged_after_step, "counted from 1");
}

template <class V, class T>
requires Describes<T, ReducedChange>
void describe(V& field, T& change) {
  field("reduction", change.reduction, "how the channels become one number");
  field("no_map", change.no_map, "reason why the values are zero; empty if there is a map");
  field("patches", change.patches, "mean over the restarts: rows × columns, row by row");
}

template <class V, class T>
requires Describes<T, DeoptimisationFrame>
void describe(V& field, T& frame) {
  field("step", frame.step, "");
  field("map", frame.map, "the change by patch; empty if the variable is pixels");
  field("image", frame.image, "the changed image; empty if the variable is patches");
}

template <class V, class T>
requires Describes<T, DeoptimisationDetail>
void describe(V& field, T& detail) {
  field("maps", detail.maps, "the changes by cell, in the order of changes");
  field("channels", detail.channels, "of a cell");
  field("change", detail.change, "of the first run: (cells, channels), row by row");
  field("edited", detail.edited, "the image as the first run changed its pixels");
  field("frames", detail.frames, "of the first run, for an animation");
}

template <class V, class T>
requires Describes<T, DeoptimisationCheck>
void describe(V& field, T& check) {
  field("removal", check.removal, "rank correlation of the map with the removal effects");
  field("control_removal", check.control_removal,
        "mean rank correlation of the controls' maps with the removal effects");
  field("control", check.control, "mean rank correlation of the map with the controls' maps");
}

template <class V, class T>
requires Describes<T, Deoptimisation>
void describe(V& field, T& d) {
  field("model", d.model, "");
  field("image", d.image, "");
  field("target", d.target, "the number that is explained");
  field("headline", d.headline, "");
  field("description", d.description, "how the values were computed");
  field("loss", d.loss, "that the steps descend");
  field("variable", d.variable, "what the steps change");
  field("optimiser", d.optimiser, "");
  field("steps", d.steps, "");
  field("rate", d.rate, "learning rate");
  field("rows", d.rows, "of the grid of cells: patches, or pixels of the model's input");
  field("columns", d.columns, "of the grid of cells");
  field("runs", d.runs, "restarts, then controls");
  field("changes", d.changes, "one for each channel reduction");
  field("reduction", d.reduction, "of the map that is checked");
  field("effects", d.effects,
        "of removing each patch on the loss; empty if not requested: rows × columns, row by row");
  field("check", d.check, "none if one of the two is constant or missing");
  field("detail", d.detail, "large parts for files and images, if requested");
  field("settings", d.settings, "name and value, for the reader");
  field("notes", d.notes, "for the reader");
}

std::string to_json(const Deoptimisation& deoptimisation, int indent) {
  return results::write(kDeoptimisation, deoptimisation, indent);
}

Deoptimisation deoptimisation_from_json(std::string_view text, const std::string& where) {
  return results::read<Deoptimisation>(kDeoptimisation, text, where);
}

namespace results {
std::string deoptimisation_schema() { return schema<Deoptimisation>(kDeoptimisation); }
}  // namespace results

}  // namespace whyclip
