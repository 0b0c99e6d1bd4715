#include "whyclip/io/pytorch_pickle.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/io/printable.h"

namespace whyclip {
namespace {

constexpr int kMostWrappers = 8;  // of a tensor: a parameter of a subclass has 2
constexpr std::size_t kMostDimensions = 64;

std::vector<std::pair<PickleId, PickleId>> pairs_of(const std::vector<PickleId>& items) {
  std::vector<std::pair<PickleId, PickleId>> pairs;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) pairs.emplace_back(items[i], items[i + 1]);
  return pairs;
}

}  // namespace

PytorchPickle::PytorchPickle(std::span<const std::byte> bytes, std::string where, bool script)
    : where_(std::move(where)), script_(script) {
  pickle_ = parse_pickle(bytes, where_, [&](std::string_view module, std::string_view name) {
    if (find_pytorch_global(module, name, script)) return;
    throw Error(where_, refusal_of_global(module, name), ErrorCode::kUnsupported);
  });
}

std::optional<PytorchGlobal> PytorchPickle::callable(PickleId id) const {
  const PickleValue& value = pickle_.at(id);
  if (value.kind != PickleKind::kCall) return std::nullopt;
  const PickleValue& global = pickle_.at(value.callable);
  return find_pytorch_global(global.text, global.name, script_);
}

std::span<const PickleId> PytorchPickle::arguments(PickleId id) const {
  const PickleValue& argument = pickle_.at(pickle_.at(id).argument);
  if (argument.kind != PickleKind::kTuple) return {};
  return argument.items;
}

std::optional<std::string_view> PytorchPickle::text(PickleId id) const {
  const PickleValue& value = pickle_.at(id);
  if (value.kind != PickleKind::kText) return std::nullopt;
  return value.text;
}

std::int64_t PytorchPickle::integer(PickleId id, const std::string& where) const {
  const PickleValue& value = pickle_.at(id);
  if (value.kind != PickleKind::kInteger) {
    throw Error(where, fmt::format("expected an integer, got {}", name_of(value.kind)));
  }
  return value.integer;
}

std::vector<std::int64_t> PytorchPickle::integers(PickleId id, const std::string& where) const {
  const PickleValue* list = &pickle_.at(id);
  if (const auto function = callable(id); function && function->role == PytorchRole::kSize) {
    if (const auto inside = arguments(id); inside.size() == 1) list = &pickle_.at(inside[0]);
  }
  if (list->kind != PickleKind::kTuple && list->kind != PickleKind::kList) {
    throw Error(where, fmt::format("expected a tuple of sizes, got {}", name_of(list->kind)));
  }
  if (list->items.size() > kMostDimensions) {
    throw Error(where, fmt::format("has {} dimensions, at most {} are possible", list->items.size(),
                                   kMostDimensions));
  }
  std::vector<std::int64_t> values;
  for (const PickleId item : list->items) values.push_back(integer(item, where));
  return values;
}

std::optional<std::vector<std::pair<PickleId, PickleId>>> PytorchPickle::dict(PickleId id) const {
  const PickleValue& value = pickle_.at(id);
  if (value.kind == PickleKind::kDict) return pairs_of(value.items);
  const auto function = callable(id);
  if (!function || function->role != PytorchRole::kDict) return std::nullopt;
  auto pairs = pairs_of(value.items);
  // Python 2 passes an OrderedDict its content as a list of pairs.
  const auto inside = arguments(id);
  if (inside.size() == 1 && pickle_.at(inside[0]).kind == PickleKind::kList) {
    for (const PickleId item : pickle_.at(inside[0]).items) {
      const PickleValue& pair = pickle_.at(item);
      if (pair.items.size() == 2) pairs.emplace_back(pair.items[0], pair.items[1]);
    }
  }
  return pairs;
}

std::optional<std::vector<std::pair<PickleId, PickleId>>> PytorchPickle::module(PickleId id) const {
  const auto function = callable(id);
  if (!function || function->role != PytorchRole::kModule) return std::nullopt;
  const auto& state = pickle_.at(id).state;
  if (!state) return std::vector<std::pair<PickleId, PickleId>>{};
  return dict(*state);
}

bool PytorchPickle::is_tensor(PickleId id) const {
  const auto function = callable(id);
  if (!function) return false;
  return function->role == PytorchRole::kTensor || function->role == PytorchRole::kTypedTensor ||
         function->role == PytorchRole::kParameter || function->role == PytorchRole::kSubclass ||
         function->role == PytorchRole::kUnsupportedTensor;
}

PytorchTensor PytorchPickle::tensor(PickleId id, const std::string& where) const {
  for (int depth = 0; depth < kMostWrappers; ++depth) {
    const auto function = callable(id);
    const auto given = arguments(id);
    if (!function) {
      throw Error(where, fmt::format("expected a tensor, got {}", name_of(pickle_.at(id).kind)));
    }
    switch (function->role) {
      case PytorchRole::kTensor:
        return plain_tensor(given, false, where);
      case PytorchRole::kTypedTensor:
        return plain_tensor(given, true, where);
      case PytorchRole::kParameter:
        if (given.empty()) throw Error(where, "a parameter without a tensor");
        id = given[0];
        break;
      case PytorchRole::kSubclass: {
        // (function, class, arguments of the function, state)
        if (given.size() < 3) throw Error(where, "a tensor of a subclass without its values");
        const PickleValue &maker = pickle_.at(given[0]), &type = pickle_.at(given[1]),
                          &inside = pickle_.at(given[2]);
        const auto role = find_pytorch_global(maker.text, maker.name, script_);
        const auto type_role = find_pytorch_global(type.text, type.name, script_);
        const bool known =
            role && type_role && type_role->role == PytorchRole::kTensorClass &&
            inside.kind == PickleKind::kTuple &&
            (role->role == PytorchRole::kTensor || role->role == PytorchRole::kTypedTensor);
        if (!known) {
          throw Error(where, "a tensor of a subclass of torch.Tensor is not supported",
                      ErrorCode::kUnsupported);
        }
        return plain_tensor(inside.items, role->role == PytorchRole::kTypedTensor, where);
      }
      case PytorchRole::kUnsupportedTensor:
        throw Error(
            where,
            fmt::format("{} tensors are not supported; save a dense float copy of the model",
                        function->description),
            ErrorCode::kUnsupported);
      default:
        throw Error(where, "expected a tensor, got another object");
    }
  }
  throw Error(where, "the parameter is nested too deeply");
}

PytorchTensor PytorchPickle::plain_tensor(std::span<const PickleId> given, bool typed,
                                          const std::string& where) const {
  // (storage, offset, shape, strides[, requires_grad, hooks[, type][, metadata]])
  const std::size_t metadata = typed ? 7 : 6;
  if (given.size() < (typed ? 7 : 4)) {
    throw Error(where, fmt::format("a tensor of {} arguments is not valid", given.size()));
  }
  PytorchTensor tensor;
  tensor.storage = storage(given[0], where);
  tensor.element = tensor.storage.element;
  tensor.offset = integer(given[1], where);
  tensor.shape = integers(given[2], where);
  tensor.strides = integers(given[3], where);
  if (typed) {
    const PickleValue& type = pickle_.at(given[6]);
    const auto found = find_pytorch_global(type.text, type.name, script_);
    if (type.kind != PickleKind::kGlobal || found->role != PytorchRole::kElementType) {
      throw Error(where,
                  fmt::format("expected the type of its values, got {}", name_of(type.kind)));
    }
    tensor.element = found->element;
  }
  if (given.size() > metadata) {
    // Bits that change the values: conjugated, negated.
    const PickleValue& bits = pickle_.at(given[metadata]);
    if (bits.kind != PickleKind::kNone && !bits.items.empty()) {
      throw Error(where,
                  "a tensor that PyTorch negates or conjugates when it is read is not supported; "
                  "save tensor.resolve_neg()",
                  ErrorCode::kUnsupported);
    }
  }
  return tensor;
}

PytorchStorage PytorchPickle::storage(PickleId id, const std::string& where) const {
  const PickleValue& value = pickle_.at(id);
  if (value.kind != PickleKind::kPersistent) {
    throw Error(where, fmt::format("expected a storage, got {}", name_of(value.kind)));
  }
  // ("storage", type, key, device, count[, view])
  const PickleValue& identifier = pickle_.at(value.argument);
  const auto& fields = identifier.items;
  if (identifier.kind != PickleKind::kTuple || fields.size() < 5 || text(fields[0]) != "storage") {
    throw Error(where, "refers to something outside of the pickle that is not a storage");
  }
  const PickleValue& type = pickle_.at(fields[1]);
  const auto found = find_pytorch_global(type.text, type.name, script_);
  const auto key = text(fields[2]);
  if (type.kind != PickleKind::kGlobal || found->role != PytorchRole::kStorage || !key) {
    throw Error(where, "a storage without type or key");
  }
  PytorchStorage storage{*key, found->element, integer(fields[4], where)};
  storage.view_count = storage.count;
  if (fields.size() > 5 && pickle_.at(fields[5]).kind == PickleKind::kTuple) {
    const auto& view = pickle_.at(fields[5]).items;  // (key, offset, count)
    if (view.size() != 3) throw Error(where, "a view of a storage is not valid");
    storage.view_offset = integer(view[1], where);
    storage.view_count = integer(view[2], where);
  }
  if (storage.count < 0 || storage.view_offset < 0 || storage.view_count < 0 ||
      storage.view_offset > storage.count ||
      storage.view_count > storage.count - storage.view_offset) {
    throw Error(where, fmt::format("values {} to {} of a storage of {}", storage.view_offset,
                                   storage.view_count, storage.count));
  }
  return storage;
}

std::vector<PytorchStorage> PytorchPickle::storages() const {
  std::vector<PytorchStorage> found;
  for (PickleId id = 0; id < pickle_.values.size(); ++id) {
    if (pickle_.at(id).kind == PickleKind::kPersistent) found.push_back(storage(id, where_));
  }
  return found;
}

}  // namespace whyclip
