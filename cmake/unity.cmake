# Unity builds: sources of one folder are compiled several at a time, which parses the headers that they have in common once and
# makes the whole build two to three times shorter. Sources with SKIP_UNITY_BUILD_INCLUSION, and those with COMPILE_OPTIONS of
# their own, are compiled alone.
option(WHYCLIP_UNITY "Compile several sources of a folder at once" ON)

# whyclip_unity(target batch [pattern]): at most `batch` sources at a time, of those whose names match. Call it when all sources
# are added.
function(whyclip_unity target batch)
  set(pattern "[.]cpp$")
  if(ARGC GREATER 2)
    set(pattern ${ARGV2})
  endif()
  if(NOT WHYCLIP_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_source_file_property(alone ${source} TARGET_DIRECTORY ${target} SKIP_UNITY_BUILD_INCLUSION)
    get_source_file_property(options ${source} TARGET_DIRECTORY ${target} COMPILE_OPTIONS)
    get_source_file_property(definitions ${source} TARGET_DIRECTORY ${target} COMPILE_DEFINITIONS)
    if(alone OR options OR definitions OR NOT source MATCHES "${pattern}")
      continue()
    endif()
    get_filename_component(folder ${source} DIRECTORY)
    get_filename_component(folder "${folder}" NAME)
    if(NOT DEFINED count_${folder})
      set(count_${folder} 0)
    endif()
    math(EXPR group "${count_${folder}} / ${batch}")
    math(EXPR count_${folder} "${count_${folder}} + 1")
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP "${folder}${group}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
