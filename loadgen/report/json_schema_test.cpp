#include "report/json_schema.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "report/json.hpp"
#include "report/json_writer.hpp"

namespace loadgen::report::test {

enum class Colour : std::uint8_t { red, blue };

std::string_view to_string(Colour colour) {
  return colour == Colour::red ? "red" : "blue";
}

struct Wheel {
  double radius = 0;
};

struct Cart {
  std::string name;
  Colour colour = Colour::red;
  std::string_view load = "hay";
  std::uint32_t axles = 0;
  std::int64_t debt = 0;
  bool sold = false;
  std::optional<double> price;
  std::optional<Wheel> spare;
  std::optional<Wheel> bell;
  std::vector<Wheel> wheels;
  std::vector<std::string> owners;
  Counts stops{{}, "^[a-z]+$"};
};

template <class Out>
void describe(Out& out, const Wheel& wheel) {
  out("radius", wheel.radius, {"from hub to rim", "m"});
}

template <class Out>
void describe(Out& out, const Cart& cart) {
  static constexpr std::array<std::string_view, 2> kLoads{"hay", "corn"};
  out("kind", Fixed{"cart"}, {"what it is"});
  out("name", cart.name, {"its name"});
  out("colour", Word{cart.colour, Colour::blue, &to_string}, {"its colour"});
  out("load", Choice{cart.load, kLoads}, {"what it carries"});
  out("axles", cart.axles, {"how many", "axles"});
  out("debt", cart.debt, {"what is owed", "pence"});
  out("sold", cart.sold, {"whether"});
  out("price", cart.price, {"null: not for sale", "pence"});
  out("spare", cart.spare, {"null: none"});
  out.if_known("bell", cart.bell, {"no key without it"});
  out("wheels", cart.wheels, {"left to right"});
  out("owners", cart.owners, {"one after the other"});
  out("stops", cart.stops, {"by village"});
  out("extra", Verbatim{R"({"any": 1})"}, {"what else"});
}

}  // namespace loadgen::report::test

namespace loadgen::report {

template <>
inline constexpr std::string_view kDefinition<test::Wheel> = "wheel";

namespace {

using test::Cart;
using test::Colour;

TEST(Described, IsWrittenInItsOrder) {
  Cart cart;
  cart.name = "\xff";
  cart.colour = Colour::blue;
  cart.load = "corn";
  cart.axles = 2;
  cart.debt = -3;
  cart.sold = true;
  cart.spare = test::Wheel{0.5};
  cart.wheels = {{1.5}, {2.5}};
  cart.owners = {"a", "b"};
  cart.stops.members = {{"york", 2}, {"ely", 1}};
  EXPECT_EQ(json_text(cart), R"({
  "kind": "cart",
  "name": "�",
  "colour": "blue",
  "load": "corn",
  "axles": 2,
  "debt": -3,
  "sold": true,
  "price": null,
  "spare": {
    "radius": 0.5
  },
  "wheels": [
    {
      "radius": 1.5
    },
    {
      "radius": 2.5
    }
  ],
  "owners": [
    "a",
    "b"
  ],
  "stops": {
    "york": 2,
    "ely": 1
  },
  "extra": {
    "any": 1
  }
}
)");
}

TEST(Described, WhatMayBeMissingIsWrittenWhenItIsThere) {
  Cart cart;
  cart.bell = test::Wheel{0.1};
  EXPECT_EQ(JsonWriter::of(cart)["bell"], Json::parse(R"({"radius": 0.1})"));
}

TEST(Described, HasASchema) {
  const Json schema = Json::parse(schema_text("a cart", "with wheels", Cart{}));
  EXPECT_EQ(schema, Json::parse(R"({
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "a cart",
    "description": "with wheels",
    "type": "object",
    "properties": {
      "kind": {"description": "what it is", "const": "cart"},
      "name": {"description": "its name", "type": "string"},
      "colour": {"description": "its colour", "enum": ["red", "blue"]},
      "load": {"description": "what it carries", "enum": ["hay", "corn"]},
      "axles": {"description": "how many [axles]", "type": "integer", "minimum": 0},
      "debt": {"description": "what is owed [pence]", "type": "integer"},
      "sold": {"description": "whether", "type": "boolean"},
      "price": {"description": "null: not for sale [pence]", "type": ["number", "null"]},
      "spare": {"description": "null: none", "anyOf": [{"$ref": "#/definitions/wheel"}, {"type": "null"}]},
      "bell": {"description": "no key without it", "allOf": [{"$ref": "#/definitions/wheel"}]},
      "wheels": {"description": "left to right", "type": "array", "items": {"$ref": "#/definitions/wheel"}},
      "owners": {"description": "one after the other", "type": "array", "items": {"type": "string"}},
      "stops": {"description": "by village", "type": "object", "propertyNames": {"pattern": "^[a-z]+$"},
                "additionalProperties": {"type": "integer", "minimum": 0}},
      "extra": {"description": "what else", "type": "object"}
    },
    "required": ["kind", "name", "colour", "load", "axles", "debt", "sold", "price", "spare", "wheels", "owners",
                 "stops", "extra"],
    "additionalProperties": false,
    "definitions": {
      "wheel": {"type": "object", "properties": {"radius": {"description": "from hub to rim [m]", "type": "number"}},
                "required": ["radius"], "additionalProperties": false}
    }
  })"));
}

TEST(Described, TheRunsSchemaDescribesItsFields) {
  const Json schema = Json::parse(run_schema());
  EXPECT_EQ(schema["properties"]["wall_s"]["type"], "number");
  EXPECT_EQ(schema["properties"]["schema"]["const"], "loadgen/run/v1");
  EXPECT_TRUE(schema["definitions"].contains("estimate"));
}

}  // namespace
}  // namespace loadgen::report
