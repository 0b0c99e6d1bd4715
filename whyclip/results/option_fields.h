#pragma once

#include "whyclip/methods/method.h"
#include "whyclip/results/fields.h"

// The fields of an option of a method or metric (see fields.h).

namespace whyclip {

using results::Describes;

template <class V, class T>
requires Describes<T, MethodOption>
void describe(V& field, T& option) {
  field("name", option.name, "");
  field("description", option.description, "");
  field("default", option.default_value, "as text");
  field("quick", option.quick, "in quick evaluations, as text; empty: the default");
  field("choices", option.choices, "allowed values; empty: a number");
  field("whole", option.whole, "whether the number must be a whole one");
  field("least", option.least, "smallest number");
  field("most", option.most, "largest number");
}

}  // namespace whyclip
