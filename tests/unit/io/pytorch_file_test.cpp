// Checkpoints written by PyTorch itself (tools/make_pytorch_files.py): the values are the literals
// there.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/io/file.h"
#include "whyclip/io/safetensors.h"

namespace whyclip {
namespace pytorch_file_test {

using testing::error_of;
using testing::mentions;
using Floats = std::vector<float>;
using Shape = std::vector<std::int64_t>;

std::filesystem::path path_of(const std::string& name) {
  return testing::repository_file("tests/unit/io/pytorch/" + name);
}

TensorFile open(const std::string& name) { return TensorFile::open(path_of(name)); }

std::string refusal(const std::string& name) {
  return error_of([&] { open(name); });
}

Floats values(const TensorFile& file, const std::string& tensor) {
  return to_floats(file.at(tensor), tensor);
}

bool any_note_has(const TensorFile& file, std::string_view part) {
  return std::any_of(file.notes().begin(), file.notes().end(),
                     [&](const std::string& note) { return note.find(part) != note.npos; });
}

/// The same state dict in three formats.
class StateDictOf : public ::testing::TestWithParam<const char*> {};

TEST_P(StateDictOf, HasTheValuesThatWereSaved) {
  const TensorFile file = open(GetParam());

  EXPECT_EQ(values(file, "a.weight"), (Floats{0, .25f, .5f, .75f, 1, 1.25f}));
  EXPECT_EQ(values(file, "a.half"), (Floats{1, -2}));
  EXPECT_EQ(values(file, "a.bfloat"), (Floats{3, -.5f}));
  EXPECT_EQ(values(file, "a.double"), Floats{2.5f});
  EXPECT_EQ(values(file, "a.empty"), Floats{});
  EXPECT_EQ(values(file, "tied.weight"), values(file, "a.weight"));
  EXPECT_EQ(file.tensors().size(), 12u);
}

TEST_P(StateDictOf, HasTheTypesAndShapesThatWereSaved) {
  const TensorFile file = open(GetParam());

  EXPECT_EQ(file.at("a.weight").shape, (Shape{2, 3}));
  EXPECT_EQ(file.at("a.weight").type, DataType::kF32);
  EXPECT_EQ(file.at("a.half").type, DataType::kF16);
  EXPECT_EQ(file.at("a.bfloat").type, DataType::kBF16);
  EXPECT_EQ(file.at("a.double").type, DataType::kF64);
  EXPECT_EQ(file.at("a.double").shape, Shape{});
  EXPECT_EQ(file.at("a.mask").type, DataType::kBool);
  EXPECT_EQ(file.at("a.empty").shape, (Shape{0, 4}));
  const StoredTensor& ids = file.at("a.ids");
  EXPECT_EQ(ids.type, DataType::kI64);
  EXPECT_EQ(ids.shape, (Shape{1, 3}));
  std::vector<std::int64_t> numbers(3);
  ASSERT_EQ(ids.bytes.size(), 24u);
  std::memcpy(numbers.data(), ids.bytes.data(), 24);
  EXPECT_EQ(numbers, (Shape{0, 1, 2}));
}

TEST_P(StateDictOf, HasTheValuesOfViewsInRowMajorOrder) {
  const TensorFile file = open(GetParam());

  EXPECT_EQ(values(file, "view.rows"), (Floats{4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(values(file, "view.columns"), (Floats{1, 2, 5, 6, 9, 10}));
  EXPECT_EQ(file.at("view.transposed").shape, (Shape{4, 3}));
  EXPECT_EQ(values(file, "view.transposed"), (Floats{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}));
  EXPECT_EQ(values(file, "view.expanded"), (Floats{7, 7, 7, 7}));
}

TEST_P(StateDictOf, StoresATiedTensorOnce) {
  const TensorFile file = open(GetParam());

  EXPECT_EQ(file.at("a.weight").bytes.data(), file.at("tied.weight").bytes.data());
}

INSTANTIATE_TEST_SUITE_P(Formats, StateDictOf,
                         ::testing::Values("zip.pt", "protocol_4.pt", "legacy.pt"),
                         [](const auto& case_info) {
                           const std::string name = case_info.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(PytorchFile, IsMappedNotCopied) {
  for (const char* name : {"zip.pt", "legacy.pt"}) {
    const std::vector<std::byte> bytes = read_bytes(path_of(name));

    const TensorFile file = TensorFile::view(bytes, name);

    for (const char* tensor : {"a.weight", "a.half", "view.rows"}) {
      const auto view = file.at(tensor).bytes;
      EXPECT_GE(view.data(), bytes.data()) << name;
      EXPECT_LE(view.data() + view.size(), bytes.data() + bytes.size()) << name;
    }
  }
}

TEST(PytorchFile, IsRecognisedByItsContentNotItsExtension) {
  const testing::TemporaryFolder folder;
  write_file(folder.path() / "a.bin", format_safetensors({{"a", {1}, {7}}}));
  write_file(folder.path() / "b.safetensors", read_bytes(path_of("zip.pt")));

  EXPECT_EQ(TensorFile::open(folder.path() / "a.bin").format(), TensorFormat::kSafetensors);
  EXPECT_EQ(TensorFile::open(folder.path() / "b.safetensors").format(), TensorFormat::kPyTorch);
}

TEST(PytorchFile, KeepsItsCopiesAfterAMove) {
  TensorFile opened = open("zip.pt");
  const TensorFile moved(std::move(opened));

  EXPECT_EQ(values(moved, "view.columns"), (Floats{1, 2, 5, 6, 9, 10}));
}

TEST(PytorchFile, KnowsItsFormat) {
  EXPECT_EQ(open("zip.pt").format(), TensorFormat::kPyTorch);
  EXPECT_EQ(open("legacy.pt").format(), TensorFormat::kPyTorchLegacy);
  EXPECT_EQ(open("script.pt").format(), TensorFormat::kTorchScript);
  EXPECT_EQ(name_of(TensorFormat::kPyTorchLegacy), "PyTorch (legacy)");
}

TEST(PytorchFile, OfATrainingHasTheWeightsWithoutThePrefixOfTheWrapper) {
  const TensorFile file = open("training.pt");

  EXPECT_EQ(values(file, "weight"), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(values(file, "bias"), (Floats{9, 9}));
  EXPECT_EQ(file.tensors().size(), 2u);
  EXPECT_TRUE(any_note_has(file, "the entry “state_dict”; state_dict_ema, optimizer not read"));
  EXPECT_TRUE(any_note_has(file, "removed the prefix “module.”"));
}

TEST(PytorchFile, HasParametersAndTensorsWithAttributes) {
  const TensorFile file = open("parameters.pt");

  EXPECT_EQ(values(file, "plain"), Floats{1});
  EXPECT_EQ(values(file, "marked"), Floats{2});
  EXPECT_EQ(values(file, "tensor"), Floats{3});
  EXPECT_TRUE(any_note_has(file, "ignored 1 entry that is no tensor: version"));
}

TEST(PytorchFile, OfTorchScriptHasTheTensorsOfAllModulesWithDottedNames) {
  const TensorFile file = open("script.pt");

  EXPECT_EQ(values(file, "branches.0.weight"), (Floats{1, 2, 3, 4}));
  EXPECT_EQ(values(file, "branches.1.weight"), (Floats{1, 2, 3, 4}));
  EXPECT_EQ(values(file, "norm.weight"), (Floats{1, 1}));
  EXPECT_EQ(values(file, "norm.bias"), (Floats{0, 0}));
  EXPECT_EQ(file.at("size").type, DataType::kI64);
  EXPECT_EQ(int(file.at("size").bytes[0]), 224);
  EXPECT_EQ(file.tensors().size(), 5u);
}

TEST(PytorchFile, OfAWholeModuleIsRefusedByTheNameOfItsClass) {
  EXPECT_TRUE(
      mentions(refusal("module.pt"), {"module.pt: data.pkl", "torch.nn.modules.linear.Linear",
                                      "nothing was executed", "model.state_dict()"}));
}

TEST(PytorchFile, WithTensorsThatAreNotDenseIsRefusedByTheNameOfTheTensor) {
  EXPECT_TRUE(mentions(refusal("sparse.pt"), {"sparse.pt: tensor a", "sparse tensors"}));
  EXPECT_TRUE(mentions(refusal("quantised.pt"), {"quantised.pt: tensor a", "quantised tensors"}));
  EXPECT_TRUE(mentions(refusal("negated.pt"), {"negated.pt: tensor a", "negates or conjugates"}));
}

}  // namespace pytorch_file_test
}  // namespace whyclip
