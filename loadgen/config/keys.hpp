#pragma once
// The plan's keys: one row each, in keys.cpp, segments.cpp and the files *_keys.cpp. The parser, the JSON Schema and
// the resolved plan all walk these tables, so to add a key, add a row (and a member to plan.hpp for the row to fill).

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/plan.hpp"
#include "config/reader.hpp"
#include "config/rules.hpp"

namespace loadgen::config {

using Json = nlohmann::ordered_json;

// A draft is a value of plan.hpp while it is read: with it stands what a later step of parsing still needs.

struct ExpectDraft : Expect {
  using Value = Expect;
};

struct HttpDraft : HttpSettings {
  using Value = HttpSettings;
};

struct TlsDraft : TlsSettings {
  using Value = TlsSettings;
};

struct AddressDraft : AddressSettings {
  using Value = AddressSettings;
};

struct CredentialsDraft : http::DigestCredentials {
  using Value = http::DigestCredentials;
};

struct FieldDraft : http::FormField {
  using Value = http::FormField;
};

/// "auth" becomes a header where it stands, and is then merged as headers are; but for Digest, which waits to be asked.
struct AuthDraft {
  using Value = AuthDraft;
  std::string authorization;  ///< the header's value; empty: none was read
  std::optional<http::DigestCredentials> digest;
};

struct StepDraft : Step {
  using Value = Step;
  const Node* node = nullptr;      ///< the step
  const Node* location = nullptr;  ///< the value of "get", "post", …
  Text path;                       ///< path or whole URL
  AuthDraft auth;
  const Node* form = nullptr;     ///< the value of "multipart"
  bool json_body = false;         ///< the content type is JSON unless a header says otherwise
  std::optional<Duration> pause;  ///< its own think_time
};

/// One element of "arrivals", which may stand for several segments: steps, and a spike with its flanks.
struct SegmentDraft {
  using Value = load::Segment;
  const Node* node = nullptr;
  std::optional<double> rate, from, to, spike, base, mean, amplitude;  ///< a second
  std::optional<Duration> length, over, each, before, after, rise, fall, period;
  std::optional<std::uint32_t> steps;
};

struct GroupDraft : ThreadGroup {
  using Value = ThreadGroup;
  const Node* node = nullptr;
  bool loops_given = false;
  std::vector<http::Header> headers;
  AuthDraft auth;
  std::optional<Duration> think_time;
  std::vector<StepDraft> step_drafts;
  std::vector<SegmentDraft> segment_drafts;
};

struct ThresholdDraft {
  const Node* node = nullptr;  ///< nullptr: of the command line
  Threshold threshold;
};

struct PlanDraft : Plan {
  using Value = Plan;
  const Node* node = nullptr;
  const Node* target_node = nullptr;
  const Node* http_node = nullptr;
  std::vector<http::Header> headers;
  AuthDraft auth;
  std::optional<Duration> think_time;
  std::vector<GroupDraft> group_drafts;
  std::vector<ThresholdDraft> threshold_drafts;
};

/// How one kind of value is described, stored and shown again.
template <class Draft>
struct Kind {
  Json (*schema)();  ///< type, pattern, limits; the row's doc and default are added to it
  void (*store)(Reader&, const Node&, Draft&);
  Json (*show)(const typename Draft::Value&);  ///< as a plan would spell it; null when there is nothing to show
};

template <class Draft>
struct Key {
  std::string_view name;
  Kind<Draft> kind;
  std::string_view doc;            ///< one sentence for the schema and the editor's tooltip
  std::string_view fallback = "";  ///< the default in words, where it is not a fixed value of plan.hpp
};

template <class Draft>
struct ObjectKeys {
  std::string_view noun;        ///< "a step", for messages
  std::string_view definition;  ///< "step", in the schema
  std::string_view doc;
  std::span<const Key<Draft>> keys;
  Rules rules;
};

const ObjectKeys<PlanDraft>& plan_keys();
const ObjectKeys<GroupDraft>& group_keys();
const ObjectKeys<SegmentDraft>& segment_keys();
const ObjectKeys<StepDraft>& step_keys();
const ObjectKeys<FieldDraft>& field_keys();
const ObjectKeys<ExpectDraft>& expect_keys();
const ObjectKeys<HttpDraft>& http_keys();
const ObjectKeys<TlsDraft>& tls_keys();
const ObjectKeys<AddressDraft>& address_keys();
const ObjectKeys<AuthDraft>& auth_keys();
const ObjectKeys<CredentialsDraft>& credentials_keys();

/// What is wrong with settings that are right one by one; empty: nothing.
std::string http_mistake(const HttpSettings& http);

/// Limits that the command line's overrides share with the plan's keys.
inline constexpr Range<std::uint64_t> kUsers{1, 1'000'000};
inline constexpr Range<std::uint64_t> kLoops{1, 1'000'000'000'000};
inline constexpr Range<std::uint64_t> kInFlight{1, 1'000'000};
inline constexpr Range<std::uint64_t> kConnections{0, kInFlight.max};
inline constexpr Range<std::uint64_t> kSeed{0, (1ULL << 53) - 1};  ///< what every reader of JSON keeps exactly
inline constexpr Range<std::uint64_t> kStreams{1, 10'000};
inline constexpr Range<double> kRate{0, 1e7};                      ///< arrivals a second: beyond any one machine
inline constexpr Range<Duration> kAnyTime{Duration::zero(), std::chrono::hours(24 * 365)};
inline constexpr Range<Duration> kSomeTime{Duration(1), kAnyTime.max};

/// One object of the plan into `draft`: every key through its row, then the rules.
template <class Draft>
void read_object(Reader& reader, const Node& node, const ObjectKeys<Draft>& object, Draft& draft);

/// No problem repeats what stands there.
AuthDraft read_auth(Reader& reader, const Node& node);

/// The rows' values as an object of the plan's syntax.
template <class Draft>
Json show_object(const ObjectKeys<Draft>& object, const typename Draft::Value& value);

/// The methods a step may have: key in the plan, word in the request.
struct Method {
  std::string_view key;
  std::string_view name;
};
std::span<const Method> methods();

}  // namespace loadgen::config
