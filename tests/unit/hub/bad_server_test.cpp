// Servers that cut connections, lie, refuse, stall or are hostile.

#include <gtest/gtest.h>
#include <signal.h>  // SIGXFSZ is POSIX, not C++
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/hub/fake_hub.h"
#include "whyclip/hub/cache.h"
#include "whyclip/hub/download.h"
#include "whyclip/hub/resolve_model.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace bad_server_test {

namespace fs = std::filesystem;
using testing::error_of;
using testing::FakeHub;
using testing::mentions;
using testing::ServerReply;
using testing::ServerRequest;
using testing::TemporaryFolder;

constexpr std::size_t kSize = 3'000'000;  // of the weights

/// A cache, a hub whose store is spoilt, and what the cache has afterwards.
class BadServer : public ::testing::Test {
 protected:
  BadServer() : hub_(testing::transformers_files(kSize)) {}

  fs::path repository() const { return cache_.path() / "models--org--model"; }
  fs::path snapshot() const { return repository() / "snapshots" / FakeHub::kCommit; }
  HubOptions options() const { return hub_.options(cache_.path()); }
  std::string fetch_error(const Progress& progress = {}) {
    return error_of([&] { fetch_model("org/model", options(), progress); });
  }
  fs::path incomplete() const {
    const testing::HubFile weights = testing::transformers_files(kSize).at("model.safetensors");
    return repository() / "blobs" / (testing::checksum_of(weights) + ".incomplete");
  }
  /// Whether the weights in the snapshot are those of the server.
  bool has_weights() const {
    return fs::exists(snapshot() / "model.safetensors") &&
           read_text(snapshot() / "model.safetensors") == testing::some_bytes(kSize);
  }
  /// Nothing that another program could take for a complete model.
  void expect_nothing_half() const {
    EXPECT_FALSE(fs::exists(repository() / "refs" / "main"));
    EXPECT_FALSE(fs::is_symlink(snapshot() / "model.safetensors"));
    const std::string blob = incomplete().string();
    EXPECT_FALSE(fs::exists(blob.substr(0, blob.size() - std::string(".incomplete").size())));
  }

  TemporaryFolder cache_;
  FakeHub hub_;
};

TEST_F(BadServer, ThatCutsEveryConnectionIsContinued) {
  hub_.spoil_store([](const ServerRequest&, ServerReply& reply) { reply.cut_after = 1'100'000; });

  fetch_model("org/model", options());

  EXPECT_TRUE(has_weights());
  EXPECT_EQ(hub_.store().requests().size(), 3U);
  EXPECT_EQ(hub_.store().requests()[1].header("if-range"), "\"of-the-store\"");
}

TEST_F(BadServer, ThatSendsNothingIsTriedAFewTimes) {
  hub_.spoil_store([](const ServerRequest&, ServerReply& reply) { reply.cut_after = 0; });

  EXPECT_TRUE(mentions(fetch_error(), {"org/model", "model.safetensors", "no connection"}));

  EXPECT_EQ(hub_.store().requests().size(), 4U);  // three retries
  expect_nothing_half();
}

TEST_F(BadServer, ThatIgnoresRangesIsReadFromTheStart) {
  std::atomic<int> requests = 0;
  hub_.spoil_store([&](const ServerRequest&, ServerReply& reply) {
    reply.ranges = false;
    if (requests++ == 0) reply.cut_after = 2'000'000;
  });

  fetch_model("org/model", options());

  EXPECT_TRUE(has_weights());
}

TEST_F(BadServer, ThatAnswersWithAnotherRangeIsRefused) {
  std::atomic<int> requests = 0;
  hub_.spoil_store([&](const ServerRequest&, ServerReply& reply) {
    if (requests++ == 0) {
      reply.cut_after = 2'000'000;
    } else {
      reply.ranges = false;
      reply.status = 206;
      reply.headers.emplace_back("Content-Range", "bytes 5-2999999/3000000");
    }
  });

  EXPECT_TRUE(mentions(fetch_error(), {"model.safetensors", "2000000", "bytes 5-2999999/3000000"}));
  expect_nothing_half();
}

TEST_F(BadServer, ThatDeclaresMoreThanItSendsDoesNoHarmIfTheBytesAreRight) {
  hub_.spoil_store(
      [](const ServerRequest&, ServerReply& reply) { reply.declared_size = kSize + 5; });

  fetch_model("org/model", options());

  EXPECT_TRUE(has_weights());
  EXPECT_EQ(hub_.store().requests().size(), 1U);
}

TEST_F(BadServer, ThatDeclaresLessThanTheHubSaidIsTriedAgainAndRefused) {
  hub_.spoil_store([](const ServerRequest&, ServerReply& reply) {
    reply.body.resize(1000);
    reply.ranges = false;
  });

  EXPECT_TRUE(mentions(fetch_error(), {"model.safetensors", "1000 of 3000000 bytes"}));
  expect_nothing_half();
}

TEST_F(BadServer, ThatSendsMoreThanTheHubSaidIsRefused) {
  hub_.spoil_store([](const ServerRequest&, ServerReply& reply) { reply.body += "more"; });

  EXPECT_TRUE(mentions(fetch_error(), {"model.safetensors", "more than its 3000000 bytes"}));
  expect_nothing_half();
}

TEST_F(BadServer, ThatSendsOtherContentIsRefusedByTheChecksum) {
  hub_.spoil_store([](const ServerRequest&, ServerReply& reply) { reply.body[17] ^= 1; });

  EXPECT_TRUE(mentions(fetch_error(), {"model.safetensors", "checksum", "expected"}));
  expect_nothing_half();
  EXPECT_FALSE(fs::exists(incomplete()));
}

TEST_F(BadServer, ThatSendsAnotherSmallFileIsRefusedByTheChecksum) {
  hub_.spoil_hub([](const ServerRequest& request, ServerReply& reply) {
    if (request.path.ends_with("tokenizer.json") && request.method == "GET") reply.body = "{x}";
  });

  EXPECT_TRUE(mentions(fetch_error(), {"tokenizer.json", "checksum"}));
}

TEST_F(BadServer, DamagedBytesOfAnEarlierTryAreReplaced) {
  write_file(incomplete(), std::string_view(std::string(1'000'000, 'x')));

  fetch_model("org/model", options());

  EXPECT_TRUE(has_weights());
  EXPECT_FALSE(fs::exists(incomplete()));
}

TEST_F(BadServer, BytesOfAnEarlierTryAreNotAskedForAgain) {
  write_file(incomplete(), std::string_view(testing::some_bytes(kSize)).substr(0, 2'900'000));

  fetch_model("org/model", options());

  EXPECT_TRUE(has_weights());
  ASSERT_EQ(hub_.store().requests().size(), 1U);
  EXPECT_EQ(hub_.store().requests()[0].header("range"), "bytes=2900000-");
}

TEST_F(BadServer, ThatIsBusyIsTriedAgain) {
  std::atomic<int> requests = 0;
  hub_.spoil_hub([&](const ServerRequest& request, ServerReply& reply) {
    constexpr int kStatus[] = {429, 500, 503};
    const int n = requests++;
    if (n < 3 && request.path.find("/api/") == 0) {
      reply = {.status = kStatus[n], .headers = {{"Retry-After", "0"}}, .body = "busy"};
    }
  });

  fetch_model("org/model", options());

  EXPECT_TRUE(has_weights());
  EXPECT_EQ(hub_.count("GET", "/revision/main"), 4);
}

TEST_F(BadServer, ThatIsBusyIsSaidWhileWaiting) {
  std::atomic<int> requests = 0;
  hub_.spoil_hub([&](const ServerRequest&, ServerReply& reply) {
    if (requests++ == 0) reply = {.status = 429, .headers = {{"Retry-After", "1"}}};
  });
  bool said = false;

  fetch_model("org/model", options(), [&](std::string_view stage, std::int64_t, std::int64_t) {
    said = said || stage.find("org/model (waiting 1 s after HTTP 429; kB)") != stage.npos;
    return true;
  });

  EXPECT_TRUE(said);
}

TEST_F(BadServer, WithoutAModelOfAnArchitecturesNameSaysSo) {
  EXPECT_TRUE(mentions(error_of([&] { fetch_model("ViT-B-33/laion", options()); }),
                       {"401", "open_clip 3.3 has no architecture ViT-B-33"}));
}

TEST_F(BadServer, ThatIsBusyForAnHourIsAnErrorAtOnce) {
  hub_.spoil_hub([](const ServerRequest&, ServerReply& reply) {
    reply = {.status = 429, .headers = {{"Retry-After", "3600"}}};
  });

  EXPECT_TRUE(mentions(fetch_error(), {"429", "3600 s"}));
}

TEST_F(BadServer, ThatRefusesSaysWhatToDo) {
  const auto refuse = [&](int status, const char* code) {
    hub_.spoil_hub([=](const ServerRequest&, ServerReply& reply) {
      reply = {.status = status, .headers = {{"X-Error-Code", code}}, .body = "a page"};
    });
    return fetch_error();
  };

  EXPECT_TRUE(mentions(refuse(401, "RepoNotFound"), {"org/model", "private", "401", "token"}));
  EXPECT_TRUE(mentions(refuse(403, "GatedRepo"), {"org/model", "restricted", "conditions"}));
  EXPECT_TRUE(mentions(refuse(404, "RevisionNotFound"), {"org/model", "no such revision"}));
  EXPECT_TRUE(mentions(refuse(404, "x"), {"org/model", "404", "spelling"}));
  EXPECT_TRUE(mentions(refuse(500, "x"), {"org/model", "500", "try again"}));
  EXPECT_TRUE(mentions(refuse(418, "x"), {"org/model", "418"}));
}

TEST_F(BadServer, ThatIsNotThereIsAnError) {
  HubOptions closed = options();
  closed.endpoint = "http://127.0.0.1:1";

  EXPECT_TRUE(mentions(error_of([&] { fetch_model("org/model", closed); }),
                       {"org/model", "no connection", "--offline"}));
}

TEST_F(BadServer, ThatStallsIsAnError) {
  HubOptions impatient = options();
  impatient.stall_timeout = std::chrono::seconds(1);
  impatient.retries = 0;
  hub_.spoil_store([](const ServerRequest&, ServerReply& reply) {
    reply.pause = std::chrono::milliseconds(3000);
  });

  EXPECT_TRUE(mentions(error_of([&] { fetch_model("org/model", impatient); }),
                       {"model.safetensors", "no connection"}));
}

TEST_F(BadServer, ThatRedirectsInACircleIsAnError) {
  hub_.spoil_hub([](const ServerRequest& request, ServerReply& reply) {
    reply = {.status = 302, .headers = {{"Location", request.path + "x"}}};
  });

  EXPECT_TRUE(mentions(fetch_error(), {"redirected more than 10 times"}));
}

TEST_F(BadServer, ThatRedirectsToAFileIsAnError) {
  hub_.spoil_hub([](const ServerRequest&, ServerReply& reply) {
    reply = {.status = 302, .headers = {{"Location", "file:///etc/passwd"}}};
  });

  EXPECT_TRUE(mentions(fetch_error(), {"file:///etc/passwd", "no address"}));
}

TEST_F(BadServer, ThatSendsAHugeListingIsRefused) {
  hub_.spoil_hub([](const ServerRequest& request, ServerReply& reply) {
    if (request.path.starts_with("/api/")) reply.body.assign(9'000'000, ' ');
  });

  EXPECT_TRUE(mentions(fetch_error(), {"/api/models/org/model", "more than"}));
}

TEST_F(BadServer, ThatSendsAListingOfAnotherKindIsRefused) {
  const auto list = [&](const std::string& body) {
    hub_.spoil_hub([=](const ServerRequest&, ServerReply& reply) { reply.body = body; });
    return fetch_error();
  };

  EXPECT_TRUE(mentions(list("<html>"), {"/api/models/org/model", "JSON"}));
  EXPECT_TRUE(mentions(list("{}"), {"sha", "missing"}));
  EXPECT_TRUE(mentions(list(R"({"sha": "../../x", "siblings": []})"), {"hash of a commit"}));
  EXPECT_TRUE(mentions(list(std::string(1000, '[')), {"JSON"}));
  EXPECT_TRUE(
      mentions(list(R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{}]})"),
               {"rfilename"}));
}

TEST_F(BadServer, WithoutACheckpointSaysWhatIsMissing) {
  hub_.spoil_hub([](const ServerRequest&, ServerReply& reply) {
    reply.body = R"({"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": []})";
  });

  EXPECT_TRUE(mentions(fetch_error(), {"org/model", "config.json", "model.safetensors"}));
}

TEST_F(BadServer, WithAnETagThatIsNoChecksumIsRefused) {
  hub_.spoil_hub([](const ServerRequest& request, ServerReply& reply) {
    if (request.method == "HEAD") reply.headers = {{"ETag", "\"../../../evil\""}};
  });

  EXPECT_TRUE(mentions(fetch_error(), {"config.json", "../../../evil", "cannot be checked"}));
}

TEST_F(BadServer, WithAnotherCommitIsRefused) {
  hub_.spoil_hub([](const ServerRequest& request, ServerReply& reply) {
    for (auto& [name, value] : reply.headers) {
      if (request.method == "HEAD" && name == "X-Repo-Commit") value = std::string(40, 'f');
    }
  });

  EXPECT_TRUE(mentions(fetch_error(), {"config.json", "commit ffff"}));
}

TEST_F(BadServer, WithAFileOfAHundredTerabytesIsRefused) {
  hub_.spoil_hub([](const ServerRequest&, ServerReply& reply) {
    for (auto& [name, value] : reply.headers) {
      if (name == "X-Linked-Size") value = "100000000000000";
    }
  });

  EXPECT_TRUE(mentions(fetch_error(), {"model.safetensors", "100000000000000"}));
}

TEST_F(BadServer, WithMoreThanTheDiskHasIsRefusedBeforeTheDownload) {
  hub_.spoil_hub([](const ServerRequest&, ServerReply& reply) {
    for (auto& [name, value] : reply.headers) {
      if (name == "X-Linked-Size") value = "1000000000000";
    }
  });
  if (fs::space(cache_.path()).available >= 1'000'000'000'000) GTEST_SKIP() << "a large disk";

  EXPECT_TRUE(mentions(fetch_error(), {"org/model", "1000000 MB", "free"}));
  EXPECT_EQ(hub_.store().requests().size(), 0U);
}

TEST_F(BadServer, NamesOfPartsThatLeaveTheFolderAreRefusedByName) {
  const auto with_part = [&](const std::string& part) {
    const TemporaryFolder cache;
    auto files = testing::transformers_files();
    files.erase("model.safetensors");
    files["model.safetensors.index.json"] = {R"({"weight_map": {"a": ")" + part + "\"}}"};
    files[part] = {"evil", true};
    const FakeHub hub(files);
    const std::string error =
        error_of([&] { fetch_model("org/model", hub.options(cache.path())); });
    EXPECT_EQ(hub.store().requests().size(), 0U) << part;
    return error;
  };

  EXPECT_TRUE(mentions(with_part("../../../evil.safetensors"),
                       {"index.json", "../../../evil.safetensors", "hostile"}));
  EXPECT_TRUE(mentions(with_part("/etc/evil.safetensors"), {"/etc/evil.safetensors"}));
  EXPECT_TRUE(mentions(with_part(".hidden.safetensors"), {".hidden.safetensors"}));
  EXPECT_TRUE(mentions(with_part("a\\u0000.safetensors"), {"a\\x00.safetensors"}));
  EXPECT_TRUE(mentions(with_part("a\\nb.safetensors"), {"a\\x0ab.safetensors"}));
  EXPECT_TRUE(mentions(with_part("run.sh"), {"run.sh", ".safetensors"}));
  EXPECT_TRUE(mentions(with_part(std::string(300, 'a') + ".safetensors"), {"aaa", "plain"}));
}

TEST_F(BadServer, CancellationLeavesNothingHalfAndTheNextCallContinues) {
  hub_.spoil_store(
      [](const ServerRequest&, ServerReply& reply) { reply.pause = std::chrono::milliseconds(5); });
  const Progress cancel_in_the_middle = [&](std::string_view, std::int64_t done, std::int64_t) {
    return done < 1000;  // kB
  };

  EXPECT_THROW(fetch_model("org/model", options(), cancel_in_the_middle), Cancelled);

  expect_nothing_half();
  const std::uintmax_t kept = fs::file_size(incomplete());
  EXPECT_GE(kept, 900'000U);
  fetch_model("org/model", options());
  EXPECT_TRUE(has_weights());
  EXPECT_EQ(hub_.store().requests().back().header("range"), "bytes=" + std::to_string(kept) + "-");
}

TEST_F(BadServer, AFullDiskLeavesNothingHalfAndTheNextCallContinues) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit limit = before;
  limit.rlim_cur = 2'000'000;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);

  const std::string error = fetch_error();

  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  EXPECT_TRUE(mentions(error, {".incomplete", "cannot write"}));
  expect_nothing_half();
  fetch_model("org/model", options());
  EXPECT_TRUE(has_weights());
}

TEST_F(BadServer, ACacheThatCannotBeWrittenIsNamed) {
  write_file(cache_.path() / "models--org--model", "a file where a folder should be");

  EXPECT_TRUE(mentions(fetch_error(), {"models--org--model", "folder"}));
}

}  // namespace bad_server_test
}  // namespace whyclip
