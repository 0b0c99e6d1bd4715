#include "whyclip/pages/viewer_files.h"

#include <array>

// NOLINTBEGIN(modernize-avoid-c-arrays,cppcoreguidelines-macro-usage): files that the assembler
// includes (cmake/viewer.cmake)
#define WHYCLIP_BUNDLE(name)                           \
  extern const unsigned char whyclip_##name##_js[];    \
  extern const unsigned char whyclip_##name##_css[];   \
  extern const unsigned long whyclip_##name##_js_size; \
  extern const unsigned long whyclip_##name##_css_size;
#define WHYCLIP_BUNDLES          \
  WHYCLIP_BUNDLE(live)           \
  WHYCLIP_BUNDLE(comparison)     \
  WHYCLIP_BUNDLE(concepts)       \
  WHYCLIP_BUNDLE(deoptimisation) \
  WHYCLIP_BUNDLE(document)       \
  WHYCLIP_BUNDLE(evaluation)     \
  WHYCLIP_BUNDLE(explanation)    \
  WHYCLIP_BUNDLE(heads)          \
  WHYCLIP_BUNDLE(inspection)     \
  WHYCLIP_BUNDLE(regions)        \
  WHYCLIP_BUNDLE(tracing)
extern "C" {
WHYCLIP_BUNDLES
extern const unsigned char whyclip_live_html[];
extern const unsigned long whyclip_live_html_size;
}
#undef WHYCLIP_BUNDLE
// NOLINTEND(modernize-avoid-c-arrays,cppcoreguidelines-macro-usage)

namespace whyclip {
namespace {

struct ViewerFile {
  std::string_view name;
  const unsigned char* bytes;
  unsigned long size;
};

}  // namespace

std::string_view viewer_file(std::string_view name) {
#define WHYCLIP_BUNDLE(name)                                              \
  ViewerFile{#name ".js", whyclip_##name##_js, whyclip_##name##_js_size}, \
      ViewerFile{#name ".css", whyclip_##name##_css, whyclip_##name##_css_size},
  const std::array files{
      WHYCLIP_BUNDLES ViewerFile{"live.html", whyclip_live_html, whyclip_live_html_size}};
#undef WHYCLIP_BUNDLE
  for (const ViewerFile& file : files) {
    if (file.name == name) return {reinterpret_cast<const char*>(file.bytes), file.size};
  }
  return {};
}

}  // namespace whyclip
