#include "whyclip/io/state_dict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "whyclip/core/error.h"
#include "whyclip/io/printable.h"

namespace whyclip {
namespace {

constexpr std::size_t kMostTensors = 100'000, kMostName = 1000, kMostVisits = 2'000'000;
constexpr int kMostNesting = 4, kMostModules = 64;

/// Entries of training checkpoints that contain the weights, best first. Sources: the saving code
/// of open_clip, PyTorch Lightning, fairseq, timm, DeepSpeed.
constexpr std::array<std::string_view, 7> kWeightEntries{
    "state_dict", "model_state_dict", "model", "module", "model_state", "net", "weights"};
constexpr std::array<std::string_view, 3> kPrefixes{"module.", "_orig_mod.", "model."};

using Pairs = std::vector<std::pair<PickleId, PickleId>>;

/// Averaged copies of the weights.
bool is_average(std::string_view key) {
  return key.find("ema") != key.npos || key.find("swa") != key.npos ||
         key.find("average") != key.npos;
}

/// State of the training: it contains tensors that are not weights.
bool is_training_state(std::string_view key) {
  return key.find("optim") != key.npos || key.find("sched") != key.npos ||
         key.find("scaler") != key.npos || key.find("rng") != key.npos ||
         key.find("callback") != key.npos || key.find("loop") != key.npos;
}

/// "a", "a and b", "a, b, c and 4 more".
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + std::ptrdiff_t(std::min(kShown, names.size())));
  const std::string list = fmt::format("{}", fmt::join(shown, ", "));
  return names.size() > kShown ? fmt::format("{} and {} more", list, names.size() - kShown) : list;
}

class StateDictFinder {
 public:
  explicit StateDictFinder(const PytorchPickle& pickle) : pickle_(pickle) {}

  StateDict find() {
    PickleId dict = pickle_.pickle().root;
    for (int depth = 0; depth < kMostNesting; ++depth) {
      const std::optional<PickleId> inside = inside_of(dict);
      if (!inside) break;
      dict = *inside;
    }
    read(dict);
    strip_prefixes(result_);
    return std::move(result_);
  }

  static void strip_prefixes(StateDict& dict);

 private:
  Pairs pairs(PickleId id) {
    auto found = pickle_.dict(id);
    if (!found) return {};
    visits_ += found->size() + 1;
    if (visits_ > kMostVisits) throw Error(pickle_.where(), "has too many entries");
    return std::move(*found);
  }

  /// Returns whether a dictionary contains tensors, at most kMostNesting levels below.
  bool holds_tensors(PickleId id, int depth = 0) {
    if (depth > kMostNesting) return false;
    if (const auto known = holds_.find(id); known != holds_.end()) return known->second;
    holds_[id] = false;  // a dictionary inside itself holds nothing new
    bool holds = false;
    for (const auto& [key, value] : pairs(id)) {
      holds = pickle_.is_tensor(value) || holds_tensors(value, depth + 1);
      if (holds) break;
    }
    holds_[id] = holds;
    return holds;
  }

  /// The entry of a training checkpoint that has the weights; nullopt if this is the state dict.
  std::optional<PickleId> inside_of(PickleId id) {
    const PickleValue& value = pickle_.pickle().at(id);
    if (!pickle_.dict(id)) {
      throw Error(pickle_.where(),
                  fmt::format("expected a dictionary of tensors, got {}; save model.state_dict()",
                              pickle_.is_tensor(id) ? "a tensor" : name_of(value.kind)));
    }
    std::vector<std::pair<std::string_view, PickleId>> candidates;
    bool tensors = false, weights = false;  // the names of weights have dots
    for (const auto& [key, entry] : pairs(id)) {
      const auto name = pickle_.text(key);
      if (!name) continue;
      if (pickle_.is_tensor(entry)) {
        tensors = true;
        weights = weights || name->find('.') != name->npos;
      } else if (holds_tensors(entry)) {
        candidates.emplace_back(*name, entry);
      }
    }
    const auto chosen = choose(candidates, tensors, weights);
    if (!chosen) return std::nullopt;
    note_choice(candidates, *chosen);
    return candidates[*chosen].second;
  }

  /// The index of the candidate to read; nullopt to read the dictionary itself.
  std::optional<std::size_t> choose(
      const std::vector<std::pair<std::string_view, PickleId>>& candidates, bool tensors,
      bool weights) {
    for (const std::string_view wanted : kWeightEntries) {
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (candidates[i].first == wanted) return i;
      }
    }
    if (weights) return std::nullopt;
    std::vector<std::size_t> others, averages;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (is_training_state(candidates[i].first)) continue;
      (is_average(candidates[i].first) ? averages : others).push_back(i);
    }
    const std::vector<std::size_t>& best = others.empty() ? averages : others;
    if (best.size() > 1) {
      std::vector<std::string> names;
      for (const std::size_t i : best) names.push_back(printable(candidates[i].first));
      throw Error(
          pickle_.where(),
          fmt::format("has {} dictionaries of tensors ({}); save the one with the weights alone",
                      best.size(), some_of(names)));
    }
    if (best.empty() && tensors) return std::nullopt;
    if (best.empty()) {
      throw Error(pickle_.where(),
                  candidates.empty()
                      ? "has no tensors; expected a state dict of the model"
                      : "has the state of a training but no weights; expected a state dict");
    }
    return best[0];
  }

  void note_choice(const std::vector<std::pair<std::string_view, PickleId>>& candidates,
                   std::size_t chosen) {
    std::vector<std::string> others;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (i != chosen) others.push_back(printable(candidates[i].first));
    }
    result_.notes.push_back(
        fmt::format("the weights are the entry “{}”{}", printable(candidates[chosen].first),
                    others.empty() ? "" : fmt::format("; {} not read", some_of(others))));
  }

  void read(PickleId id) {
    std::vector<std::string> ignored;
    std::map<std::string_view, PickleId> tensors;  // the last one of equal keys, as in Python
    std::vector<std::string_view> order;
    for (const auto& [key, value] : pairs(id)) {
      const auto name = pickle_.text(key);
      if (!name || !pickle_.is_tensor(value)) {
        ignored.push_back(name ? printable(*name)
                               : std::string(name_of(pickle_.pickle().at(key).kind)));
        continue;
      }
      if (name->size() > kMostName || !is_printable(*name)) {
        throw Error(pickle_.where(),
                    fmt::format("“{}” is not a name of a tensor", printable(*name)));
      }
      if (tensors.insert_or_assign(*name, value).second) order.push_back(*name);
    }
    if (order.size() > kMostTensors) {
      throw Error(pickle_.where(), fmt::format("has more than {} tensors", kMostTensors));
    }
    if (order.empty()) {
      throw Error(pickle_.where(), "has no tensors with names; expected a state dict of the model");
    }
    for (const std::string_view name : order) {
      result_.entries.push_back({std::string(name), tensors.at(name)});
    }
    if (!ignored.empty()) {
      result_.notes.push_back(
          fmt::format("ignored {} {} that {} no {}: {}", ignored.size(),
                      ignored.size() == 1 ? "entry" : "entries", ignored.size() == 1 ? "is" : "are",
                      ignored.size() == 1 ? "tensor" : "tensors", some_of(ignored)));
    }
  }

  const PytorchPickle& pickle_;
  StateDict result_;
  std::map<PickleId, bool> holds_;
  std::size_t visits_ = 0;
};

void StateDictFinder::strip_prefixes(StateDict& dict) {
  std::string removed;
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view prefix : kPrefixes) {
      const bool all =
          std::all_of(dict.entries.begin(), dict.entries.end(), [&](const auto& entry) {
            return entry.name.starts_with(prefix) && entry.name.size() > prefix.size();
          });
      if (!all) continue;
      for (StateDictEntry& entry : dict.entries) entry.name.erase(0, prefix.size());
      removed += prefix;
      again = true;
    }
  }
  if (!removed.empty()) {
    dict.notes.push_back(fmt::format("removed the prefix “{}” of all tensor names", removed));
  }
}

class ModuleFlattener {
 public:
  explicit ModuleFlattener(const PytorchPickle& pickle) : pickle_(pickle) {}

  StateDict flatten() {
    const PickleId root = pickle_.pickle().root;
    if (!pickle_.module(root)) {
      throw Error(pickle_.where(), fmt::format("expected a TorchScript module, got {}",
                                               name_of(pickle_.pickle().top().kind)));
    }
    visit(root, "", 0);
    if (result_.entries.empty())
      throw Error(pickle_.where(), "the TorchScript module has no tensors");
    StateDictFinder::strip_prefixes(result_);
    return std::move(result_);
  }

 private:
  void visit(PickleId id, const std::string& prefix, int depth) {
    if (depth > kMostModules) throw Error(pickle_.where(), "its modules are nested too deeply");
    const auto attributes = pickle_.module(id);
    visits_ += attributes->size() + 1;
    if (visits_ > kMostVisits) throw Error(pickle_.where(), "has too many attributes");
    for (const auto& [key, value] : *attributes) {
      const auto attribute = pickle_.text(key);
      if (!attribute) continue;
      const bool tensor = pickle_.is_tensor(value);
      if (!tensor && !pickle_.module(value)) continue;
      const std::string name =
          prefix.empty() ? std::string(*attribute) : fmt::format("{}.{}", prefix, *attribute);
      if (name.size() > kMostName || !is_printable(name)) {
        throw Error(pickle_.where(),
                    fmt::format("“{}” is not a name of a tensor", printable(name)));
      }
      if (!tensor) {
        visit(value, name, depth + 1);
      } else if (result_.entries.size() < kMostTensors) {
        result_.entries.push_back({name, value});
      } else {
        throw Error(pickle_.where(), fmt::format("has more than {} tensors", kMostTensors));
      }
    }
  }

  const PytorchPickle& pickle_;
  StateDict result_;
  std::size_t visits_ = 0;
};

}  // namespace

StateDict find_state_dict(const PytorchPickle& pickle) { return StateDictFinder(pickle).find(); }

StateDict flatten_module(const PytorchPickle& pickle) { return ModuleFlattener(pickle).flatten(); }

}  // namespace whyclip
