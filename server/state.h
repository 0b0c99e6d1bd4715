#pragma once

#include <semaphore>
#include <utility>
#include <vector>

#include "server/connection_guard.h"
#include "server/images.h"
#include "server/jobs.h"
#include "server/metrics.h"
#include "server/models.h"
#include "server/security.h"
#include "server/server.h"

namespace whyclip::server {

/// How many large bodies may be in memory at once.
inline constexpr int kMostLargeBodies = 4;

/// What all requests share. The jobs come last: they use the rest until they are destroyed.
struct State {
  State(std::vector<ServedModel> models_served, const ServerOptions& options, int port,
        Security checks)
      : models(std::move(models_served)),
        images(options.folder, options.max_pixels),
        security(std::move(checks)),
        guard(port),
        jobs(options.queue) {}

  std::vector<ServedModel> models;
  Images images;
  Security security;
  ConnectionGuard guard;
  Metrics metrics = {};
  std::counting_semaphore<kMostLargeBodies> large_bodies{kMostLargeBodies};
  Jobs jobs;
};

}  // namespace whyclip::server
