# Language level, warnings and sanitizers for the project's own targets.
function(whyclip_configure target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  if(WHYCLIP_DEVELOPER)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wshadow;-Wconversion;-Wno-sign-conversion>
                           # false positive of GCC 12 in std::string (PR 105651)
                           $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
    # Sanitizers cause false warnings about uninitialised variables, and GCC's manual advises
    # against -Werror with -fsanitize; builds without sanitizers use -Werror.
    if(NOT WHYCLIP_SANITIZE)
      target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
    endif()
  endif()
  if(WHYCLIP_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${WHYCLIP_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${WHYCLIP_SANITIZE})
  endif()
endfunction()

# For targets that only call the library: compiles a third faster without a loss of speed.
function(whyclip_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU,Clang>>:-O1>)
endfunction()

# Precompiles the most common headers once per target. The list has only standard headers and fmt,
# so that a change of the project's headers does not rebuild it.
option(WHYCLIP_PRECOMPILE "Use precompiled headers" ON)
set(whyclip_common_headers <algorithm> <array> <cmath> <cstdint> <cstring> <filesystem> <functional> <map> <memory> <optional>
    <set> <span> <string> <string_view> <utility> <variant> <vector> <fmt/format.h>)
# The first option makes them work with ccache; the others disable false positives of GCC 12 in
# std::string (PR 105329, 105651).
set(whyclip_precompiled_options $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)
function(whyclip_precompile target)
  if(NOT WHYCLIP_PRECOMPILE)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${whyclip_common_headers} ${ARGN})
  target_compile_options(${target} PRIVATE ${whyclip_precompiled_options})
endfunction()
function(whyclip_precompile_like target other)
  if(NOT WHYCLIP_PRECOMPILE)
    return()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${other})
  target_compile_options(${target} PRIVATE ${whyclip_precompiled_options})
endfunction()
