#include "cli/certificate_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace whyclip::cli {
namespace {

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

}  // namespace

Json certificate_json(const Certificate& c) {
  return {{"verdict", name_of(c.verdict)},
          {"sentence", c.sentence},
          {"p_value", c.p_value},
          {"orders", c.random_gains.size()},
          {"deletion", {{"map", c.deletion}, {"random", c.random_area}}},
          {"insertion", {{"map", c.insertion}, {"random", c.random_area}}},
          {"symmetric_relevance_gain",
           {{"map", c.gain}, {"centred_gaussian", c.gaussian_gain}, {"random", c.random_gains}}},
          {"residual", json_of(c.residual)},
          {"stability", json_of(c.stability)},
          {"curves",
           {{"most_relevant_first", c.curves.most_first.score},
            {"least_relevant_first", c.curves.least_first.score},
            {"random", c.random_curve}}}};
}

ReportCertificate report_certificate(const Certificate& c) {
  ReportCertificate report{.verdict = std::string(name_of(c.verdict)),
                           .good = c.verdict == Verdict::kSupported,
                           .bad = c.verdict == Verdict::kNotBetterThanRandom,
                           .sentence = c.sentence.substr(c.sentence.find(':') + 2),
                           .most_first = c.curves.most_first.score,
                           .least_first = c.curves.least_first.score,
                           .random = c.random_curve};
  const auto compared = [](double map, double random) {
    return fmt::format("{:.3f}, random orders {:.3f}", map, random);
  };
  report.numbers = {
      {"deletion ↓", compared(c.deletion, c.random_area)},
      {"insertion ↑", compared(c.insertion, c.random_area)},
      {"insertion − deletion ↑",
       fmt::format("{:.3f}, from the centre outwards {:.3f}", c.gain, c.gaussian_gain)},
      {"p-value", fmt::format("{:.3f}, {} random orders", c.p_value, c.random_gains.size())}};
  if (c.stability) {
    report.numbers.emplace_back("rank correlation under noise ↑",
                                fmt::format("{:.3f}", *c.stability));
  }
  if (c.residual) {
    report.numbers.emplace_back("part of the score that the contributions miss ↓",
                                fmt::format("{:.1e}", *c.residual));
  }
  return report;
}

}  // namespace whyclip::cli
