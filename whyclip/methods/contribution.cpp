// The rule sets as methods: shares, and relevance.

#include "whyclip/attribution/interaction.h"
#include "whyclip/attribution/rule_sets.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/prompt_subject.h"
#include "whyclip/methods/subject.h"

namespace whyclip {
namespace {

constexpr const char *kNorms = "norms", *kIdentity = "identity";

std::string cost_of(Direction direction) {
  switch (direction) {
    case Direction::kBack:
      return "F + B";
    case Direction::kForward:
      return "F + a B for each patch";
    case Direction::kAggregation:
      return "F + matrices of token mixing";
    case Direction::kTracing:
      return "F × patches, in double";
  }
  return "";
}

/// Adds the rows of an offset to their tokens; an op for one token is the end-of-text token's.
void add_by_token(const Record& record, const OffsetShares& offset, std::vector<double>& tokens) {
  const std::size_t each = rows_of_token(*record.step(offset.trace_point).op),
                    of_op = offset.rows.size() / each;
  for (std::size_t r = 0; r < offset.rows.size(); ++r) {  // token by token
    tokens[of_op == tokens.size() ? r / each : tokens.size() - 1] += offset.rows[r];
  }
}

WordAttribution shares_of_words(const PromptSubject& prompt, const RuleSet& set,
                                const Progress& progress) {
  const std::string tokens = "text.tokens";
  const Walk walk = prompt.walk_back(*set.table, tokens, {.progress = progress});
  std::vector<double> shares =
      row_shares(set.table->moves, walk.gradients.at(tokens), prompt.record().at(tokens));
  double apart = 0;
  for (const OffsetShares& offset : walk.offsets) {
    const bool with_tokens = offset.trace_point == "text.embedded"
                                 ? set.positions == PositionPolicy::kToken
                                 : set.biases == BiasPolicy::kToken;
    if (with_tokens) {
      add_by_token(prompt.record(), offset, shares);
    } else {
      apart += offset.shares[0];
    }
  }
  return {.words = by_words(prompt, shares),
          .elsewhere = apart + shares.front() + shares.back(),
          .total = prompt.value()};
}

/// The matrix of attribution/interaction for one prompt: words and patches, and what start, end,
/// class token, positions and biases have with them.
PairAttribution shares_of_pairs(const Subject& subject, const PromptSubject& prompt,
                                const Progress& progress) {
  const Interaction all =
      interaction(subject.clip(), prompt.zero_shot(), prompt.part(), subject.image(), progress);
  const std::size_t words = prompt.words().size(), patches = std::size_t(subject.patches()),
                    columns = all.regions.size();
  PairAttribution result{.words = std::vector<double>(words, 0.0),
                         .patches = std::vector<double>(patches, 0.0),
                         .elsewhere = 0,
                         .total = all.logit};
  for (std::size_t i = 0; i < all.shares.size(); ++i) {
    const std::size_t row = i / columns, column = i % columns;
    const double share = all.shares[i];
    if (row < words && column < patches) {
      result.pairs.push_back(float(share));
    } else if (row < words) {
      result.words[row] += share;
    } else if (column < patches) {
      result.patches[column] += share;
    } else {
      result.elsewhere = *result.elsewhere + share;
    }
  }
  return result;
}

/// The rule set with the treatment of layer norms that the option asks for.
RuleSet set_for(const RuleSet& set, const MethodSettings& settings, bool has_norms) {
  return has_norms && settings.word(kNorms) == kIdentity ? with_identity_norms(set) : set;
}

Method method_of(const RuleSet& set) {
  const bool has_norms = set.table && set.table->moves == Moves::kRelevance;
  Method method{
      {.name = set.name,
       .family = MethodFamily::kContribution,
       .summary = set.summary,
       .source = set.source,
       .cost = cost_of(set.direction),
       .is_signed = set.direction != Direction::kAggregation,
       .complete = set.complete,
       .in_logits = set.direction != Direction::kAggregation,
       .options = {}},
      [set, has_norms](Subject& subject, const MethodSettings& settings, const Progress& progress) {
        const Contributions shares =
            attribute(subject.image(), {&subject.target(), 1}, set_for(set, settings, has_norms),
                      {.progress = progress})[0];
        Attribution result{.patches = shares.patches};
        if (shares.in_logits) {
          result.elsewhere = shares.sum - shares.patch_sum;
          result.total = shares.logit;
        }
        return result;
      }};
  if (has_norms) {
    method.info.options.push_back(MethodOption::choice(
        kNorms, "relevance in layer norms: 1/σ constant, mean and β by ε; or all unchanged",
        {"frozen", kIdentity}));
  }
  if (set.direction == Direction::kBack) {
    method.run_words = [set, has_norms](PromptSubject& prompt, const MethodSettings& settings,
                                        const Progress& progress) {
      return shares_of_words(prompt, set_for(set, settings, has_norms), progress);
    };
  }
  if (set.name == "contributions") {
    method.run_pairs = [](Subject& subject, PromptSubject& prompt, const MethodSettings&,
                          const Progress& progress) {
      return shares_of_pairs(subject, prompt, progress);
    };
  }
  return method;
}

}  // namespace

std::vector<Method> contribution_methods() {
  std::vector<Method> methods;
  for (const RuleSet& set : rule_sets()) methods.push_back(method_of(set));
  return methods;
}

}  // namespace whyclip
