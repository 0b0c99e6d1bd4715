#include "whyclip/text/byte_pairs.h"

#include <algorithm>
#include <functional>
#include <string>

#include "whyclip/text/byte_alphabet.h"

namespace whyclip {

/// The merging of one word: its tokens as a linked list over the bytes, and the pairs that could be
/// merged as a heap.
class WordMerger {
 public:
  WordMerger(const BytePairs& pairs, std::string_view word) : pairs_(pairs), nodes_(word.size()) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      const auto byte = static_cast<unsigned char>(word[i]);
      const bool last = i + 1 == word.size();
      nodes_[i] = {(last ? pairs.end_of_word_ : pairs.within_word_)[byte], i - 1, i + 1};
    }
    for (std::size_t i = 0; i + 1 < word.size(); ++i) collect_pair(i);
    push_collected();
  }

  std::vector<WordPiece> run() {
    while (!heap_.empty()) {
      // Merge all occurrences of a pair before any pair that these merges create.
      const std::int32_t rank = heap_.front().rank;
      while (!heap_.empty() && heap_.front().rank == rank) {
        std::ranges::pop_heap(heap_, std::greater<>{});
        const Candidate candidate = heap_.back();
        heap_.pop_back();
        if (is_current(candidate)) merge(candidate);
      }
      push_collected();
    }
    std::vector<WordPiece> pieces;
    for (std::size_t i = 0; i < nodes_.size(); i = nodes_[i].next) {
      pieces.push_back({nodes_[i].id, i});
    }
    return pieces;
  }

 private:
  struct Node {
    std::int32_t id;
    std::size_t previous, next;  ///< SIZE_MAX before the first, nodes_.size() after the last
  };

  struct Candidate {
    std::int32_t rank;
    std::size_t at;  ///< the node of the left token
    std::int32_t left, right, result;
    auto operator<=>(const Candidate&) const = default;
  };

  void collect_pair(std::size_t at) {
    const std::int32_t left = nodes_[at].id;
    const std::int32_t right = nodes_[nodes_[at].next].id;
    const auto found = pairs_.merges_.find(BytePairs::key(left, right));
    if (found == pairs_.merges_.end()) return;
    collected_.push_back({found->second.rank, at, left, right, found->second.result});
  }

  void push_collected() {
    for (const Candidate& candidate : collected_) {
      heap_.push_back(candidate);
      std::ranges::push_heap(heap_, std::greater<>{});
    }
    collected_.clear();
  }

  /// Returns whether the pair still exists: a merged right token has the id kRemoved.
  bool is_current(const Candidate& candidate) const {
    const Node& left = nodes_[candidate.at];
    return left.id == candidate.left && left.next < nodes_.size() &&
           nodes_[left.next].id == candidate.right;
  }

  void merge(const Candidate& candidate) {
    Node& left = nodes_[candidate.at];
    Node& right = nodes_[left.next];
    left.id = candidate.result;
    left.next = right.next;
    right.id = kRemoved;
    if (left.next < nodes_.size()) {
      nodes_[left.next].previous = candidate.at;
      collect_pair(candidate.at);
    }
    if (left.previous < nodes_.size()) collect_pair(left.previous);
  }

  static constexpr std::int32_t kRemoved = -1;

  const BytePairs& pairs_;
  std::vector<Node> nodes_;
  std::vector<Candidate> heap_;
  std::vector<Candidate> collected_;
};

std::uint64_t BytePairs::key(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

BytePairs::BytePairs(const Vocabulary& vocabulary) {
  for (std::size_t byte = 0; byte < within_word_.size(); ++byte) {
    const std::string& symbol = byte_symbols()[byte];
    within_word_[byte] = vocabulary.ids.at(symbol);
    end_of_word_[byte] = vocabulary.ids.at(symbol + std::string(kEndOfWord));
  }
  merges_.reserve(vocabulary.merges.size());
  std::int32_t rank = 0;
  for (const Merge& merge : vocabulary.merges) {
    merges_.emplace(key(merge.left, merge.right), Ranked{rank++, merge.result});
  }
}

std::vector<WordPiece> BytePairs::split(std::string_view word) const {
  return WordMerger(*this, word).run();
}

}  // namespace whyclip
