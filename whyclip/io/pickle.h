#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Index of a value in Pickle::values.
using PickleId = std::uint32_t;

enum class PickleKind {
  kNone,
  kBool,
  kInteger,
  kLargeInteger,  ///< more than 64 bits
  kFloat,
  kText,
  kBytes,
  kTuple,
  kList,
  kDict,
  kSet,
  kGlobal,      ///< a class or function by name
  kCall,        ///< what a call of a class or function would make; it is not called
  kPersistent,  ///< an object outside of the pickle
};

/// "a list", …, for messages.
std::string_view name_of(PickleKind kind);

/// A value of a pickle. Texts are views into the pickle. Values may refer to each other in cycles.
struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  std::int64_t integer = 0;  ///< kBool, kInteger
  double number = 0;         ///< kFloat
  /// kText, kBytes: the bytes. kLargeInteger: little-endian bytes, or the digits of protocol 1.
  /// kGlobal: the module.
  std::string_view text = {};
  std::string_view name = {};          ///< kGlobal: the name in the module
  PickleId callable = 0;               ///< kCall
  PickleId argument = 0;               ///< kCall: usually a tuple. kPersistent: the identifier
  std::vector<PickleId> items = {};    ///< elements; of kDict and kCall: keys and values in turn
  std::optional<PickleId> state = {};  ///< kCall: what the object's __setstate__ would get
};

struct Pickle {
  std::deque<PickleValue> values;
  PickleId root = 0;
  std::size_t length = 0;  ///< bytes of the pickle

  const PickleValue& at(PickleId id) const { return values[id]; }
  const PickleValue& top() const { return values[root]; }
};

/// Called with the module and name of every class and function that a pickle refers to, before
/// anything else is read; throws to refuse the file.
using CheckGlobal = std::function<void(std::string_view module, std::string_view name)>;

/// Reads the first pickle of `bytes`, protocols 1 to 5 (format: the Python library reference,
/// pickletools). A pickle is a program for a stack machine; here its calls are recorded as values
/// and never made. Time and memory are proportional to the length, up to a limit of 16 million
/// operations and 1 million values. Throws Error naming `where` and the position.
Pickle parse_pickle(std::span<const std::byte> bytes, const std::string& where,
                    const CheckGlobal& check);

}  // namespace whyclip
