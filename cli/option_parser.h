#pragma once

// Names of CLI11 for headers. The library is slow to compile: only what adds options includes it.
namespace CLI {
class App;
class Option;
}  // namespace CLI
