#pragma once

#include <span>
#include <string>
#include <string_view>

#include "whyclip/render/report.h"

namespace whyclip {

/// "0.4120" or "−0.4120".
std::string plain_number(double value, int decimals = 4);

/// "+0.4120"; smaller than the last digit "+3.1e-06". The minus sign is U+2212.
std::string signed_number(double value);

/// A contribution of the score's size with its own sign, "+12.3 %"; empty if the score is
/// practically zero.
std::string percent(double contribution, double target);

/// "+0.412", "−0.412" or "0": an end of a colour bar.
std::string tick(double value);

/// "#rrggbbaa" of the heatmap at a value in [-1, 1].
std::string hex_with_opacity(double value);

/// A CSS gradient over the heatmap's colours, from −1 to 1.
std::string colour_gradient();

/// Throws Error unless the number is finite, naming it.
void check_number(double value, std::string_view what);

/// Full scale of the colours; 0 only if every value is zero.
double full_scale(const Report& report);

/// The style that all pages have.
std::string report_css();

/// CSS: the colours of text and bars, from the same map as the heatmap, for light and dark pages.
std::string theme_colours();

/// The verdict on the map, if there is one.
std::string certificate_section(const Report& report);
/// Throws Error for curves of different lengths and numbers that are not finite.
void check_certificate(const Report& report);
std::string notes_section(const Report& report);
std::string tiles_section(const Report& report);  ///< the score and where it comes from, in a row
std::string stage_section(const Report& report);  ///< the image with the heatmap over it
/// The image with these layers over it, for pages without a script or with several maps.
std::string still_section(const Report& report, const std::string& layers);
/// The heatmap as one rectangle per patch: what a page without JavaScript shows.
std::string cells_svg(const Report& report);
std::string legend_section(const Report& report);  ///< the colour bar
std::string strongest_section(
    const Report& report);                         ///< the patches that count most, for and against
std::string ledger_section(const Report& report);  ///< the waterfall from zero to the score

/// A table from zero to a score: every entry with a bar that begins where the one above it ends.
struct Waterfall {
  std::string_view id;     ///< of the heading, "ledger"
  std::string_view group;  ///< begins the ids of the groups that the script folds
  std::string_view heading;
  std::string_view lede;     ///< after "From zero to the logit: "
  std::string_view column;   ///< what a line is, "source"
  std::string_view members;  ///< what a group counts, "sources"
  std::span<const ReportEntry> entries;
  double sum = 0, residual = 0;
};

std::string waterfall_section(const Report& report, const Waterfall& waterfall);

/// Layer by layer, heads and residual stream. This and the next two are empty without blocks.
std::string components_section(const Report& report);
std::string shown_line(const Report& report);       ///< says which map the image shows
std::string components_json(const Report& report);  ///< begins with a comma
void check_components(const Report& report);        ///< throws Error as render_report says

std::string scores_section(const Report& report);
std::string settings_section(const Report& report);
/// How the numbers were computed; nothing if that is empty.
std::string about_section(const std::string& description);
std::string data_json(const Report& report);  ///< what the script needs: numbers only

}  // namespace whyclip
