# whyclip_viewer(target): bundles viewer/ with esbuild (Debian's esbuild, node-d3-scale and node-d3-shape) and compiles the bundles
# into the target, each as whyclip_NAME_js and whyclip_NAME_css: one for the page of each kind of result (viewer/src/pages), and
# "live" with whyclip_live_html. esbuild strips the types; tests check them with tsc.
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
  set(viewer ${PROJECT_SOURCE_DIR}/viewer)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/viewer)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${viewer}/src/*.ts ${viewer}/style/*.css)
  set(kinds comparison concepts deoptimisation document evaluation explanation heads inspection regions tracing)
  set(entries live=${viewer}/src/live/main.ts)
  set(bundles ${folder}/live.js ${folder}/live.css)
  foreach(kind IN LISTS kinds)
    list(APPEND entries ${kind}=${viewer}/src/pages/${kind}.ts)
    list(APPEND bundles ${folder}/${kind}.js ${folder}/${kind}.css)
  endforeach()
  add_custom_command(
    OUTPUT ${bundles}
    COMMAND ${CMAKE_COMMAND} -E env NODE_PATH=${WHYCLIP_NODE_MODULES}
            ${WHYCLIP_ESBUILD} ${entries} --bundle --minify --charset=utf8 --target=es2020 --format=iife --legal-comments=inline
            --log-level=warning --outdir=${folder}
    DEPENDS ${sources}
    COMMENT "Bundling the viewer"
    VERBATIM
  )
  add_custom_target(whyclip_viewer DEPENDS ${bundles})
  add_dependencies(${target} whyclip_viewer)
  foreach(bundle live ${kinds})
    whyclip_embed(${target} whyclip_${bundle}_js ${folder}/${bundle}.js)
    whyclip_embed(${target} whyclip_${bundle}_css ${folder}/${bundle}.css)
  endforeach()
  whyclip_embed(${target} whyclip_live_html ${viewer}/live.html)
endfunction()
