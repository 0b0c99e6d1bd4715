#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include "whyclip/render/html.h"
#include "whyclip/render/report_sections.h"

namespace whyclip {
namespace {

/// Entries [first, last) of one group, and the running total before and after them.
struct Step {
  std::size_t first = 0, last = 0;
  double before = 0, after = 0;
};

std::vector<Step> group_steps(std::span<const ReportEntry> ledger) {
  std::vector<Step> steps;
  double total = 0;
  for (std::size_t i = 0; i < ledger.size(); ++i) {
    const bool continues =
        i > 0 && !ledger[i].group.empty() && ledger[i].group == ledger[i - 1].group;
    if (!continues) steps.push_back({.first = i, .last = i, .before = total, .after = total});
    total += ledger[i].contribution;
    steps.back().last = i + 1;
    steps.back().after = total;
  }
  return steps;
}

/// Maps running totals to percent of the bar column's width.
class Scale {
 public:
  Scale(std::span<const ReportEntry> ledger, double target)
      : minimum_(std::min(0.0, target)), maximum_(std::max(0.0, target)) {
    double total = 0;
    for (const ReportEntry& entry : ledger) {
      total += entry.contribution;
      minimum_ = std::min(minimum_, total);
      maximum_ = std::max(maximum_, total);
    }
    if (maximum_ == minimum_) maximum_ = minimum_ + 1;
  }
  double position(double total) const { return 100 * (total - minimum_) / (maximum_ - minimum_); }

 private:
  double minimum_, maximum_;
};

/// The cells after a row's name: a bar from one running total to the next, and numbers.
std::string cells(const Scale& scale, double before, double after, double target,
                  std::string_view kind = "") {
  const double from = scale.position(std::min(before, after));
  const double to = scale.position(std::max(before, after));
  const double contribution = after - before;
  const std::string_view sign = contribution < 0 ? "negative" : "positive";
  return fmt::format(
      R"(<td class="bar" aria-hidden="true"><i class="{} {}" style="left:{:.3f}%;width:{:.3f}%"></i></td>)"
      R"(<td class="number {}">{}</td><td class="number faint wide">{}</td>)"
      R"(<td class="number faint wide">{}</td></tr>)"
      "\n",
      sign, kind, from, to - from, sign, signed_number(contribution), percent(contribution, target),
      plain_number(after));
}

std::string entry_name(const ReportEntry& entry) {
  std::string name = escape_html(entry.name);
  if (!entry.note.empty()) name += fmt::format(" <small>{}</small>", escape_html(entry.note));
  return name;
}

std::string single_row(const Waterfall& waterfall, const Scale& scale, const Step& step,
                       double target) {
  return fmt::format("<tbody><tr><th scope=\"row\">{}</th>{}</tbody>\n",
                     entry_name(waterfall.entries[step.first]),
                     cells(scale, step.before, step.after, target));
}

/// A row for the group and, in a tbody that the script folds, rows for its entries.
std::string group_rows(const Waterfall& waterfall, const Scale& scale, const Step& step,
                       double target) {
  std::string rows = fmt::format(
      R"(<tbody class="group"><tr><th scope="row"><button type="button" class="fold" aria-expanded="true" )"
      R"(aria-controls="{0}-{1}">{2} <small>{3} {4}</small></button></th>{5}</tbody>)"
      R"(<tbody class="members" id="{0}-{1}">)"
      "\n",
      waterfall.group, step.first, escape_html(waterfall.entries[step.first].group),
      step.last - step.first, waterfall.members, cells(scale, step.before, step.after, target));
  double total = step.before;
  for (std::size_t i = step.first; i < step.last; ++i) {
    const ReportEntry& entry = waterfall.entries[i];
    rows += fmt::format("<tr><th scope=\"row\">{}</th>{}", entry_name(entry),
                        cells(scale, total, total + entry.contribution, target, "member"));
    total += entry.contribution;
  }
  return rows + "</tbody>\n";
}

/// Labels for zero and the target above the bars, on the side of their lines with enough space.
std::string axis_marks(const Scale& scale, double target) {
  constexpr double kLabel = 25;  // width of a label on a narrow screen, in percent of the column
  const double zero_position = scale.position(0);
  const double target_position = scale.position(target);
  std::string marks;
  if (std::abs(target_position - zero_position) > 2 * kLabel) {
    marks = fmt::format("<span class=\"mark zero {}\">0</span>",
                        zero_position > 100 - kLabel ? "before" : "");
  }
  return marks + fmt::format("<span class=\"mark target {}\">{}</span>",
                             target_position < kLabel ? "after" : "", plain_number(target, 2));
}

}  // namespace

std::string waterfall_section(const Report& report, const Waterfall& waterfall) {
  const double target = report.target;
  const Scale scale(waterfall.entries, target);
  std::string bodies;
  for (const Step& step : group_steps(waterfall.entries)) {
    bodies += step.last - step.first == 1 ? single_row(waterfall, scale, step, target)
                                          : group_rows(waterfall, scale, step, target);
  }
  const std::string quantity = escape_html(report.quantity);
  return fmt::format(
      R"(<section aria-labelledby="{8}-h"><h2 id="{8}-h">{9}</h2>
<p class="lede">From zero to the {0}: {10} Each bar begins where the one above it ends.</p>
<table class="ledger" style="--zero:{1:.3f}%;--target:{2:.3f}%">
<thead><tr><th scope="col">{11}</th><td class="bar" aria-hidden="true">{3}</td><th scope="col" class="number">contribution</th>)"
      R"(<th scope="col" class="number wide">of the {0}</th><th scope="col" class="number wide">total</th></tr></thead>
{4}<tfoot><tr class="sum"><th scope="row">sum of all contributions</th>{5}<tr class="sum"><th scope="row">{0} <small>of the model</small></th>{6}</tfoot>
</table>
<p class="residual">Residual ({0} minus sum): <b>{7}</b></p></section>)",
      quantity, scale.position(0), scale.position(target), axis_marks(scale, target), bodies,
      cells(scale, 0, waterfall.sum, target, "whole"), cells(scale, 0, target, target, "whole"),
      signed_number(waterfall.residual), waterfall.id, waterfall.heading, waterfall.lede,
      waterfall.column);
}

std::string ledger_section(const Report& report) {
  if (report.ledger.empty()) return {};
  return waterfall_section(
      report, {.id = "ledger",
               .group = "group",
               .heading = "Ledger",
               .lede = report.by_source ? "every source of the score in the order of the network."
                                        : "the patches together, and what is not on them.",
               .column = "source",
               .members = "sources",
               .entries = report.ledger,
               .sum = report.sum,
               .residual = report.residual});
}

}  // namespace whyclip
