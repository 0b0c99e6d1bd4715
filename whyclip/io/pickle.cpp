#include "whyclip/io/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <map>

#include "whyclip/core/error.h"
#include "whyclip/io/printable.h"

namespace whyclip {
namespace {

constexpr std::size_t kMostOperations = 16'000'000, kMostValues = 1'000'000;
constexpr int kHighestProtocol = 5;

/// The operations that are read, by their names in Python's pickletools.
enum PickleOperation : unsigned char {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDup = '2',
  kInt = 'I',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kLong = 'L',
  kBinInt2 = 'M',
  kNoneValue = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobalName = 'c',
  kDictOfMark = 'd',
  kEmptyDict = '}',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kListOfMark = 'l',
  kEmptyList = ']',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTupleOfMark = 't',
  kEmptyTuple = ')',
  kSetItems = 'u',
  kBinFloat = 'G',
  kProto = 0x80,
  kNewObj = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrameLength = 0x95,
  kByteArray8 = 0x96,
};

/// The stack machine. Each group of operations is a function that returns whether it knows one.
class PickleReader {
 public:
  PickleReader(std::span<const std::byte> bytes, const std::string& where, const CheckGlobal& check)
      : bytes_(bytes), where_(where), check_(check) {}

  Pickle read() {
    for (std::size_t i = 0; i < kMostOperations; ++i) {
      start_ = at_;
      const auto operation = take_integer<unsigned char>();
      if (operation == kStop) {
        result_.root = pop();
        result_.length = at_;
        return std::move(result_);
      }
      const bool known = read_scalar(operation) || read_text(operation) ||
                         read_container(operation) || read_object(operation) ||
                         read_stack(operation);
      if (!known) fail(fmt::format("operation 0x{:02x} is not one that PyTorch writes", operation));
    }
    fail(fmt::format("more than {} operations", kMostOperations));
  }

 private:
  [[noreturn]] void fail(std::string_view message) const {
    throw Error(where_, fmt::format("byte {} of the pickle: {}", start_, message));
  }

  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      fail(fmt::format("needs {} bytes, {} are left; the file is truncated or damaged", size,
                       bytes_.size() - at_));
    }
    const auto* text = reinterpret_cast<const char*>(bytes_.data()) + at_;
    at_ += std::size_t(size);
    return {text, std::size_t(size)};
  }
  template <class Integer>
  Integer take_integer() {
    Integer value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view take_line() {
    const auto* text = reinterpret_cast<const char*>(bytes_.data());
    const std::string_view rest(text + at_, bytes_.size() - at_);
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) fail("a line has no end; the file is truncated or damaged");
    at_ += end + 1;
    return rest.substr(0, end);
  }

  PickleId pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
      fail("needs a value, and the stack is empty");
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
  }
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) fail("there is no mark on the stack");
    const auto first = stack_.begin() + std::ptrdiff_t(marks_.back());
    std::vector<PickleId> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }
  std::vector<PickleId> pop_pairs() {
    std::vector<PickleId> items = pop_to_mark();
    if (items.size() % 2 != 0) fail("a key has no value");
    return items;
  }
  PickleValue& top() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
      fail("needs a value, and the stack is empty");
    return result_.values[stack_.back()];
  }

  bool push(PickleValue value) {
    if (result_.values.size() >= kMostValues) fail(fmt::format("more than {} values", kMostValues));
    result_.values.push_back(std::move(value));
    stack_.push_back(PickleId(result_.values.size() - 1));
    return true;
  }
  bool push(PickleKind kind) { return push(PickleValue{.kind = kind}); }
  bool push_bool(bool value) { return push({.kind = PickleKind::kBool, .integer = value}); }
  bool push_integer(std::int64_t value) {
    return push({.kind = PickleKind::kInteger, .integer = value});
  }
  bool push_text(PickleKind kind, std::string_view text) {
    return push({.kind = kind, .text = text});
  }
  bool push_items(PickleKind kind, std::vector<PickleId> items) {
    return push({.kind = kind, .items = std::move(items)});
  }

  bool read_scalar(unsigned char operation) {
    switch (operation) {
      case kNoneValue:
        return push(PickleKind::kNone);
      case kNewTrue:
        return push_bool(true);
      case kNewFalse:
        return push_bool(false);
      case kBinInt:
        return push_integer(take_integer<std::int32_t>());
      case kBinInt1:
        return push_integer(take_integer<std::uint8_t>());
      case kBinInt2:
        return push_integer(take_integer<std::uint16_t>());
      case kLong1:
        return push_long(take(take_integer<std::uint8_t>()));
      case kLong4:
        return push_long(take(take_integer<std::uint32_t>()));
      case kInt:
      case kLong:
        return push_decimal(take_line());
      case kBinFloat:
        return push({.kind = PickleKind::kFloat, .number = take_big_endian_double()});
      default:
        return false;
    }
  }

  /// A little-endian integer in two's complement.
  bool push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(std::int64_t)) return push_text(PickleKind::kLargeInteger, bytes);
    const bool negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return push_integer(value);
  }

  /// Protocol 1 writes integers in decimal, and the truth values as 00 and 01.
  bool push_decimal(std::string_view text) {
    if (text == "00" || text == "01") return push_bool(text == "01");
    if (text.ends_with('L')) text.remove_suffix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || text.empty()) {
      fail(fmt::format("“{}” is not an integer", printable(text)));
    }
    if (error != std::errc()) return push_text(PickleKind::kLargeInteger, text);
    return push_integer(value);
  }

  double take_big_endian_double() {
    std::uint64_t bits = 0;
    for (const char byte : take(sizeof bits)) bits = bits << 8 | std::uint8_t(byte);
    return std::bit_cast<double>(bits);
  }

  bool read_text(unsigned char operation) {
    switch (operation) {
      case kBinUnicode:
        return push_text(PickleKind::kText, take(take_integer<std::uint32_t>()));
      case kShortBinUnicode:
        return push_text(PickleKind::kText, take(take_integer<std::uint8_t>()));
      case kBinUnicode8:
        return push_text(PickleKind::kText, take(take_integer<std::uint64_t>()));
      case kShortBinString:  // the strings of Python 2
        return push_text(PickleKind::kText, take(take_integer<std::uint8_t>()));
      case kBinString:
        return push_text(PickleKind::kText, take(take_integer<std::uint32_t>()));
      case kShortBinBytes:
        return push_text(PickleKind::kBytes, take(take_integer<std::uint8_t>()));
      case kBinBytes:
        return push_text(PickleKind::kBytes, take(take_integer<std::uint32_t>()));
      case kBinBytes8:
      case kByteArray8:
        return push_text(PickleKind::kBytes, take(take_integer<std::uint64_t>()));
      default:
        return false;
    }
  }

  bool read_container(unsigned char operation) {
    switch (operation) {
      case kEmptyTuple:
        return push(PickleKind::kTuple);
      case kTuple1:
        return push_tuple(1);
      case kTuple2:
        return push_tuple(2);
      case kTuple3:
        return push_tuple(3);
      case kTupleOfMark:
        return push_items(PickleKind::kTuple, pop_to_mark());
      case kEmptyList:
        return push(PickleKind::kList);
      case kListOfMark:
        return push_items(PickleKind::kList, pop_to_mark());
      case kAppend:
        return extend({PickleKind::kList}, {pop()});
      case kAppends:
        return extend({PickleKind::kList}, pop_to_mark());
      case kEmptyDict:
        return push(PickleKind::kDict);
      case kDictOfMark:
        return push_items(PickleKind::kDict, pop_pairs());
      case kSetItem: {
        const PickleId value = pop(), key = pop();
        return extend({PickleKind::kDict, PickleKind::kCall}, {key, value});
      }
      case kSetItems:
        return extend({PickleKind::kDict, PickleKind::kCall}, pop_pairs());
      case kEmptySet:
        return push(PickleKind::kSet);
      case kFrozenSet:
        return push_items(PickleKind::kSet, pop_to_mark());
      case kAddItems:
        return extend({PickleKind::kSet}, pop_to_mark());
      default:
        return false;
    }
  }

  bool push_tuple(std::size_t size) {
    std::vector<PickleId> items(size);
    for (std::size_t i = size; i > 0; --i) items[i - 1] = pop();
    return push_items(PickleKind::kTuple, std::move(items));
  }

  /// Adds to the container on top of the stack.
  bool extend(std::initializer_list<PickleKind> kinds, const std::vector<PickleId>& added) {
    PickleValue& container = top();
    if (std::find(kinds.begin(), kinds.end(), container.kind) == kinds.end()) {
      fail(fmt::format("cannot add elements to {}", name_of(container.kind)));
    }
    container.items.insert(container.items.end(), added.begin(), added.end());
    return true;
  }

  bool read_object(unsigned char operation) {
    switch (operation) {
      case kGlobalName: {
        const std::string_view module = take_line(), name = take_line();
        return push_global(module, name);
      }
      case kStackGlobal: {
        const PickleId name = pop(), module = pop();
        if (result_.at(name).kind != PickleKind::kText ||
            result_.at(module).kind != PickleKind::kText) {
          fail("the name of a class is not a text");
        }
        return push_global(result_.at(module).text, result_.at(name).text);
      }
      case kReduce:
      case kNewObj: {
        const PickleId argument = pop(), callable = pop();
        if (result_.at(callable).kind != PickleKind::kGlobal) {
          fail(fmt::format("calls {}", name_of(result_.at(callable).kind)));
        }
        return push({.kind = PickleKind::kCall, .callable = callable, .argument = argument});
      }
      case kBuild: {
        const PickleId state = pop();
        if (top().kind != PickleKind::kCall) {
          fail(fmt::format("gives a state to {}", name_of(top().kind)));
        }
        top().state = state;
        return true;
      }
      case kBinPersId:
        return push({.kind = PickleKind::kPersistent, .argument = pop()});
      default:
        return false;
    }
  }

  bool push_global(std::string_view module, std::string_view name) {
    check_(module, name);
    return push({.kind = PickleKind::kGlobal, .text = module, .name = name});
  }

  bool read_stack(unsigned char operation) {
    switch (operation) {
      case kMark:
        marks_.push_back(stack_.size());
        return true;
      case kPop:
        if (!marks_.empty() && marks_.back() == stack_.size()) {
          marks_.pop_back();
        } else {
          pop();
        }
        return true;
      case kPopMark:
        pop_to_mark();
        return true;
      case kDup:
        top();
        stack_.push_back(stack_.back());
        return true;
      case kProto:
        if (const int protocol = take_integer<std::uint8_t>(); protocol > kHighestProtocol) {
          fail(fmt::format("protocol {} is not supported; expected at most {}", protocol,
                           kHighestProtocol));
        }
        return true;
      case kFrameLength: {
        // The frame is read as a part of the whole; only its length is checked.
        const auto length = take_integer<std::uint64_t>();
        if (length > bytes_.size() - at_) {
          fail(fmt::format("a frame of {} bytes, {} are left; the file is truncated or damaged",
                           length, bytes_.size() - at_));
        }
        return true;
      }
      default:
        return read_memo(operation);
    }
  }

  bool read_memo(unsigned char operation) {
    switch (operation) {
      case kBinPut:
        return memoize(take_integer<std::uint8_t>());
      case kLongBinPut:
        return memoize(take_integer<std::uint32_t>());
      case kMemoize:
        return memoize(std::uint32_t(memo_.size()));
      case kBinGet:
        return recall(take_integer<std::uint8_t>());
      case kLongBinGet:
        return recall(take_integer<std::uint32_t>());
      default:
        return false;
    }
  }

  bool memoize(std::uint32_t index) {
    top();  // checks that there is one
    if (memo_.size() >= kMostValues)
      fail(fmt::format("more than {} memorised values", kMostValues));
    memo_[index] = stack_.back();
    return true;
  }
  bool recall(std::uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail(fmt::format("there is no memorised value {}", index));
    stack_.push_back(found->second);
    return true;
  }

  std::span<const std::byte> bytes_;
  const std::string& where_;
  const CheckGlobal& check_;
  std::size_t at_ = 0, start_ = 0;  // the next byte, the current operation
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;          // sizes of the stack at the marks
  std::map<std::uint32_t, PickleId> memo_;  // a tree, so that no choice of indices makes it slow
  Pickle result_;
};

}  // namespace

std::string_view name_of(PickleKind kind) {
  switch (kind) {
    case PickleKind::kNone:
      return "None";
    case PickleKind::kBool:
      return "a truth value";
    case PickleKind::kInteger:
    case PickleKind::kLargeInteger:
      return "an integer";
    case PickleKind::kFloat:
      return "a number";
    case PickleKind::kText:
      return "a text";
    case PickleKind::kBytes:
      return "bytes";
    case PickleKind::kTuple:
      return "a tuple";
    case PickleKind::kList:
      return "a list";
    case PickleKind::kDict:
      return "a dictionary";
    case PickleKind::kSet:
      return "a set";
    case PickleKind::kGlobal:
      return "a class or function";
    case PickleKind::kCall:
      return "an object";
    case PickleKind::kPersistent:
      return "a storage";
  }
  return "an unknown value";
}

Pickle parse_pickle(std::span<const std::byte> bytes, const std::string& where,
                    const CheckGlobal& check) {
  return PickleReader(bytes, where, check).read();
}

}  // namespace whyclip
