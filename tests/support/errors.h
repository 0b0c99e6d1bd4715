#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "whyclip/core/error.h"

namespace whyclip::testing {

/// The message of the Error that the call throws, or "(no error)".
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

/// Succeeds if the message is one line and contains all parts.
inline ::testing::AssertionResult mentions(const std::string& message,
                                           std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    if (message.find(part) == std::string::npos) {
      return ::testing::AssertionFailure() << "no \"" << part << "\" in: " << message;
    }
  }
  if (message.find('\n') != std::string::npos) {
    return ::testing::AssertionFailure() << "more than one line: " << message;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace whyclip::testing
