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

constexpr Kind<CredentialsDraft> user() {
  return {
      [] {
        Json schema = credential_schema();
        schema["pattern"] = fmt::format("^[^:]*$|{}", kVariablePattern);
        return schema;
      },
      [](Reader& reader, const Node& node, CredentialsDraft& who) {
        who.user = credential(reader, node).value_or("");
        if (who.user.find(':') != std::string::npos)  // RFC 7617 2 and RFC 7616 3.4.2: what comes next begins behind it
          reader.problem(node, "has a ':', which ends the name of a user in Basic and in Digest authentication");
      },
      [](const http::DigestCredentials&) { return Json(); }};
}

constexpr Kind<CredentialsDraft> password() {
  return {credential_schema,
          [](Reader& reader, const Node& node, CredentialsDraft& who) {
            who.password = credential(reader, node).value_or("");
            reader.variables().add_secret(who.password);
          },
          [](const http::DigestCredentials&) { return Json(); }};
}

/// nullopt and a problem where they are not an object.
std::optional<http::DigestCredentials> credentials(Reader& reader, const Node& node) {
  CredentialsDraft who;
  if (node.kind == Node::Kind::object) {
    read_object(reader, node, credentials_keys(), who);
    return who;
  }
  reader.problem(node, R"(expected an object: { "user": "me", "password": "${env:PASSWORD}" })");
  return std::nullopt;
}

constexpr Kind<AuthDraft> basic() {
  return {[] { return reference("credentials"); },
          [](Reader& reader, const Node& node, AuthDraft& auth) {
            const auto who = credentials(reader, node).value_or(http::DigestCredentials{});
            auth.authorization = "Basic " + http::base64(who.user + ':' + who.password);
          },
          [](const AuthDraft&) { return Json(); }};
}

constexpr Kind<AuthDraft> digest() {
  return {[] { return reference("credentials"); },
          [](Reader& reader, const Node& node, AuthDraft& auth) {
            auth.digest = credentials(reader, node);
            if (const std::string why = http::DigestHashes::why_unavailable(); !why.empty()) reader.problem(node, why);
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
    Key<AuthDraft>{"digest", digest(),
                   "User and password, of which each user tells a hash once the server has asked with a 401, and with "
                   "every request after that (RFC 7616); MD5 and SHA-256, qop auth or none."},
    Key<AuthDraft>{"bearer", bearer(), "A token, sent with every request (RFC 6750); no output shows it.", "none"},
};

constexpr std::array kCredentialsKeys{
    Key<CredentialsDraft>{"user", user(), "The name of the user.", "none"},
    Key<CredentialsDraft>{"password", password(), "The password; no output shows it.", "none"},
};

constexpr std::array<std::string_view, 3> kSchemes{"basic", "digest", "bearer"};
constexpr std::array<std::string_view, 1> kUser{"user"};
constexpr std::array<std::string_view, 1> kPassword{"password"};
constexpr std::array<Rule, 1> kAuthRules{{{Rule::Want::exactly_one, kSchemes}}};
constexpr std::array<Rule, 2> kCredentialsRules{
    {{Rule::Want::exactly_one, kUser}, {Rule::Want::exactly_one, kPassword}}};

}  // namespace

const ObjectKeys<AuthDraft>& auth_keys() {
  static constexpr ObjectKeys<AuthDraft> object{.noun = "auth",
                                                .definition = "auth",
                                                .doc = "Who a request says it is from, in its Authorization header.",
                                                .keys = kAuthKeys,
                                                .rules = {.rules = kAuthRules}};
  return object;
}

const ObjectKeys<CredentialsDraft>& credentials_keys() {
  static constexpr ObjectKeys<CredentialsDraft> object{.noun = "a user",
                                                       .definition = "credentials",
                                                       .doc = "User and password.",
                                                       .keys = kCredentialsKeys,
                                                       .rules = {.rules = kCredentialsRules}};
  return object;
}

AuthDraft read_auth(Reader& reader, const Node& node) {
  AuthDraft auth;
  if (node.kind == Node::Kind::object)
    read_object(reader, node, auth_keys(), auth);
  else
    reader.problem(node, R"(expected an object: { "basic": { "user": "me", "password": "${env:PASSWORD}" } } or )"
                         R"({ "bearer": "${env:TOKEN}" }; "digest" stands like "basic")");
  return auth;
}

// schema.cpp shows values without a key, for their defaults
template Json show_object(const ObjectKeys<AuthDraft>&, const AuthDraft&);
template Json show_object(const ObjectKeys<CredentialsDraft>&, const http::DigestCredentials&);

}  // namespace loadgen::config
