#include "whyclip/regions.h"

#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kRegions{"regions", 1};

}  // namespace

template <class V, class T>
requires Describes<T, RegionSource>
void describe(V& field, T& source) {
  field("name", source.name, "");
  field("patches", source.patches, "row-major indices into the grid; empty if it is no region");
}

template <class V, class T>
requires Describes<T, RegionTarget>
void describe(V& field, T& target) {
  field("name", target.name, "class, prompt or feature");
  field("value", target.value, "in the table's unit");
  field("contributions", target.contributions, "(sources)");
  field("positive", target.positive, "regions, as indices of sources, the largest first");
  field("negative", target.negative, "the same for negative contributions");
}

template <class V, class T>
requires Describes<T, RegionVectors>
void describe(V& field, T& vectors) {
  field("width", vectors.width, "of the joint space");
  field("vectors", vectors.vectors,
        "(sources, width), row by row: contributions to the image embedding");
  field("embedding", vectors.embedding, "(width): before normalisation");
}

template <class V, class T>
requires Describes<T, RegionTable>
void describe(V& field, T& table) {
  field("model", table.model, "");
  field("image", table.image, "");
  field("method", table.method, "");
  field("unit", table.unit, "logit, or feature for entries of the image embedding");
  field("sources", table.sources, "the regions, then class token, positions and biases");
  field("regions", table.regions, "how many of the sources are regions");
  field("empty_regions", table.empty_regions, "regions that got no patch");
  field("targets", table.targets, "in the order of the options");
  field("order", table.order, "indices of targets, as they are printed");
  field("completeness_error", table.completeness_error, "‖Σ vectors − embedding‖ / ‖embedding‖");
  field("vectors", table.vectors, "if requested");
  field("settings", table.settings, "name and value, for the reader");
  field("notes", table.notes, "for the reader");
}

std::string to_json(const RegionTable& table, int indent) {
  return results::write(kRegions, table, indent);
}

RegionTable regions_from_json(std::string_view text, const std::string& where) {
  return results::read<RegionTable>(kRegions, text, where);
}

namespace results {
std::string regions_schema() { return schema<RegionTable>(kRegions); }
}  // namespace results

}  // namespace whyclip
