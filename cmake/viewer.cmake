# whyclip_viewer(target): bundles viewer/ with esbuild (Debian's esbuild, node-d3-scale and node-d3-shape) and compiles the bundles
# into the target: the symbols whyclip_page_js, whyclip_page_css, whyclip_live_js, whyclip_live_css and whyclip_live_html. esbuild
# strips the types; tests check them with tsc.
function(whyclip_viewer target)
  find_program(WHYCLIP_ESBUILD esbuild DOC "Bundles the viewer")
  if(NOT WHYCLIP_ESBUILD)
    message(FATAL_ERROR "esbuild was not found: install the package esbuild, or name the program by -DWHYCLIP_ESBUILD=/path/to/esbuild")
  endif()
  find_path(WHYCLIP_NODE_MODULES d3-scale/package.json
    PATHS ${PROJECT_SOURCE_DIR}/viewer/node_modules /usr/share/nodejs /usr/lib/nodejs /usr/local/lib/node_modules
    NO_DEFAULT_PATH DOC "Folder with d3-scale and d3-shape")
  if(NOT WHYCLIP_NODE_MODULES)
    message(FATAL_ERROR "d3-scale was not found: install the packages node-d3-scale and node-d3-shape, "
                        "or name their folder by -DWHYCLIP_NODE_MODULES=/path/to/node_modules")
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/viewer)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/viewer/src/*.ts ${PROJECT_SOURCE_DIR}/viewer/style/*.css)
  set(bundles ${folder}/page.js ${folder}/page.css ${folder}/live.js ${folder}/live.css)
  add_custom_command(
    OUTPUT ${bundles}
    COMMAND ${CMAKE_COMMAND} -E env NODE_PATH=${WHYCLIP_NODE_MODULES}
            ${WHYCLIP_ESBUILD} page=${PROJECT_SOURCE_DIR}/viewer/src/page.ts live=${PROJECT_SOURCE_DIR}/viewer/src/live/main.ts
            --bundle --minify --charset=utf8 --target=es2020 --format=iife --legal-comments=inline --log-level=warning
            --outdir=${folder}
    DEPENDS ${sources}
    COMMENT "Bundling the viewer"
    VERBATIM
  )
  add_custom_target(whyclip_viewer DEPENDS ${bundles})
  add_dependencies(${target} whyclip_viewer)
  foreach(bundle page_js page_css live_js live_css)
    string(REPLACE "_" "." file ${bundle})
    whyclip_embed(${target} whyclip_${bundle} ${folder}/${file})
  endforeach()
  whyclip_embed(${target} whyclip_live_html ${PROJECT_SOURCE_DIR}/viewer/live.html)
endfunction()
