#include "whyclip/io/pickle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/errors.h"
#include "tests/unit/io/pytorch_bytes.h"

namespace whyclip {
namespace pickle_test {

using testing::error_of;
using testing::mentions;
namespace pickled = testing::pickled;
using std::string_literals::operator""s;

void allow_all(std::string_view, std::string_view) {}

Pickle parse(const std::string& bytes) {
  return parse_pickle(std::as_bytes(std::span(bytes)), "p.pkl", allow_all);
}

/// The message for an operation sequence that ends with STOP.
std::string refusal(const std::string& operations) {
  return error_of([&] { parse(operations + "."); });
}

TEST(Pickle, ReadsIntegersOfEveryWidth) {
  // struct.pack of the values that pickle.dumps writes with each operation.
  EXPECT_EQ(parse("\x80\x02K\xff."s).top().integer, 255);
  EXPECT_EQ(parse("\x80\x02M\xff\xff."s).top().integer, 65535);
  EXPECT_EQ(parse("\x80\x02J\xfe\xff\xff\xff."s).top().integer, -2);
  EXPECT_EQ(parse("\x80\x02\x8a\x05\x00\x00\x00\x80\x00."s).top().integer, 2147483648);
  EXPECT_EQ(parse("\x80\x02\x8a\x01\xff."s).top().integer, -1);
  EXPECT_EQ(parse("\x80\x02\x8a\x00."s).top().integer, 0);
  EXPECT_EQ(parse("\x80\x02\x8b\x02\x00\x00\x00\x00\x80."s).top().integer, -32768);
  EXPECT_EQ(parse("I-7\n."s).top().integer, -7);
  EXPECT_EQ(parse("L12L\n."s).top().integer, 12);
}

TEST(Pickle, KeepsIntegersOfMoreThan64BitsAsTheirBytes) {
  const std::string file = "\x80\x02\x8a\x09\0\0\0\0\0\0\0\0\1."s;

  const Pickle pickle = parse(file);

  EXPECT_EQ(pickle.top().kind, PickleKind::kLargeInteger);
  EXPECT_EQ(pickle.top().text, "\0\0\0\0\0\0\0\0\1"s);
}

TEST(Pickle, ReadsNumbersTruthValuesAndTexts) {
  EXPECT_EQ(parse("\x80\x02G\x3f\xf8\0\0\0\0\0\0."s).top().number, 1.5);
  EXPECT_EQ(parse("\x80\x02\x88."s).top().integer, 1);
  EXPECT_EQ(parse("I00\n."s).top().kind, PickleKind::kBool);
  EXPECT_EQ(parse("\x80\x02N."s).top().kind, PickleKind::kNone);
  const std::string text = "\x80\x04\x95\x06\0\0\0\0\0\0\0\x8c\x02\xc3\xa9\x94."s;
  EXPECT_EQ(parse(text).top().text, "é");
}

TEST(Pickle, ReadsContainers) {
  const std::string file = pickled::whole(
      pickled::dict({{"a", pickled::tuple({pickled::integer(1), pickled::integer(2)})},
                     {"b", pickled::list({pickled::integer(3)})}}));

  const Pickle pickle = parse(file);

  const auto& items = pickle.top().items;
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(pickle.at(items[0]).text, "a");
  EXPECT_EQ(pickle.at(pickle.at(items[1]).items[1]).integer, 2);
  EXPECT_EQ(pickle.at(pickle.at(items[3]).items[0]).integer, 3);
}

TEST(Pickle, ReturnsTheSameValueForEveryUseOfAMemory) {
  // memory 5: the list [1]; the tuple has it twice
  const Pickle pickle = parse("\x80\x02]q\x05K\x01\x61h\x05\x86."s);

  ASSERT_EQ(pickle.top().kind, PickleKind::kTuple);
  EXPECT_EQ(pickle.top().items[0], pickle.top().items[1]);
}

TEST(Pickle, ReadsAListThatContainsItself) {
  const Pickle pickle = parse("\x80\x02]q\x00h\x00\x61."s);

  EXPECT_EQ(pickle.top().items, std::vector<PickleId>{pickle.root});
}

TEST(Pickle, RecordsCallsWithoutMakingThem) {
  const std::string file = pickled::whole(
      pickled::call(pickled::global("posix", "system"), pickled::tuple({pickled::text("id")})));

  const Pickle pickle = parse(file);

  EXPECT_EQ(pickle.top().kind, PickleKind::kCall);
  EXPECT_EQ(pickle.at(pickle.top().callable).text, "posix");
  EXPECT_EQ(pickle.at(pickle.at(pickle.top().argument).items[0]).text, "id");
}

TEST(Pickle, AsksAboutEveryGlobalBeforeItReadsOn) {
  const auto refuse = [](std::string_view module, std::string_view name) {
    throw Error("check", std::string(module) + "." + std::string(name));
  };
  const std::string old = "cposix\nsystem\n\xff"s, fresh = "\x8c\x02os\x8c\x06system\x93\xff"s;

  for (const auto& [file, expected] : {std::pair{old, "posix.system"}, {fresh, "os.system"}}) {
    const auto call = [&] { parse_pickle(std::as_bytes(std::span(file)), "p.pkl", refuse); };
    EXPECT_TRUE(mentions(error_of(call), {expected}));
  }
}

TEST(Pickle, SaysHowLongItIs) { EXPECT_EQ(parse("\x80\x02K\x01.and more").length, 5u); }

TEST(Pickle, IsRefusedWithThePositionIfItIsNotValid) {
  EXPECT_TRUE(mentions(refusal("t"), {"p.pkl", "byte 0", "no mark"}));
  EXPECT_TRUE(mentions(refusal(""), {"byte 0", "the stack is empty"}));
  EXPECT_TRUE(mentions(refusal("K\x01\x61"), {"byte 2", "the stack is empty"}));
  EXPECT_TRUE(mentions(refusal("h\x09"), {"no memorised value 9"}));
  EXPECT_TRUE(mentions(refusal("}(K\x01u"), {"a key has no value"}));
  EXPECT_TRUE(mentions(refusal("K\x01K\x02R"), {"calls an integer"}));
  EXPECT_TRUE(mentions(refusal("K\x01K\x02\x61"), {"cannot add elements to an integer"}));
  EXPECT_TRUE(mentions(refusal("K\x01K\x02\x62"), {"a state to an integer"}));
  EXPECT_TRUE(mentions(refusal("K\x01K\x02\x93"), {"name of a class is not a text"}));
  EXPECT_TRUE(mentions(refusal("\x80\x07"), {"protocol 7"}));
  EXPECT_TRUE(mentions(refusal("I12x\n"), {"“12x” is not an integer"}));
}

TEST(Pickle, RefusesOperationsThatPyTorchDoesNotWrite) {
  // INST, OBJ, EXT1, NEXT_BUFFER, PERSID, NEWOBJ_EX
  for (const char* operation : {"i", "o", "\x82", "\x97", "P", "\x92", "\xff"}) {
    EXPECT_TRUE(mentions(refusal(operation), {"is not one that PyTorch writes"}));
  }
}

TEST(Pickle, RefusesLengthsBeyondTheFile) {
  EXPECT_TRUE(mentions(refusal("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"), {"18446744073709551615"}));
  EXPECT_TRUE(mentions(refusal("B\0\0\0\x80"s), {"2147483648", "1 are left"}));
  EXPECT_TRUE(mentions(refusal("\x95\x00\x00\x00\x00\x19\x00\x00\x00"s), {"107374182400"}));
  EXPECT_TRUE(mentions(refusal("cposix"), {"no end"}));
}

TEST(Pickle, LimitsTheNumberOfValues) {
  EXPECT_TRUE(mentions(refusal(std::string(2'000'000, 'N')), {"more than 1000000 values"}));
}

TEST(Pickle, LimitsTheNumberOfOperations) {
  EXPECT_TRUE(mentions(refusal(std::string(17'000'000, '(')), {"more than 16000000 operations"}));
}

TEST(Pickle, DoesNotRepeatWhatIsReferredToRepeatedly) {
  // Twenty levels, each a tuple of ten references to the level below: 10^20 leaves.
  std::string file = "K\x01q\0"s;
  for (char level = 0; level < 20; ++level) {
    file += "(";
    for (int i = 0; i < 10; ++i) file += "h"s + level;
    file += "tq"s + char(level + 1);
  }

  EXPECT_EQ(parse(file + ".").values.size(), 21u);
}

}  // namespace pickle_test
}  // namespace whyclip
