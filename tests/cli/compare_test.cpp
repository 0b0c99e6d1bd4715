// What `whyclip methods` and `whyclip compare` answer and write.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/cli/command.h"
#include "tests/unit/render/page.h"
#include "whyclip/image/decode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

using nlohmann::json;
using testing::CommandTest;
using testing::Ran;
using testing::refused;
using testing::toons_picture;

class CompareCommand : public CommandTest {
 protected:
  Ran compare(std::vector<std::string> options) const {
    options.insert(options.begin(), {"compare", "-q", "-t", "simple", toons_picture("cat")});
    return run(options);
  }
};

TEST_F(CompareCommand, MethodsListHasEveryMethodWithItsOptions) {
  const json document = run({"methods", "--json"}).json();
  bool contributions = false;
  for (const json& method : document.at("methods")) {
    for (const char* key : {"name", "family", "summary", "source", "cost"}) {
      EXPECT_FALSE(method.at(key).get<std::string>().empty()) << method;
    }
    contributions = contributions || method.at("name") == "contributions";
  }
  EXPECT_TRUE(contributions);
  const Ran text = run({"methods"});
  EXPECT_EQ(text.status, 0);
  for (const json& method : document.at("methods")) {
    EXPECT_TRUE(contains(text.output, method.at("name").get<std::string>())) << method;
  }
}

TEST_F(CompareCommand, SharesAreThoseOfExplain) {
  const json compared =
      compare({"--class", "cat", "--methods", "contributions,query-key", "--json"}).json();
  const json explained =
      run({"explain", "-q", "-t", "simple", "--class", "cat", "--json", toons_picture("cat")})
          .json();
  ASSERT_EQ(compared.at("methods").size(), 2U);
  EXPECT_EQ(compared.at("methods")[0].at("patches"), explained.at("patches"));
  EXPECT_NEAR(compared.at("value").get<double>(), explained.at("target").at("logit").get<double>(),
              1e-5);
  for (const json& method : compared.at("methods")) {
    EXPECT_LE(std::abs(method.at("residual").get<double>()), 1e-4) << method.at("name");
    EXPECT_LE(std::abs(method.at("removal_correlation").get<double>()), 1) << method.at("name");
  }
  EXPECT_EQ(compared.at("agreement")[0][0].get<double>(), 1);
  EXPECT_EQ(compared.at("agreement")[0][1], compared.at("agreement")[1][0]);
  EXPECT_EQ(compared.at("removal_effects").size(), 144U);
}

TEST_F(CompareCommand, WritesSheetPageAndMaps) {
  const Ran ran = compare({"--class", "cat", "--methods", "contributions,attnlrp,alti",
                           "--no-removal", "-o", path("out")});
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(files_in("out"),
            (std::vector<std::string>{"cat.cat.compared.html", "cat.cat.compared.json",
                                      "cat.cat.compared.npz", "cat.cat.compared.png"}));
  const std::string page = read_text(path("out/cat.cat.compared.html"));
  EXPECT_EQ(first_unbalanced(page), "");
  for (const char* part :
       {"contributions", "attnlrp", "alti", "On one scale", "How far they agree"}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
  const Picture sheet = read_picture(path("out/cat.cat.compared.png"));
  EXPECT_EQ(sheet.width, 4 * 252 + 12);  // the picture and three maps
  EXPECT_TRUE(contains(ran.output, "Rank correlation of the maps"));
}

TEST_F(CompareCommand, WrongListsAndOptionsAreRefused) {
  EXPECT_TRUE(
      refused(compare({"--methods", "gradcam++"}), {"method", "gradcam++", "contributions"}));
  EXPECT_TRUE(refused(compare({"--set", "contributions"}), {"--set", "METHOD.OPTION=VALUE"}));
  EXPECT_TRUE(refused(compare({"--set", "contributions.steps=3"}),
                      {"contributions", "no option \"steps\""}));
  EXPECT_TRUE(refused(compare({"--set", "none.steps=3"}), {"method", "none"}));
}

}  // namespace
}  // namespace whyclip
