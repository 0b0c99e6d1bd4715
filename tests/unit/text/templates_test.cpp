#include "whyclip/text/templates.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/unit/text/support.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"

namespace whyclip::testing {
namespace templates_test {

using Strings = std::vector<std::string>;

class TemplateFile : public ::testing::Test {
 protected:
  std::filesystem::path file(std::string_view content) const {
    write_file(path(), content);
    return path();
  }
  std::filesystem::path path() const { return folder_.path() / "list.txt"; }
  std::string at(const std::string& what) const { return "[" + path().string() + what; }

 private:
  TemporaryFolder folder_;
};

TEST(Templates, ImagenetSetEqualsTheReference) {
  const JsonView golden = JsonView::read(repository_file("tests/golden/toons/prompts.json"));
  EXPECT_EQ(imagenet_templates().templates, golden.at("templates").value().get<Strings>());
  EXPECT_EQ(imagenet_templates().templates.size(), 80u);
}

TEST(Templates, SimpleSetIsOneTemplate) {
  EXPECT_EQ(simple_templates().templates, Strings{"a photo of a {}."});
}

TEST(Templates, SetsAreFoundByName) {
  EXPECT_EQ(find_templates("imagenet").templates.size(), 80u);
  EXPECT_EQ(find_templates("simple").name, "simple");
}

TEST(Templates, UnknownSetListsTheExistingSets) {
  EXPECT_EQ(error_of([] { find_templates("imagnet"); }),
            "[templates] no template set or file has the name \"imagnet\"; the sets are imagenet, "
            "simple");
}

TEST(Templates, EmptyNameIsUnknown) {
  EXPECT_EQ(error_of([] { find_templates(""); }),
            "[templates] no template set or file has the name \"\"; the sets are imagenet, simple");
}

TEST(Templates, FillReplacesThePlaceholder) {
  EXPECT_EQ(fill("a photo of a {}.", "cat"), "a photo of a cat.");
  EXPECT_EQ(fill("{}", "a {} b"), "a {} b");
}

TEST(Templates, PositionOfTheNameIsItsFirstByte) {
  EXPECT_EQ(position_of_name("a photo of a {}."), 13u);
  EXPECT_EQ(position_of_name("{}"), 0u);
}

TEST(Templates, FillRejectsATemplateWithoutPlaceholder) {
  EXPECT_EQ(error_of([] { fill("a photo.", "cat"); }),
            "[template] \"a photo.\" has no {} for the class name");
}

TEST_F(TemplateFile, IsReadLineByLine) {
  const TemplateSet set = read_templates(file("# mine\n\n  a {}. \r\nthe {}"));
  EXPECT_EQ(set.templates, (Strings{"a {}.", "the {}"}));
  EXPECT_EQ(set.name, path().string());
}

TEST_F(TemplateFile, ByteOrderMarkIsSkipped) {
  EXPECT_EQ(read_templates(file("\xEF\xBB\xBFthe {}\n")).templates, Strings{"the {}"});
}

TEST_F(TemplateFile, IsFoundByItsPath) {
  EXPECT_EQ(find_templates(file("the {}\n").string()).templates, Strings{"the {}"});
}

TEST_F(TemplateFile, TemplateWithoutPlaceholderIsReportedWithItsLine) {
  EXPECT_EQ(error_of([&] { read_templates(file("a {}\n\na photo\n")); }),
            at(":3] expected one {} for the class name, got 0 in \"a photo\""));
}

TEST_F(TemplateFile, TemplateWithTwoPlaceholdersIsReportedWithItsLine) {
  EXPECT_EQ(error_of([&] { read_templates(file("a {} and {}\n")); }),
            at(":1] expected one {} for the class name, got 2 in \"a {} and {}\""));
}

TEST_F(TemplateFile, FileWithoutTemplatesIsRejected) {
  EXPECT_EQ(error_of([&] { read_templates(file("")); }), at("] has no template"));
  EXPECT_EQ(error_of([&] { read_templates(file("# nothing\n \n")); }), at("] has no template"));
}

TEST_F(TemplateFile, InvalidUtf8IsReportedWithItsLine) {
  EXPECT_EQ(error_of([&] { read_templates(file("a {}\nb\xFF {}\n")); }),
            at(":2] not valid UTF-8 at byte 1 (0xFF)"));
}

TEST_F(TemplateFile, MissingFileIsNamed) {
  EXPECT_EQ(error_of([&] { read_templates(path()); }).find(at("]")), 0u);
}

TEST_F(TemplateFile, ClassListIsReadLineByLine) {
  EXPECT_EQ(read_class_list(file("cat\n# no dogs\n\n Egyptian Mau \nhot dog, with mustard\n")),
            (Strings{"cat", "Egyptian Mau", "hot dog, with mustard"}));
}

TEST_F(TemplateFile, DuplicateClassesArePreserved) {
  EXPECT_EQ(read_class_list(file("cat\ndog\ncat\n")), (Strings{"cat", "dog", "cat"}));
}

TEST_F(TemplateFile, TemplatesMayBeAJsonArray) {
  EXPECT_EQ(read_templates(file("[\"a {}.\", \"the {}, here\"]")).templates,
            (Strings{"a {}.", "the {}, here"}));
}

TEST_F(TemplateFile, TemplateThatBeginsWithItsPlaceholderIsText) {
  EXPECT_EQ(read_templates(file("{} in the snow\n[{}]\n")).templates,
            (Strings{"{} in the snow", "[{}]"}));
}

TEST_F(TemplateFile, ClassListWithoutNamesIsRejected) {
  EXPECT_EQ(error_of([&] { read_class_list(file("\n")); }), at("] has no class name"));
}

TEST(ClassList, NamesAreSeparatedByCommas) {
  EXPECT_EQ(parse_class_list("cat, hot dog ,bird"), (Strings{"cat", "hot dog", "bird"}));
}

TEST(ClassList, EmptyNameIsRejected) {
  EXPECT_EQ(error_of([] { parse_class_list("cat,,dog"); }),
            "[classes] class 2 of \"cat,,dog\" is empty");
  EXPECT_EQ(error_of([] { parse_class_list("cat,"); }), "[classes] class 2 of \"cat,\" is empty");
  EXPECT_EQ(error_of([] { parse_class_list(""); }), "[classes] class 1 of \"\" is empty");
}

TEST(ClassList, DuplicateNamesArePreserved) {
  EXPECT_EQ(parse_class_list("cat, dog, cat"), (Strings{"cat", "dog", "cat"}));
}

TEST(ClassList, NamesWithCommasAreWrittenInJson) {
  EXPECT_EQ(parse_class_list(R"(["pot, cooking", "cat"])"), (Strings{"pot, cooking", "cat"}));
}

TEST(ClassList, NameInBracketsIsText) {
  EXPECT_EQ(parse_class_list("[cat],dog"), (Strings{"[cat]", "dog"}));
}

}  // namespace templates_test
}  // namespace whyclip::testing
