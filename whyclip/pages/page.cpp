#include "whyclip/pages/page.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/image/encode.h"
#include "whyclip/io/json.h"
#include "whyclip/pages/html.h"
#include "whyclip/pages/plain_tables.h"
#include "whyclip/pages/viewer_files.h"
#include "whyclip/render/shrink.h"

namespace whyclip {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPageImageSide = 1600;

Json parsed(std::string_view json) {
  if (nests_too_deeply(json)) throw Error("page", "the JSON is nested too deeply");
  Json result = Json::parse(json, nullptr, false);
  if (!result.is_object()) throw Error("page", "expected a result as a JSON object");
  return result;
}

/// "explanation" of "whyclip explanation 1". Throws Error for a kind that has no page.
std::string kind_of(const Json& result) {
  constexpr std::string_view kBegin = "whyclip ";
  const auto format = result.find("format");
  const std::string name =
      format != result.end() && format->is_string() ? format->get<std::string>() : "";
  const std::string kind =
      name.starts_with(kBegin) ? name.substr(kBegin.size(), name.rfind(' ') - kBegin.size()) : "";
  if (kind.empty() || kind == "live" || viewer_file(kind + ".js").empty()) {
    throw Error("page", fmt::format("the format \"{}\" has no page", name));
  }
  return kind;
}

/// JSON that cannot end the script element that it stands in.
std::string inlined(const Json& json) {
  std::string safe;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

Json payload(Json result, const PageParts& parts) {
  Json pictures = Json::object();
  for (const PagePicture& picture : parts.pictures) {
    pictures[picture.name] = fmt::format("data:{};base64,{}", picture.type, base64(picture.file));
  }
  Json page{{"result", std::move(result)}, {"pictures", std::move(pictures)}};
  if (parts.limit > 0) page["limit"] = parts.limit;
  return page;
}

}  // namespace

PagePicture page_image(const Image& image) {
  return {.name = "image", .file = encode_png(shrink(image, kPageImageSide))};
}

std::string html_page(std::string_view json, const PageParts& parts) {
  Json result = parsed(json);
  const std::string kind = kind_of(result);
  const std::string_view script = viewer_file(kind + ".js"), style = viewer_file(kind + ".css");
  const std::string tables = plain_tables(result);
  return fmt::format(
      R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'">
<title>{}</title>
<style>{}</style>
</head>
<body>
<main>
<noscript>
{}</noscript>
</main>
<script type="application/json" id="payload">{}</script>
<script>{}</script>
</body>
</html>
)",
      policy_hash(style), policy_hash(script), escape_html(parts.title), style, tables,
      inlined(payload(std::move(result), parts)), script);
}

}  // namespace whyclip
