// Each rule set as a method: contributions and relevance.

#include <fmt/format.h>

#include "whyclip/attribution/interaction.h"
#include "whyclip/attribution/ledger.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/families.h"
#include "whyclip/methods/prompt_context.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip {
namespace {

constexpr const char *kNorms = "norms", *kIdentity = "identity", *kBiases = "biases",
                     *kPositions = "positions";

constexpr BiasPolicy kBiasPolicies[] = {BiasPolicy::kOwn, BiasPolicy::kEqual,
                                        BiasPolicy::kProportional, BiasPolicy::kToken};

std::string cost_of(Direction direction) {
  switch (direction) {
    case Direction::kBackward:
      return "F + B";
    case Direction::kForward:
      return "F + patches · B";
    case Direction::kAggregation:
      return "F + token-mixing matrices";
  }
  return "";
}

/// Adds the rows of an additive term to their tokens; an op with one row belongs to the end-of-text
/// token.
void add_by_token(const Record& record, const AdditiveContribution& additive_term,
                  std::vector<double>& tokens) {
  const std::size_t each = rows_of_token(*record.step(additive_term.trace_point).op),
                    of_op = additive_term.rows.size() / each;
  for (std::size_t r = 0; r < additive_term.rows.size(); ++r) {  // token by token
    tokens[of_op == tokens.size() ? r / each : tokens.size() - 1] += additive_term.rows[r];
  }
}

WordAttribution contributions_of_words(const PromptContext& prompt, const RuleSet& set,
                                       const Progress& progress) {
  const std::string tokens = "text.tokens";
  const BackwardResult backward = prompt.backward_pass(*set.table, tokens, {.progress = progress});
  std::vector<double> contributions = row_contributions(
      set.table->quantity, backward.gradients.at(tokens), prompt.record().at(tokens));
  double apart = 0;
  for (const AdditiveContribution& additive_term : backward.additive_terms) {
    const bool with_tokens = additive_term.trace_point == "text.embedded"
                                 ? set.positions == PositionPolicy::kToken
                                 : set.biases == BiasPolicy::kToken;
    if (with_tokens) {
      add_by_token(prompt.record(), additive_term, contributions);
    } else {
      apart += additive_term.contributions[0];
    }
  }
  return {.words = by_words(prompt, contributions),
          .elsewhere = apart + contributions.front() + contributions.back(),
          .total = prompt.value()};
}

/// The matrix of attribution/interaction.h for one prompt. Rows and columns of the start,
/// end-of-text and class tokens, positions and biases are added to the single words and patches.
PairAttribution contributions_of_pairs(const ExplanationContext& context,
                                       const PromptContext& prompt, const Progress& progress) {
  const Interaction all =
      interaction(context.clip(), prompt.zero_shot(), prompt.part(), context.recorded(), progress);
  const std::size_t words = prompt.words().size(), patches = std::size_t(context.patches()),
                    columns = all.regions.size();
  PairAttribution result{.words = std::vector<double>(words, 0.0),
                         .patches = std::vector<double>(patches, 0.0),
                         .elsewhere = 0,
                         .total = all.logit};
  for (std::size_t i = 0; i < all.contributions.size(); ++i) {
    const std::size_t row = i / columns, column = i % columns;
    const double contribution = all.contributions[i];
    if (row < words && column < patches) {
      result.pairs.push_back(float(contribution));
    } else if (row < words) {
      result.words[row] += contribution;
    } else if (column < patches) {
      result.patches[column] += contribution;
    } else {
      result.elsewhere = *result.elsewhere + contribution;
    }
  }
  return result;
}

/// The rule set with the layer norm rule of the option.
RuleSet set_for(const RuleSet& set, const MethodSettings& settings, bool has_norms) {
  return has_norms && settings.word(kNorms) == kIdentity ? with_identity_norms(set) : set;
}

BiasPolicy bias_policy(const std::string& name) {
  for (const BiasPolicy policy : kBiasPolicies) {
    if (name_of(policy) == name) return policy;
  }
  throw Error(kBiases, fmt::format("there is no policy \"{}\"", name));
}

RuleSetOptions policies_of(const RuleSet& set, const MethodSettings& settings,
                           const Progress& progress) {
  RuleSetOptions options{.biases = {}, .positions = {}, .progress = progress};
  if (set.direction != Direction::kBackward) return options;
  options.biases = bias_policy(settings.word(kBiases));
  options.positions =
      settings.word(kPositions) == "own" ? PositionPolicy::kOwn : PositionPolicy::kToken;
  return options;
}

SourceLedger ledger_of(const Contributions& c) {
  return {.class_token = c.class_token,
          .position_embedding = c.position_embedding,
          .biases = c.biases,
          .cancellation = c.cancellation(),
          .stream = {},
          .balances = c.balances};
}

/// The contributions of a rule set, with as much of the ledger as the context asks for.
Attribution contributions_of(ExplanationContext& context, const RuleSet& set,
                             const RuleSetOptions& options) {
  Contributions c;
  std::vector<std::vector<float>> stream;
  const bool with_ledger = context.detail() != LedgerDetail::kNone;
  if (with_ledger && set.direction == Direction::kBackward) {
    Ledger ledger = std::move(ledgers(context.recorded(), {&context.target(), 1}, *set.table,
                                      {.biases = *options.biases,
                                       .positions = *options.positions,
                                       .balances = context.detail() == LedgerDetail::kBalances,
                                       .progress = options.progress})[0]);
    c = std::move(ledger.sources);
    stream = std::move(ledger.stream);
  } else {
    c = std::move(attribute(context.recorded(), {&context.target(), 1}, set, options)[0]);
  }
  Attribution result{.patches = c.patches};
  result.elsewhere = c.sum - c.patch_sum;
  if (!c.in_logits) return result;  // class token and patches are parts of no score
  result.total = c.logit;
  if (with_ledger) {
    result.ledger = ledger_of(c);
    result.ledger->stream = std::move(stream);
  }
  return result;
}

void add_policies(const RuleSet& set, std::vector<MethodOption>& options) {
  std::vector<std::string> biases{std::string(name_of(set.biases))};  // the default comes first
  for (const BiasPolicy policy : kBiasPolicies) {
    if (policy != set.biases) biases.emplace_back(name_of(policy));
  }
  options.push_back(MethodOption::choice(kBiases,
                                         "how the biases are distributed: own (entries of their "
                                         "own), equal, proportional (to |contribution|), "
                                         "token (in whose row they are added)",
                                         std::move(biases)));
  const bool own = set.positions == PositionPolicy::kOwn;
  options.push_back(MethodOption::choice(
      kPositions, "how the position embeddings are distributed: own (one entry) or token",
      {own ? "own" : "token", own ? "token" : "own"}));
}

Method method_of(const RuleSet& set) {
  const bool has_norms = set.table && set.table->quantity == Quantity::kRelevance;
  const bool aggregation = set.direction == Direction::kAggregation;
  Method method{{.name = set.name,
                 .family = MethodFamily::kContribution,
                 .summary = set.summary,
                 .reference = set.reference,
                 .description = set.description,
                 .cost = cost_of(set.direction),
                 .is_signed = !aggregation,
                 .complete = set.complete,
                 .in_logits = !aggregation,
                 .has_total = !aggregation,
                 .balances = set.direction == Direction::kBackward,
                 .depends_on_target = !aggregation,
                 .options = {}},
                [set, has_norms](ExplanationContext& context, const MethodSettings& settings,
                                 const Progress& progress) {
                  return contributions_of(context, set_for(set, settings, has_norms),
                                          policies_of(set, settings, progress));
                }};
  if (set.direction == Direction::kBackward) add_policies(set, method.info.options);
  if (has_norms) {
    method.info.options.push_back(MethodOption::choice(
        kNorms, "rule for layer norms: frozen: 1/σ constant, LRP-ε for mean and β; identity",
        {"frozen", kIdentity}));
  }
  if (set.direction == Direction::kBackward) {
    method.run_words = [set, has_norms](PromptContext& prompt, const MethodSettings& settings,
                                        const Progress& progress) {
      return contributions_of_words(prompt, set_for(set, settings, has_norms), progress);
    };
  }
  if (set.pairs) {
    method.run_pairs = [](ExplanationContext& context, PromptContext& prompt, const MethodSettings&,
                          const Progress& progress) {
      return contributions_of_pairs(context, prompt, progress);
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

Method method_named(const std::string& name_or_file) {
  if (!name_or_file.ends_with(".json")) return find_method(name_or_file);
  return method_of(find_rule_set(name_or_file));
}

}  // namespace whyclip
