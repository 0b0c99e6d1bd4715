#include "whyclip/evaluate.h"
#include "whyclip/evaluation/leaderboard_comparison.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kEvaluation{"evaluation", 1};

}  // namespace

template <class V, class T>
requires Describes<T, LeaderboardColumn>
void describe(V& field, T& column) {
  field("name", column.name, "with the options that were set");
  field("category", column.category, "");
  field("description", column.description, "the metric and its protocol");
  field("higher_is_better", column.higher_is_better, "");
  field("ranked", column.ranked, "whether a better value means a better map");
}

template <class V, class T>
requires Describes<T, LeaderboardCell>
void describe(V& field, T& cell) {
  field("value", cell.value, "over the images");
  field("low", cell.low, "of the 95 % bootstrap interval");
  field("high", cell.high, "of the 95 % bootstrap interval");
  field("images", cell.images, "with a value");
  field("reason", cell.reason, "why there is no value");
}

template <class V, class T>
requires Describes<T, LeaderboardRow>
void describe(V& field, T& row) {
  field("name", row.name, "");
  field("family", row.family, "");
  field("settings", row.settings, "options that differ from the defaults");
  field("baseline", row.baseline, "whether its maps do not depend on the model");
  field("seconds", row.seconds, "per image");
  field("rank", row.rank, "by the mean rank, from 1");
  field("mean_rank", row.mean_rank, "mean over the categories of the mean rank");
  field("values", row.cells, "in the order of metrics");
}

template <class V, class T>
requires Describes<T, LeaderboardCurve>
void describe(V& field, T& curve) {
  field("name", curve.name, "of the fill");
  field("fractions", curve.fractions, "of removed patches");
  field("most_first", curve.most_first,
        "in the order of methods: mean target value, most relevant patches removed first; may be "
        "empty");
  field("least_first", curve.least_first, "the same, least relevant patches removed first");
  field.computed("most_first_mean", mean_heights(curve.fractions, curve.most_first),
                 "mean over the fractions of each of most_first");
  field.computed("least_first_mean", mean_heights(curve.fractions, curve.least_first),
                 "mean over the fractions of each of least_first");
}

template <class V, class T>
requires Describes<T, MeanRank>
void describe(V& field, T& mean) {
  field("rank", mean.rank, "");
  field("over", mean.over, "number of ranks in the mean");
  field("counts", mean.counts, "whether the mean is over at least half of the possible ranks");
}

template <class V, class T>
requires Describes<T, MeanRanks>
void describe(V& field, T& ranks) {
  field("possible", ranks.possible, "number of ranks that a method can have");
  field("means", ranks.means, "in the order of methods");
  field("order", ranks.order,
        "indices of methods: means that count from the best, then the others, then methods without "
        "a mean");
}

template <class V, class T>
requires Describes<T, ColumnRanking>
void describe(V& field, T& column) {
  field("ranks", column.ranks,
        "in the order of methods: from 1, baselines included; equal values share the best rank");
  field("may_be_best", column.may_be_best,
        "indices of methods that are not the best, but whose interval overlaps that of the best");
  field("like_random", column.like_random,
        "indices of methods whose interval overlaps that of the best baseline");
  field("worse_than_random", column.worse_than_random,
        "indices of methods whose whole interval is on the worse side of the best baseline's");
}

template <class V, class T>
requires Describes<T, CategoryRanking>
void describe(V& field, T& category) {
  field("name", category.name, "");
  field("metrics", category.columns, "indices of metrics");
  field("ranking", category.ranking, "mean ranks over its ranked metrics");
}

template <class V, class T>
requires Describes<T, LeaderboardRanking>
void describe(V& field, T& ranking) {
  field("metrics", ranking.columns, "in the order of metrics; without ranks if not ranked");
  field("categories", ranking.categories, "in the order of metrics");
  field("overall", ranking.overall, "mean ranks over the categories, with equal weights");
}

template <class V, class T>
requires Describes<T, DatasetRemark>
void describe(V& field, T& remark) {
  field("kind", remark.kind, "");
  field("images", remark.images, "whether the entries are whole images");
  field("count", remark.count, "of entries");
  field("examples", remark.examples, "the first of them");
}

template <class V, class T>
requires Describes<T, Evaluation>
void describe(V& field, T& e) {
  field("model", e.model, "");
  field("dataset", e.dataset, "its name");
  field("images", e.images, "");
  field("mosaics", e.mosaics, "of four images");
  field("title", e.table.title, "of the page");
  field("headline", e.table.headline, "");
  field("metrics", e.table.columns, "");
  field("methods", e.table.rows, "baselines last");
  field.computed("ranking", compare_rows(e.table), "what follows from the values");
  field("curves", e.table.curves, "");
  field("agreement", e.table.agreement,
        "(metrics, metrics): rank correlation of two metrics over the methods that have both");
  field("remarks", e.remarks, "on entries of the data set that are unused");
  field("skipped", e.skipped, "images that could not be used, and why");
  field("interrupted", e.interrupted, "whether it was stopped before the end");
  field("settings", e.table.settings, "name and value, for the reader");
  field("notes", e.table.notes, "for the reader");
}

std::string to_json(const Evaluation& evaluation, int indent) {
  return results::write(kEvaluation, evaluation, indent);
}

Evaluation evaluation_from_json(std::string_view text, const std::string& where) {
  return results::read<Evaluation>(kEvaluation, text, where);
}

namespace results {
std::string evaluation_schema() { return schema<Evaluation>(kEvaluation); }
}  // namespace results

}  // namespace whyclip
