// The table of error codes in docs/results.md.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/data.h"
#include "whyclip/core/error.h"
#include "whyclip/explain.h"
#include "whyclip/image/decode.h"
#include "whyclip/metrics/metric.h"
#include "whyclip/regions.h"

namespace whyclip {
namespace error_codes_test {

std::string picture() { return testing::repository_file("examples/pictures/cat_and_dog.jpg"); }

/// Explains the picture with the options of a target.
void explain_target(const TargetOptions& target) {
  explain(Clip::embedded(), read_image(picture()), {.target = target});
}

void explain_strip() {
  const Image strip{.width = 20000, .height = 3, .rgb = std::vector<std::uint8_t>(180000, 90)};
  explain(Clip::embedded(), strip, {.view = View::kWholeImage});
}

struct Case {
  const char* name;
  std::function<void()> call;
  ErrorCode code;
};

TEST(ErrorCodes, AreThoseOfTheDocumentation) {
  const std::vector<Case> cases{
      {"class", [] { explain_target({.class_name = "unicorn"}); }, ErrorCode::kNotFound},
      {"versus", [] { explain_target({.class_name = "cat", .versus = "unicorn"}); },
       ErrorCode::kNotFound},
      {"method", [] { explain(Clip::embedded(), read_image(picture()), {.method = "gea"}); },
       ErrorCode::kNotFound},
      {"method of regions", [] { check(RegionTableOptions{.method = "gea"}); },
       ErrorCode::kNotFound},
      {"metric", [] { find_metric("gea"); }, ErrorCode::kNotFound},
      {"file", [] { read_image("/no/such/file.png"); }, ErrorCode::kNotFound},
      {"pixels", [] { read_image(picture(), {.max_pixels = 100}); }, ErrorCode::kLimit},
      {"patches", explain_strip, ErrorCode::kLimit},
      {"format", [] { explanation_from_json(R"({"format": "whyclip explanation 2"})"); },
       ErrorCode::kUnsupported},
      {"content", [] { explanation_from_json("{"); }, ErrorCode::kInvalid},
  };
  for (const Case& one : cases) {
    try {
      one.call();
      ADD_FAILURE() << one.name << ": no error";
    } catch (const Error& error) {
      EXPECT_EQ(name_of(error.code()), name_of(one.code)) << one.name << ": " << error.what();
    }
  }
}

}  // namespace error_codes_test
}  // namespace whyclip
