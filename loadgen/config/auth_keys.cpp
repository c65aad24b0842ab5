// The keys of auth.

#include <fmt/format.h>

#include "config/kinds.hpp"
#include "config/objects.hpp"
#include "http/base64.hpp"

namespace loadgen::config {
namespace {

/// A text that becomes part of a header's value and that no message repeats; nullopt and a problem when it cannot.
std::optional<std::string> credential(Reader& reader, const Node& node) {
  if (node.kind != Node::Kind::string) {
    reader.problem(node, "expected a string");
    return std::nullopt;
  }
  const std::optional<Text> text = reader.text(node);
  if (!text) return std::nullopt;
  const std::string mistake = header_mistake({"Authorization", text->value}, Side::request);
  if (mistake.empty()) return text->value;
  reader.problem(node, mistake);
  return std::nullopt;
}

Json credential_schema() {
  return {{"type", "string"}, {"not", {{"pattern", kLineBreakers}}}};
}

constexpr Kind<BasicDraft> user() {
  return {[] {
            Json schema = credential_schema();
            schema["pattern"] = fmt::format("^[^:]*$|{}", kVariablePattern);
            return schema;
          },
          [](Reader& reader, const Node& node, BasicDraft& basic) {
            basic.user = credential(reader, node).value_or("");
            if (basic.user.find(':') != std::string::npos)  // RFC 7617 2: the password begins behind the first
              reader.problem(node, "has a ':', which ends the name of a user in Basic authentication");
          },
          [](const BasicDraft&) { return Json(); }};
}

constexpr Kind<BasicDraft> password() {
  return {credential_schema,
          [](Reader& reader, const Node& node, BasicDraft& basic) {
            basic.password = credential(reader, node).value_or("");
            reader.variables().add_secret(basic.password);
          },
          [](const BasicDraft&) { return Json(); }};
}

constexpr Kind<AuthDraft> basic() {
  return {[] { return reference("basic"); },
          [](Reader& reader, const Node& node, AuthDraft& auth) {
            BasicDraft basic;
            if (node.kind == Node::Kind::object)
              read_object(reader, node, basic_keys(), basic);
            else
              reader.problem(node, R"(expected an object: { "user": "me", "password": "${env:PASSWORD}" })");
            auth.authorization = "Basic " + http::base64(basic.user + ':' + basic.password);
          },
          [](const AuthDraft&) { return Json(); }};
}

constexpr Kind<AuthDraft> bearer() {
  return {[] {
            Json schema = credential_schema();
            schema["minLength"] = 1;
            return schema;
          },
          [](Reader& reader, const Node& node, AuthDraft& auth) {
            const std::optional<std::string> token = credential(reader, node);
            if (token && token->empty()) reader.problem(node, "the token is empty; write one or take the key away");
            if (!token) return;
            reader.variables().add_secret(*token);
            auth.authorization = "Bearer " + *token;
          },
          [](const AuthDraft&) { return Json(); }};
}

constexpr std::array kAuthKeys{
    Key<AuthDraft>{"basic", basic(), "User and password, sent with every request without being asked (RFC 7617)."},
    Key<AuthDraft>{"bearer", bearer(), "A token, sent with every request (RFC 6750); no output shows it.", "none"},
};

constexpr std::array kBasicKeys{
    Key<BasicDraft>{"user", user(), "The name of the user.", "none"},
    Key<BasicDraft>{"password", password(), "The password; no output shows it.", "none"},
};

constexpr std::array<std::string_view, 2> kBasicOrBearer{"basic", "bearer"};
constexpr std::array<std::string_view, 1> kUser{"user"};
constexpr std::array<std::string_view, 1> kPassword{"password"};
constexpr std::array<Rule, 1> kAuthRules{{{Rule::Want::exactly_one, kBasicOrBearer}}};
constexpr std::array<Rule, 2> kBasicRules{{{Rule::Want::exactly_one, kUser}, {Rule::Want::exactly_one, kPassword}}};
constexpr std::array<ReservedKey, 1> kReservedInAuth{{
    {"digest", "Digest authentication is not supported by this version; use \"basic\" or \"bearer\""},
}};

}  // namespace

const ObjectKeys<AuthDraft>& auth_keys() {
  static constexpr ObjectKeys<AuthDraft> object{.noun = "auth",
                                                .definition = "auth",
                                                .doc = "Who a request says it is from: its Authorization header.",
                                                .keys = kAuthKeys,
                                                .rules = {.rules = kAuthRules, .reserved = kReservedInAuth}};
  return object;
}

const ObjectKeys<BasicDraft>& basic_keys() {
  static constexpr ObjectKeys<BasicDraft> object{.noun = "basic",
                                                 .definition = "basic",
                                                 .doc = "User and password.",
                                                 .keys = kBasicKeys,
                                                 .rules = {.rules = kBasicRules}};
  return object;
}

std::string read_auth(Reader& reader, const Node& node) {
  AuthDraft auth;
  if (node.kind == Node::Kind::object)
    read_object(reader, node, auth_keys(), auth);
  else
    reader.problem(node, R"(expected an object: { "basic": { "user": "me", "password": "${env:PASSWORD}" } } or )"
                         R"({ "bearer": "${env:TOKEN}" })");
  return auth.authorization;
}

// schema.cpp shows values without a key, for their defaults
template Json show_object(const ObjectKeys<AuthDraft>&, const AuthDraft&);
template Json show_object(const ObjectKeys<BasicDraft>&, const BasicDraft&);

}  // namespace loadgen::config
