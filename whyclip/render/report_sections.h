#pragma once

#include <string>

#include "whyclip/render/report.h"

namespace whyclip {

/// "0.4120" or "−0.4120".
std::string plain_number(double value, int decimals = 4);

/// "+0.4120"; smaller than the last digit "+3.1e-06". The minus sign is U+2212.
std::string signed_number(double value);

/// A share of the score's size with its own sign, "+12.3 %"; empty if the score is practically
/// zero.
std::string percent(double share, double target);

/// Full scale of the colours; 0 only if every value is zero.
double full_scale(const Report& report);

std::string notes_section(const Report& report);
std::string tiles_section(const Report& report);   ///< the score and where it comes from, in a row
std::string stage_section(const Report& report);   ///< the picture with the heatmap over it
std::string legend_section(const Report& report);  ///< the colour bar
std::string strongest_section(
    const Report& report);                         ///< the patches that count most, for and against
std::string ledger_section(const Report& report);  ///< the waterfall from zero to the score
std::string scores_section(const Report& report);
std::string settings_section(const Report& report);
std::string data_json(const Report& report);  ///< what the script needs: numbers only

}  // namespace whyclip
