#include "server/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "server/calls.h"
#include "server/events.h"
#include "server/failure.h"
#include "server/json_body.h"
#include "server/request_body.h"
#include "server/request_form.h"
#include "server/result_files.h"
#include "server/static_files.h"
#include "whyclip/front_end.h"
#include "whyclip/whyclip.h"

namespace whyclip::server {
namespace {

constexpr const char* kJson = "application/json";
constexpr int kShownSide = 1600, kThumbnailSide = 160;  // pixels of the longer side

using httplib::Request;
using httplib::Response;

void check_json_type(const Request& request) {
  if (media_type(request) == kJson) return;
  throw RequestError({415, "unsupported", "Content-Type", "expected application/json"});
}

void send_static(const Request& request, Response& response) {
  const std::optional<StaticFile> file = static_file(request.path);
  if (!file) refuse_unknown("path", "there is no such file");
  const std::string etag = etag_of(file->content);
  response.set_header("ETag", etag);
  response.set_header("Cache-Control", "no-cache");  // asks again, by the ETag
  if (request.get_header_value("If-None-Match") == etag) {
    response.status = 304;
    return;
  }
  send(response, 200, std::string(file->content), file->type);
}

void send_health(State& state, Response& response) {
  const bool draining = state.jobs.draining();
  send(response, draining ? 503 : 200,
       fmt::format("{{\"status\":\"{}\",\"version\":\"{}\"}}\n", draining ? "draining" : "ok",
                   version()),
       kJson);
}

void send_image(State& state, const Request& request, Response& response) {
  const std::string size = request.get_param_value("size");
  if (!size.empty() && size != "thumbnail") refuse("size", "expected thumbnail, or no size");
  const ServedImage image = state.images.find(request.get_param_value("id"));
  const int longest = size.empty() ? kShownSide : kThumbnailSide;
  response.set_header("Cache-Control", "no-cache");
  send(response, 200,
       compute(state, request, Lane::kFiles,
               [image, longest](const Progress&) { return Images::png(*image.read(), longest); }),
       "image/png");
}

/// The name of an upload, for the reader: the last part of a path.
std::string upload_name(const Request& request) {
  constexpr std::size_t kMost = 200;
  const std::string name = file_name(request.get_param_value("name"));
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(request.get_param_value("name"), is_control)) {
    refuse("name", "has control characters");
  }
  if (name.size() > kMost) refuse("name", fmt::format("is longer than {} bytes", kMost));
  return request.get_param_value("name").empty() ? "image" : name;
}

void receive_image(State& state, const Request& request, Response& response, std::string body) {
  if (body.empty()) refuse("body", "is empty: send the bytes of a JPEG, PNG or WebP image");
  const std::string name = upload_name(request);
  send(response, 201,
       compute(state, request, Lane::kFiles,
               [&state, name, body = std::move(body)](const Progress&) {
                 return state.images.upload(body, name);
               }),
       kJson);
}

void answer_call(State& state, const NamedCall& named, const Request& request, Response& response,
                 const std::string& body) {
  check_json_type(request);
  const auto start = std::chrono::steady_clock::now();
  const Json json = parse_json(body, "body");
  ObjectReader reader(json, "body");
  const Clip& clip = find_model(state.models, reader.text("model"));
  const std::string id = reader.text("image");
  const Json& options = reader.field("options");
  reader.finish();
  std::optional<ServedImage> image;
  if (!id.empty()) image = state.images.find(id);
  const Call call = named.make({clip, image, options, state.images});
  if (!wants_events(request)) {
    const Work work = [run = call.run](const Progress& progress) { return run(progress, 1); };
    return send(response, 200, compute(state, request, call.lane, work) + "\n", kJson);
  }
  const Work work = [run = call.run](const Progress& progress) { return run(progress, -1); };
  stream_events(response, state.jobs, state.jobs.submit(call.lane, work),
                [&state, name = named.name, start](int status) {
                  const std::chrono::duration<double> time =
                      std::chrono::steady_clock::now() - start;
                  state.metrics.count(fmt::format("/api/v1/{}", name), status, time.count());
                });
}

using MakeFile = std::string (*)(const Json& result, const Image* image);

/// A file made from {"image": ID, "result": …}. Results may be large: they are parsed in the lane.
std::string make_file(State& state, const std::string& body, MakeFile make) {
  const Json json = parse_json(body, "body");
  ObjectReader reader(json, "body");
  const std::string id = reader.text("image");
  const Json& result = reader.field("result");
  reader.finish();
  if (id.empty()) return make(result, nullptr);
  return make(result, &state.images.find(id).read()->image);
}

void send_file(State& state, const Request& request, Response& response, std::string body,
               MakeFile make, const char* type, const char* name) {
  check_json_type(request);
  std::string file = compute(state, request, Lane::kFiles,
                             [&state, make, body = std::move(body)](const Progress&) {
                               return make_file(state, body, make);
                             });
  response.set_header("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  send(response, 200, std::move(file), type);
}

void add_reading(Router& router, State& state) {
  for (const char* path : {"/", "/assets/live.js", "/assets/viewer.css", "/api/v1/openapi.json"}) {
    router.get(path, send_static);
  }
  for (const ResultSchema& schema : result_schemas()) {
    router.get(fmt::format("/api/v1/schema/{}.json", schema.kind),
               [text = schema.text](const Request&, Response& response) {
                 send(response, 200, text, "application/schema+json");
               });
  }
  router.get("/healthz", [&](const Request&, Response& response) { send_health(state, response); });
  router.get("/metrics", [&](const Request&, Response& response) {
    send(response, 200, state.metrics.text(state.jobs, state.images),
         "text/plain; version=0.0.4; charset=utf-8");
  });
  router.get("/api/v1/models", [&](const Request&, Response& response) {
    send(response, 200, models_json(state.models), kJson);
  });
  router.get("/api/v1/methods", [](const Request&, Response& response) {
    send(response, 200, to_json(list_methods()) + "\n", kJson);
  });
  router.get("/api/v1/images", [&](const Request&, Response& response) {
    send(response, 200, state.images.list_json(), kJson);
  });
  router.get("/api/v1/image", [&](const Request& request, Response& response) {
    send_image(state, request, response);
  });
}

}  // namespace

void add_routes(Router& router, State& state) {
  add_reading(router, state);
  router.post("/api/v1/images", kMostBytes,
              [&](const Request& request, Response& response, std::string body) {
                receive_image(state, request, response, std::move(body));
              });
  for (const NamedCall& call : calls()) {
    router.post(fmt::format("/api/v1/{}", call.name), kMostJson,
                [&state, call](const Request& request, Response& response, std::string body) {
                  answer_call(state, call, request, response, body);
                });
  }
  router.post("/api/v1/page", kMostBytes,
              [&](const Request& request, Response& response, std::string body) {
                send_file(state, request, response, std::move(body), page_of,
                          "text/html; charset=utf-8", "whyclip.html");
              });
  router.post("/api/v1/overlay", kMostBytes,
              [&](const Request& request, Response& response, std::string body) {
                send_file(state, request, response, std::move(body), overlay_of, "image/png",
                          "whyclip.png");
              });
}

}  // namespace whyclip::server
