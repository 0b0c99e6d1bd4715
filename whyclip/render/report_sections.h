#pragma once

#include <span>
#include <string>
#include <string_view>

#include "whyclip/render/report.h"

namespace whyclip {

/// "0.4120" or "−0.4120".
std::string plain_number(double value, int decimals = 4);

/// "+0.4120", or "+3.1e-06" below the last digit. The minus sign is U+2212.
std::string signed_number(double value);

/// A contribution relative to the absolute score, "+12.3 %"; empty if the score is practically
/// zero.
std::string percent(double contribution, double target);

/// A tick of a colour bar: "+0.412", "−0.412" or "0".
std::string tick(double value);

/// The heatmap's colour at a value in [-1, 1], "#rrggbbaa".
std::string hex_with_opacity(double value);

/// A CSS gradient over the heatmap's colours, from `least` (−1 or 0) to 1.
std::string colour_gradient(int least = -1);

/// Throws Error naming the number (`what`) unless it is finite.
void check_number(double value, std::string_view what);

/// Full scale of the colours; 0 only if every value is zero.
double full_scale(const Report& report);

/// The style that all pages share.
std::string report_css();

/// CSS: the colours of text and bars, from the heatmap's colour map, for light and dark pages.
std::string theme_colours();

/// The certificate; empty if there is none.
std::string certificate_section(const Report& report);
/// Throws Error for curves of different lengths and numbers that are not finite.
void check_certificate(const Report& report);
std::string notes_section(const Report& report);
std::string tiles_section(const Report& report);  ///< the score and its main sums, in a row
std::string stage_section(const Report& report);  ///< the image with the heatmap over it
/// The image with these layers over it, without script; pages may have several.
std::string still_section(const Report& report, const std::string& layers);
/// The heatmap with one rectangle per patch, for pages without JavaScript.
std::string cells_svg(const Report& report);
std::string legend_section(const Report& report);  ///< the colour bar
std::string strongest_section(
    const Report& report);  ///< the patches with the largest contributions of each sign
std::string ledger_section(const Report& report);  ///< the waterfall from zero to the score

/// A waterfall table from zero to a score: the bar of each entry begins where the previous one
/// ends.
struct Waterfall {
  std::string_view id;     ///< of the heading: "ledger"
  std::string_view group;  ///< prefix of the ids of the groups that the script folds
  std::string_view heading;
  std::string_view lede;     ///< after "From zero to the logit: "
  std::string_view column;   ///< heading of the names: "source"
  std::string_view members;  ///< unit of a group's count: "sources"
  std::span<const ReportEntry> entries;
  double sum = 0, residual = 0;
};

std::string waterfall_section(const Report& report, const Waterfall& waterfall);

/// Layers, heads and residual stream. This and the next two are empty without blocks.
std::string components_section(const Report& report);
std::string shown_line(const Report& report);       ///< names the map that the image shows
std::string components_json(const Report& report);  ///< begins with a comma
void check_components(const Report& report);        ///< throws Error as render_report does

std::string scores_section(const Report& report);
std::string settings_section(const Report& report);
/// The description as a paragraph; empty if it is empty.
std::string about_section(const std::string& description);
std::string data_json(const Report& report);  ///< the numbers that the script uses

}  // namespace whyclip
