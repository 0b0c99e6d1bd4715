// Malformed and malicious checkpoints: each gives one line, and nothing in them is executed.

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/io/pytorch_bytes.h"
#include "whyclip/core/memory.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace pytorch_hostile_test {

using testing::checkpoint_files;
using testing::checkpoint_of;
using testing::error_of;
using testing::float_bytes;
using testing::legacy_checkpoint_of;
using testing::mentions;
using testing::pytorch_view_of;
using testing::zip_of;
namespace pickled = testing::pickled;
using pickled::dict;
using pickled::integer;
using pickled::storage;
using pickled::tensor;
using pickled::tuple;
using pickled::whole;
using std::string_literals::operator""s;

const std::string kSix = float_bytes({0, 1, 2, 3, 4, 5});

std::string refusal(const std::string& file) {
  return error_of([&] { pytorch_view_of(file); });
}

/// The message for a checkpoint with this tensor "a.b" and a storage of six values.
std::string refusal_of_tensor(const std::string& value) {
  return refusal(checkpoint_of(whole(dict({{"a.b", value}})), {kSix}));
}

/// A pickle that calls a function when Python reads it.
std::string calling(const char* module, const char* name) {
  return pickled::call(pickled::global(module, name), tuple({pickled::text("id")}));
}

TEST(HostilePytorchFile, IsAcceptedIfNothingIsWrong) {
  const TensorFile zip = pytorch_view_of(checkpoint_of(whole(pickled::one_tensor()), {kSix}));
  const std::string legacy =
      legacy_checkpoint_of(whole(pickled::one_tensor()), {{"0", {0, 1, 2, 3, 4, 5}}});

  EXPECT_EQ(zip.tensors().size(), 1u);
  EXPECT_EQ(to_floats(pytorch_view_of(legacy).at("a.weight"), ""),
            (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST(HostilePytorchFile, IsRefusedByTheNameOfTheFunctionThatItWouldCall) {
  for (const auto& [module, name] : {std::pair{"posix", "system"},
                                     {"os", "system"},
                                     {"builtins", "eval"},
                                     {"subprocess", "Popen"},
                                     {"__builtin__", "getattr"},
                                     {"torch.storage", "_load_from_bytes"},
                                     {"torch", "load"},
                                     {"torch.hub", "load"},
                                     {"__torch__", "M"},
                                     {"torch.nn.modules.linear", "Linear"}}) {
    const std::string global = module + "."s + name, call = calling(module, name);
    EXPECT_TRUE(mentions(refusal(checkpoint_of(whole(call), {})),
                         {"w.bin: data.pkl", global, "nothing was executed"}));
    EXPECT_TRUE(mentions(refusal_of_tensor(call), {"w.bin: data.pkl", global}));
    EXPECT_TRUE(mentions(refusal(legacy_checkpoint_of(whole(call), {})), {"w.bin]", global}));
    EXPECT_TRUE(mentions(refusal(whole(call)), {"w.bin]", "not a PyTorch checkpoint", global}));
  }
}

TEST(HostilePytorchFile, WarnsOfFunctionsThatRunPrograms) {
  EXPECT_TRUE(mentions(refusal(whole(calling("posix", "system"))), {"can run programs"}));
}

TEST(HostilePytorchFile, IsRefusedIfTheCallIsBesideTheWeights) {
  const std::string file = checkpoint_of(
      whole(dict({{"state_dict", pickled::one_tensor()}, {"x", calling("os", "remove")}})), {kSix});

  EXPECT_TRUE(mentions(refusal(file), {"w.bin: data.pkl", "os.remove"}));
}

TEST(HostilePytorchFile, ShowsAFunctionWithControlCharactersInOneLine) {
  EXPECT_TRUE(mentions(refusal("\x80\x04\x8c\x04\x1b[2J\x8c\x03"
                               "a\nb\x93."s),
                       {"\\x1b[2J.a\\x0ab"}));
}

TEST(HostilePytorchFile, NamesTheTensorWhoseDescriptionIsNotValid) {
  const std::string six = storage("0", 6);
  EXPECT_TRUE(
      mentions(refusal_of_tensor(tensor(six, 0, {7}, {1})), {"w.bin: tensor a.b", "7", "6"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(six, 5, {2}, {1})), {"tensor a.b", "7", "6"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(six, -1, {1}, {1})), {"tensor a.b", "not valid"}));
  EXPECT_TRUE(
      mentions(refusal_of_tensor(tensor(six, 0, {2, 3}, {3})), {"tensor a.b", "not valid"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(storage("0", 7), 0, {1}, {1})),
                       {"tensor a.b", "storage 0", "24 bytes", "7 values"}));
  EXPECT_TRUE(
      mentions(refusal_of_tensor(tensor(storage("0", -1), 0, {1}, {1})), {"data.pkl", "-1"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(storage("9", 6), 0, {1}, {1})),
                       {"tensor a.b", "data/9", "missing"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(storage("../data.pkl", 1), 0, {1}, {1})),
                       {"tensor a.b", "missing"}));
  EXPECT_TRUE(
      mentions(refusal_of_tensor(tensor(storage("0", 1, "ComplexFloatStorage"), 0, {1}, {1})),
               {"tensor a.b", "complex64"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor("N", 0, {1}, {1})),
                       {"tensor a.b", "expected a storage, got None"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor("NQ", 0, {1}, {1})), {"not a storage"}));
  EXPECT_TRUE(mentions(
      refusal_of_tensor(pickled::call(pickled::global("torch._utils", "_rebuild_tensor_v2"), "N")),
      {"tensor a.b", "0 arguments"}));
}

TEST(HostilePytorchFile, ClaimsOf100GigabytesAreRefused) {
  const std::string six = storage("0", 6);
  constexpr std::int64_t kMany = 25'000'000'000;
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(storage("0", kMany), 0, {kMany}, {1})),
                       {"tensor a.b", "24 bytes", "25000000000"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(six, 0, {kMany}, {0})),
                       {"tensor a.b", "100000000000 bytes"}));
  EXPECT_TRUE(mentions(refusal_of_tensor(tensor(six, 0, {kMany, kMany}, {0, 0})), {"overflow"}));
  EXPECT_TRUE(mentions(
      refusal(legacy_checkpoint_of(
          whole(dict({{"a.b", tensor(storage("0", kMany), 0, {kMany}, {1})}})), {{"0", {1, 2}}})),
      {"w.bin]", "storage 0", "2 values", "25000000000"}));
  const std::string expanded = tensor(six, 0, {500, 500}, {0, 0});
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 100; ++i) {
    many.emplace_back("t." + std::to_string(i), tensor(six, 0, {500, 500 + i}, {0, 0}));
  }
  EXPECT_TRUE(
      mentions(refusal(checkpoint_of(whole(dict(many)), {kSix})), {"tensor t.1", "allows"}));
}

TEST(HostilePytorchFile, WithAZipBombIsRefused) {
  const std::string zeros(std::size_t{64} << 20, '\0');
  const std::int64_t count = std::int64_t(zeros.size() / 4);
  auto files = checkpoint_files(
      whole(dict({{"a.b", tensor(storage("0", count), 0, {count}, {1})}})), {zeros});
  files[1].deflated = true;

  EXPECT_TRUE(
      mentions(refusal(zip_of(files)), {"tensor a.b", "data/0", "67108864 bytes", "plausible"}));
}

TEST(HostilePytorchFile, WithCompressedEntriesIsReadIfTheyAreOfPlausibleSize) {
  auto files = checkpoint_files(whole(pickled::one_tensor()), {kSix + std::string(1000, '\0')});
  for (auto& file : files) file.deflated = true;
  const std::string bytes = zip_of(files);

  EXPECT_EQ(to_floats(pytorch_view_of(bytes).at("a.weight"), ""),
            (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST(HostilePytorchFile, InsideAnotherArchiveIsRefused) {
  const std::string inner = checkpoint_of(whole(pickled::one_tensor()), {kSix});

  EXPECT_TRUE(mentions(refusal(zip_of({{"model/weights.pt", inner}})),
                       {"a zip archive without data.pkl", "model/weights.pt", "unpack"}));
  EXPECT_TRUE(mentions(refusal(zip_of({{"a.npy", ""}})), {"a NumPy archive"}));
  EXPECT_TRUE(mentions(refusal(zip_of({{"a/data.pkl", ""}, {"b/data.pkl", ""}})), {"several"}));
}

TEST(HostilePytorchFile, OfABigEndianMachineIsRefused) {
  auto files = checkpoint_files(whole(pickled::one_tensor()), {kSix});
  files.push_back({"archive/byteorder", "big"});
  const std::string legacy = legacy_checkpoint_of(whole(pickled::one_tensor()), {});
  std::string big = legacy;
  big[big.find("little_endian") + 13] = '\x89';

  EXPECT_TRUE(mentions(refusal(zip_of(files)), {"w.bin: byteorder", "expected little, got big"}));
  EXPECT_TRUE(mentions(refusal(big), {"w.bin", "big-endian"}));
}

TEST(HostilePytorchFile, WithOneStorageOfTwoTypesIsRefused) {
  const std::string file =
      checkpoint_of(whole(dict({{"a.b", tensor(storage("0", 6), 0, {6}, {1})},
                                {"a.c", tensor(storage("0", 12, "HalfStorage"), 0, {12}, {1})}})),
                    {kSix});

  EXPECT_TRUE(mentions(refusal(file), {"storage 0", "6 values of float32", "12 of float16"}));
}

TEST(HostilePytorchFile, OfTheLegacyFormatNamesTheStorageThatIsWrong) {
  const std::string pickle = whole(pickled::one_tensor());
  EXPECT_TRUE(
      mentions(refusal(legacy_checkpoint_of(pickle, {{"1", {1}}})), {"storage 1 is unknown"}));
  EXPECT_TRUE(mentions(refusal(legacy_checkpoint_of(pickle, {{"0", {1, 2}}})),
                       {"storage 0 has 2 values, its tensors say 6"}));
  EXPECT_TRUE(
      mentions(refusal(legacy_checkpoint_of(pickle, {})), {"a.weight", "storage 0 is missing"}));
  EXPECT_TRUE(mentions(refusal(whole(integer(5))), {"a Python pickle of another program"}));
}

TEST(HostilePytorchFile, ReadsTheViewOfAStorageInTheLegacyFormat) {
  // Values 2 to 5 of a storage of six, as PyTorch 0.3 wrote views.
  const std::string view =
      tuple({pickled::text("storage"), pickled::global("torch", "FloatStorage"), pickled::text("0"),
             pickled::text("cpu"), integer(6),
             tuple({pickled::text("1"), integer(2), integer(4)})}) +
      "Q";
  const auto file = [&](std::int64_t count) {
    return legacy_checkpoint_of(whole(dict({{"a.b", tensor(view, 1, {count}, {1})}})),
                                {{"0", {0, 1, 2, 3, 4, 5}}});
  };
  const std::string valid = file(3);

  EXPECT_EQ(to_floats(pytorch_view_of(valid).at("a.b"), ""), (std::vector<float>{3, 4, 5}));
  EXPECT_TRUE(mentions(refusal(file(4)), {"tensor a.b", "5 values", "has 4"}));
}

TEST(HostilePytorchFile, OfAnotherFormatIsRefusedByTheNameOfTheFormat) {
  EXPECT_TRUE(mentions(refusal("GGUF\3\0\0\0\1\0\0\0\0\0\0\0"s), {"a GGUF checkpoint"}));
  EXPECT_TRUE(mentions(refusal("\x1f\x8b\x08 and so on"), {"a gzip file"}));
}

TEST(HostilePytorchFile, InTheTarFormatIsRefused) {
  std::string tar(512, '\0');
  tar.replace(0, 8, "sys_info");
  tar.replace(257, 5, "ustar");

  EXPECT_TRUE(mentions(refusal(tar), {"w.bin", "tar format"}));
  EXPECT_TRUE(mentions(refusal(std::string(257, 'x') + "ustar" + std::string(300, 'x')),
                       {"a tar archive"}));
}

/// Small files of both formats; the fuzz tests change them.
std::vector<std::string> whole_files() {
  std::vector<std::string> files;
  for (const char* name : {"zip.pt", "legacy.pt", "training.pt", "script.pt"}) {
    files.push_back(read_text(testing::repository_file("tests/unit/io/pytorch/"s + name)));
  }
  auto compressed = checkpoint_files(whole(pickled::one_tensor()), {kSix});
  for (auto& file : compressed) file.deflated = true;
  files.push_back(zip_of(compressed));
  return files;
}

/// Reads the file and all its values. Returns whether it was refused; expects one line that names
/// the file if so.
bool is_refused(const std::string& bytes) {
  try {
    const TensorFile file = pytorch_view_of(bytes);
    for (const auto& [name, stored] : file.tensors()) {
      EXPECT_EQ(std::int64_t(stored.bytes.size()), stored.count() * size_of(stored.type));
      unsigned all = 0;
      for (const std::byte byte : stored.bytes) all += unsigned(byte);
      EXPECT_LE(all, 255 * stored.bytes.size());
    }
    return false;
  } catch (const Error& error) {
    EXPECT_TRUE(mentions(error.what(), {"w.bin"}));
    return true;
  }
}

TEST(HostilePytorchFile, IsRefusedAtAnyShorterLength) {
  for (const std::string& file : whole_files()) {
    for (std::size_t length = 0; length < file.size(); ++length) {
      ASSERT_TRUE(is_refused(file.substr(0, length))) << length << " of " << file.size();
    }
  }
}

TEST(HostilePytorchFile, WithRandomBytesIsReadOrRefusedWithBoundedMemory) {
  std::mt19937 random(20261201);
  const std::vector<std::string> files = whole_files();
  int refused = 0;
  constexpr int kRounds = 10'000;
  for (int round = 0; round < kRounds; ++round) {
    std::string file = files[std::size_t(round) % files.size()];
    for (int flip = 0; flip < 1 + round % 5; ++flip) {
      file[random() % file.size()] = static_cast<char>(random() % 256);
    }
    refused += is_refused(file);
  }
  // About half of the bytes are padding or values, where a change is no error.
  EXPECT_GT(refused, kRounds / 5);
  EXPECT_LT(refused, kRounds);
  EXPECT_LT(peak_memory(), std::size_t{2} << 30);
}

}  // namespace pytorch_hostile_test
}  // namespace whyclip
