# whyclip_embed(target symbol file): compiles the bytes of a file into the target. The symbol is
# declared as  extern "C" const unsigned char symbol[];  extern "C" const unsigned long symbol_size;
function(whyclip_embed target symbol file)
  get_filename_component(path ${file} ABSOLUTE)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  file(WRITE ${source}.in
"#if defined(__linux__) && defined(__ELF__)
  .section .note.GNU-stack,\"\",@progbits
#endif
  .section .rodata
  .global ${symbol}
  .global ${symbol}_size
  .balign 64
${symbol}:
  .incbin \"${path}\"
0:
  .balign 8
${symbol}_size:
  .quad 0b - ${symbol}
")
  configure_file(${source}.in ${source} COPYONLY)
  set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES OBJECT_DEPENDS ${path})
  target_sources(${target} PRIVATE ${source})
endfunction()
