#pragma once

#include <string>
#include <vector>

#include "whyclip/io/pytorch_pickle.h"

namespace whyclip {

/// A tensor of a state dict. Names are UTF-8 without control characters.
struct StateDictEntry {
  std::string name;
  PickleId tensor = 0;
};

struct StateDict {
  std::vector<StateDictEntry> entries;
  std::vector<std::string> notes;  ///< what was chosen, ignored and renamed, one sentence each
};

/// Finds the weights in a checkpoint: the dictionary itself, or the entry of a training checkpoint
/// that contains them ("state_dict", "model", …, in a fixed order). If all names begin with
/// "module.", "_orig_mod." or "model.", removes that prefix. Throws Error naming the file if there
/// are no tensors, or several dictionaries of tensors and no reason to prefer one.
StateDict find_state_dict(const PytorchPickle& pickle);

/// The tensors of a TorchScript module and its submodules, with dotted names.
StateDict flatten_module(const PytorchPickle& pickle);

}  // namespace whyclip
