#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/explain_output.h"
#include "cli/ledger_output.h"

namespace whyclip::cli {
namespace {

/// Values of one token a patch as the grid's rows.
template <class Values>
Json rows_of(const PatchGrid& grid, const Values& values) {
  Json rows = Json::array();
  for (int r = 0; r < grid.rows; ++r) {
    const auto begin = values.begin() + std::ptrdiff_t{r} * grid.columns;
    rows.push_back(std::vector<float>(begin, begin + grid.columns));
  }
  return rows;
}

Json tokens_json(const PatchGrid& grid, const std::vector<float>& tokens) {
  return {{"class_token", tokens[0]},
          {"patches", rows_of(grid, std::vector<float>(tokens.begin() + 1, tokens.end()))}};
}

Json components_json(const PatchGrid& grid, const ComponentLedger& c) {
  Json blocks = Json::array();
  for (const LedgerBlock& block : c.blocks) {
    Json heads = Json::array();
    for (std::size_t h = 0; h < block.heads.size(); ++h) {
      Json head = tokens_json(grid, block.head_tokens[h]);
      head["contribution"] = block.heads[h];
      heads.push_back(std::move(head));
    }
    blocks.push_back({{"sum", block.sum()},
                      {"attention", block.attention()},
                      {"heads", std::move(heads)},
                      {"attention_bias", block.attention_bias},
                      {"mlp", block.mlp},
                      {"mlp_bias", block.mlp_bias}});
  }
  return {{"embedding", c.embedding},
          {"embedding_bias", c.embedding_bias},
          {"blocks", std::move(blocks)},
          {"last_bias", c.last_bias},
          {"sum", c.sum},
          {"residual", c.residual},
          {"cancellation", c.cancellation()}};
}

Json balance_json(const Balance& b) {
  return {{"trace_point", b.trace_point},
          {"op", b.op},
          {"rule", b.rule},
          {"in", b.output},
          {"on", b.inputs},
          {"bias", b.additive_term},
          {"leak", b.leak()},
          {"size", b.size}};
}

Json conservation_json(const std::vector<Balance>& balances) {
  Json ops = Json::array();
  for (const Balance& balance : balances) ops.push_back(balance_json(balance));
  const auto leak = first_leak(balances);
  return {{"first_leak", leak ? balance_json(*leak) : Json()}, {"ops", std::move(ops)}};
}

Json regions_json(const Regions& regions, std::span<const float> patches) {
  Json result = Json::array();
  const std::vector<double> contributions = sums(regions, patches);
  for (std::size_t r = 0; r < contributions.size(); ++r) {
    result.push_back({{"name", regions.regions[r].name},
                      {"patches", regions.regions[r].patches},
                      {"contribution", contributions[r]}});
  }
  return result;
}

Json words_json(const TextContributions& text) {
  Json prompts = Json::array(), totals = Json::array(), biases = Json::object();
  for (const PromptContributions& prompt : text.prompts) {
    Json words = Json::array();
    for (const WordContribution& word : prompt.words) {
      words.push_back({{"text", word.text},
                       {"begin", word.begin},
                       {"end", word.end},
                       {"contribution", word.contribution},
                       {"class_name", word.class_name}});
    }
    prompts.push_back({{"text", prompt.text},
                       {"weight", prompt.weight},
                       {"truncated", prompt.truncated},
                       {"logit", prompt.logit},
                       {"words", std::move(words)},
                       {"start", prompt.start},
                       {"end", prompt.end},
                       {"positions", prompt.positions},
                       {"biases", prompt.biases}});
  }
  for (const WordTotal& word : text.words) {
    totals.push_back({{"text", word.text},
                      {"class_name", word.class_name},
                      {"count", word.count},
                      {"contribution", word.contribution}});
  }
  for (const Contribution& bias : text.biases) biases[bias.trace_point] = bias.contribution;
  return {{"class_words", text.class_words},
          {"other_words", text.other_words},
          {"start", text.start},
          {"end", text.end},
          {"positions", text.positions},
          {"biases", std::move(biases)},
          {"sum", text.sum},
          {"residual", text.residual},
          {"words", std::move(totals)},
          {"prompts", std::move(prompts)}};
}

Json interaction_json(const Interaction& table) {
  Json contributions = Json::array();
  for (std::size_t w = 0; w < table.words.size(); ++w) {
    const auto begin = table.contributions.begin() + std::ptrdiff_t(w * table.regions.size());
    contributions.push_back(
        std::vector<double>(begin, begin + std::ptrdiff_t(table.regions.size())));
  }
  return {{"words", table.words},
          {"regions", table.regions},
          {"contributions", std::move(contributions)},
          {"word_sums", table.word_sums},
          {"region_sums", table.region_sums},
          {"sum", table.sum},
          {"residual", table.residual}};
}

}  // namespace

Json ledger_json(const Explanation& e, const LedgerExtras& extras) {
  const Contributions& c = e.sources();
  Json result = to_json(e);
  result["rules"] = e.rules.name;
  result["cancellation"] = c.cancellation();
  result["components"] = components_json(c.grid, e.ledger.components);
  Json stream = Json::array();
  for (const std::vector<float>& tokens : e.ledger.stream) {
    stream.push_back(tokens_json(c.grid, tokens));
  }
  if (!stream.empty()) result["stream"] = std::move(stream);
  if (!c.balances.empty()) result["conservation"] = conservation_json(c.balances);
  if (extras.regions) {
    result["regions"] = regions_json(*extras.regions, c.patches);
    result["lost"] = extras.regions->dropped;
  }
  if (extras.words) result["words"] = words_json(*extras.words);
  if (extras.interaction) result["interaction"] = interaction_json(*extras.interaction);
  return result;
}

}  // namespace whyclip::cli
