#include "whyclip/io/state_dict.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/errors.h"
#include "tests/unit/io/pytorch_bytes.h"

namespace whyclip {
namespace state_dict_test {

using testing::error_of;
using testing::mentions;
namespace pickled = testing::pickled;
using pickled::dict;
using Names = std::vector<std::string>;

/// A tensor of one value; the storage is not needed to find it.
const std::string kTensor = pickled::tensor(pickled::storage("0", 1), 0, {1}, {1});

StateDict find(const std::string& value) {
  const std::string bytes = pickled::whole(value);
  return find_state_dict(PytorchPickle(std::as_bytes(std::span(bytes)), "w.bin", false));
}

Names names(const StateDict& state) {
  Names found;
  for (const StateDictEntry& entry : state.entries) found.push_back(entry.name);
  return found;
}

std::string refusal(const std::string& value) {
  return error_of([&] { find(value); });
}

TEST(StateDict, IsTheDictionaryItself) {
  const StateDict state = find(dict({{"b.weight", kTensor}, {"a.weight", kTensor}}));

  EXPECT_EQ(names(state), (Names{"b.weight", "a.weight"}));
  EXPECT_TRUE(state.notes.empty());
}

TEST(StateDict, PrefersStateDictToModelAndModelToOthers) {
  const std::string weights = dict({{"a.weight", kTensor}}), other = dict({{"x.y", kTensor}});

  EXPECT_EQ(names(find(dict({{"model", other}, {"state_dict", weights}}))), Names{"a.weight"});
  EXPECT_EQ(names(find(dict({{"encoder", other}, {"model", weights}}))), Names{"a.weight"});
  EXPECT_EQ(names(find(dict({{"module", dict({{"state_dict", weights}})}}))), Names{"a.weight"});
}

TEST(StateDict, IsTheOnlyDictionaryOfTensorsBesideTheStateOfTheTraining) {
  const std::string weights = dict({{"a.weight", kTensor}}), other = dict({{"x", kTensor}});

  const StateDict state =
      find(dict({{"optimizer", other}, {"student", weights}, {"step", kTensor}}));

  EXPECT_EQ(names(state), Names{"a.weight"});
  ASSERT_EQ(state.notes.size(), 1u);
  EXPECT_EQ(state.notes[0], "the weights are the entry “student”; optimizer not read");
}

TEST(StateDict, IsTheAverageOnlyIfThereIsNothingElse) {
  const std::string weights = dict({{"a.weight", kTensor}}), ema = dict({{"e.weight", kTensor}});

  EXPECT_EQ(names(find(dict({{"model_ema", ema}, {"teacher", weights}}))), Names{"a.weight"});
  EXPECT_EQ(names(find(dict({{"model_ema", ema}}))), Names{"e.weight"});
}

TEST(StateDict, IsNotGuessedAmongSeveralDictionaries) {
  const std::string weights = dict({{"a.weight", kTensor}});

  EXPECT_TRUE(mentions(refusal(dict({{"student", weights}, {"teacher", weights}})),
                       {"w.bin", "2 dictionaries of tensors (student, teacher)"}));
}

TEST(StateDict, LosesAPrefixOnlyIfAllNamesHaveIt) {
  EXPECT_EQ(names(find(dict({{"module._orig_mod.a.b", kTensor}, {"module._orig_mod.c", kTensor}}))),
            (Names{"a.b", "c"}));
  EXPECT_EQ(names(find(dict({{"model.a", kTensor}, {"c.d", kTensor}}))), (Names{"model.a", "c.d"}));
}

TEST(StateDict, HasTheLastOfEqualNames) {
  const std::string other = pickled::tensor(pickled::storage("1", 5), 0, {5}, {1});
  const std::string bytes = pickled::whole(dict({{"a.b", kTensor}, {"a.b", other}}));
  const PytorchPickle pickle(std::as_bytes(std::span(bytes)), "w.bin", false);

  const StateDict state = find_state_dict(pickle);

  ASSERT_EQ(state.entries.size(), 1u);
  EXPECT_EQ(pickle.tensor(state.entries[0].tensor, "t").shape, std::vector<std::int64_t>{5});
}

TEST(StateDict, OfPython2IsAListOfPairs) {
  const std::string pairs = pickled::list({pickled::list({pickled::text("a.b"), kTensor})});

  EXPECT_EQ(names(find(pickled::call(pickled::global("collections", "OrderedDict"),
                                     pickled::tuple({pairs})))),
            Names{"a.b"});
}

TEST(StateDict, NamesTheEntriesThatItIgnores) {
  const StateDict state =
      find(dict({{"a.b", kTensor}, {"c", "N"}, {"d", "N"}, {"e", "N"}, {"f", "N"}}));

  ASSERT_EQ(state.notes.size(), 1u);
  EXPECT_EQ(state.notes[0], "ignored 4 entries that are no tensors: c, d, e and 1 more");
}

TEST(StateDict, IsMissingIfThereAreNoTensorsWithNames) {
  EXPECT_TRUE(mentions(refusal(dict({})), {"w.bin", "no tensors"}));
  EXPECT_TRUE(mentions(refusal(kTensor), {"expected a dictionary of tensors, got a tensor"}));
  EXPECT_TRUE(mentions(refusal(pickled::list({kTensor})), {"got a list"}));
  EXPECT_TRUE(mentions(refusal(dict({{"optimizer", dict({{"a", kTensor}})}})),
                       {"the state of a training but no weights"}));
  EXPECT_TRUE(mentions(refusal("}(K\x01" + kTensor + "u"), {"no tensors"}));
}

TEST(StateDict, RefusesNamesThatAreNotText) {
  EXPECT_TRUE(mentions(refusal(dict({{"a\n.b", kTensor}})), {"“a\\x0a.b” is not a name"}));
  EXPECT_TRUE(mentions(refusal(dict({{"\xff.b", kTensor}})), {"“\\xff.b” is not a name"}));
  EXPECT_TRUE(
      mentions(refusal(dict({{std::string(2000, 'a') + ".b", kTensor}})), {"is not a name"}));
}

TEST(StateDict, IsNotFoundInADictionaryThatContainsItself) {
  using std::string_literals::operator""s;

  EXPECT_TRUE(mentions(refusal("}q\x00X\x05\x00\x00\x00modelh\x00s"s), {"no tensors"}));
}

/// A module of a TorchScript archive with these attributes.
std::string module(const std::vector<std::pair<std::string, std::string>>& attributes) {
  return pickled::global("__torch__.M", "N") + ")\x81" + dict(attributes) + "b";
}

StateDict flatten(const std::string& value) {
  const std::string bytes = pickled::whole(value);
  return flatten_module(PytorchPickle(std::as_bytes(std::span(bytes)), "w.bin", true));
}

TEST(ModuleOfTorchScript, HasTheTensorsOfItsSubmodules) {
  const std::string inner = module({{"weight", kTensor}, {"training", "\x88"}});

  EXPECT_EQ(names(flatten(module({{"a", inner}, {"b", module({{"c", inner}})}, {"d", kTensor}}))),
            (Names{"a.weight", "b.c.weight", "d"}));
}

TEST(ModuleOfTorchScript, IsRefusedIfItContainsItself) {
  using std::string_literals::operator""s;
  const std::string cyclic =
      pickled::global("__torch__.M", "N") + ")\x81q\x00}X\x01\x00\x00\x00mh\x00sb"s;

  EXPECT_TRUE(mentions(error_of([&] { flatten(cyclic); }), {"w.bin", "nested too deeply"}));
}

TEST(ModuleOfTorchScript, IsRefusedIfItsSubmodulesAreRepeatedWithoutEnd) {
  using std::string_literals::operator""s;
  // Fifty levels, each with the level below twice: 2^50 tensors.
  std::string value = module({{"w", kTensor}}) + "q\x00"s;
  for (char level = 0; level < 50; ++level) {
    const std::string below = "h"s + level;
    value += "0" + module({{"a", below}, {"b", below}}) + "q"s + char(level + 1);
  }

  EXPECT_TRUE(mentions(error_of([&] { flatten(value); }), {"w.bin", "more than 100000 tensors"}));
}

}  // namespace state_dict_test
}  // namespace whyclip
