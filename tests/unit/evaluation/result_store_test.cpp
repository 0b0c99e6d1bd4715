#include "whyclip/evaluation/result_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace result_store_test {

using testing::error_of;
using testing::mentions;

const std::vector<std::pair<std::string, std::string>> kRunMetadata{{"model", "toons"},
                                                                    {"target", "class"}};

MethodResult result(const std::string& sample) {
  MethodResult r{.sample = sample, .method = "rise masks=3", .seconds = 0.25};
  r.metrics["deletion"].statistics = {1.5};
  r.metrics["miou"].statistics = {1, 2, 3, 4};
  r.metrics["completeness"].reason = "no \"unit\"\n";
  r.curves["drop"] = {{3, 2, 1}, {3, 2.5, 1}};
  return r;
}

class Store : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder;
  std::filesystem::path file() const { return folder.path() / "results.jsonl"; }
  ResultStore open() const { return {folder.path(), kRunMetadata}; }
};

TEST_F(Store, ReadsTheResultsThatWereAdded) {
  open().add(result("a.png"));
  const ResultStore store = open();
  ASSERT_EQ(store.results().size(), 1U);
  const MethodResult& r = store.results()[0];
  EXPECT_EQ(r.sample, "a.png");
  EXPECT_EQ(r.seconds, 0.25);
  EXPECT_EQ(r.metrics.at("miou").statistics, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(r.metrics.at("completeness").reason, "no \"unit\"\n");
  EXPECT_TRUE(r.metrics.at("completeness").statistics.empty());
  EXPECT_EQ(r.curves.at("drop").least_first, (std::vector<double>{3, 2.5, 1}));
  EXPECT_TRUE(store.has("a.png", "rise masks=3"));
  EXPECT_FALSE(store.has("b.png", "rise masks=3"));
}

TEST_F(Store, KeepsAMethodsError) {
  open().add({.sample = "a.png", .method = "x", .error = "[x] could not"});
  EXPECT_EQ(open().results().at(0).error, "[x] could not");
}

TEST_F(Store, RemovesAnIncompleteLastLineAndContinues) {
  open().add(result("a.png"));
  const std::string before = read_text(file());
  std::ofstream(file(), std::ios::app) << R"({"item": "b.p)";
  {
    ResultStore store = open();
    EXPECT_EQ(store.results().size(), 1U);
    store.add(result("b.png"));
  }
  EXPECT_EQ(open().results().size(), 2U);
  EXPECT_TRUE(read_text(file()).starts_with(before));
}

TEST_F(Store, RefusesResultsOfAnotherEvaluationNamingTheMetadata) {
  open().add(result("a.png"));
  const std::string error = error_of([&] {
    ResultStore(folder.path(), {{"model", "toons"}, {"target", "contrast"}});
  });
  EXPECT_TRUE(
      mentions(error, {"results.jsonl", "target is “class” there and “contrast” now", "--out"}));
  EXPECT_EQ(open().results().size(), 1U);
}

TEST_F(Store, ReadsTheMetadataOfOlderVersions) {
  open().add(result("a.png"));
  std::string text = read_text(file());
  const std::string name = "\"run_metadata\"";
  ASSERT_NE(text.find(name), text.npos);
  text.replace(text.find(name), name.size(), "\"facts\"");
  write_file(file(), text);
  EXPECT_EQ(open().results().size(), 1U);
  EXPECT_TRUE(mentions(error_of([&] {
                         ResultStore(folder.path(), {{"model", "other"}});
                       }),
                       {"model is “toons” there"}));
}

TEST_F(Store, RefusesAFolderInUseNamingTheProcess) {
  const ResultStore first = open();
  EXPECT_TRUE(mentions(error_of([&] { open(); }), {folder.path().string(), "in use by process"}));
}

TEST_F(Store, RefusesAFileInAnotherFormat) {
  write_file(file(), std::string_view("{\"format\": \"holiday images\"}\n"));
  EXPECT_TRUE(mentions(error_of([&] { open(); }), {"results.jsonl", "whyclip evaluation 1"}));
  write_file(file(), std::string_view("hello\n"));
  EXPECT_TRUE(mentions(error_of([&] { open(); }), {"results.jsonl line 1"}));
}

TEST_F(Store, NamesALineThatCannotBeParsed) {
  open().add(result("a.png"));
  std::ofstream(file(), std::ios::app) << "{\"item\": 3}\n";
  EXPECT_TRUE(mentions(error_of([&] { open(); }), {"results.jsonl line 3", "item"}));
}

TEST_F(Store, RefusesToWriteToAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  open().add(result("a.png"));
  const testing::TemporaryFolder other;
  std::filesystem::create_symlink("/dev/full", other.path() / "results.jsonl");
  EXPECT_TRUE(
      mentions(error_of([&] { ResultStore(other.path(), kRunMetadata); }), {"results.jsonl"}));
  EXPECT_EQ(open().results().size(), 1U);
}

TEST_F(Store, RefusesAFolderThatCannotBeCreated) {
  write_file(folder.path() / "file", std::string_view("x"));
  EXPECT_TRUE(
      mentions(error_of([&] { ResultStore(folder.path() / "file" / "below", kRunMetadata); }),
               {"file/below", "cannot be"}));
}

}  // namespace result_store_test
}  // namespace whyclip
