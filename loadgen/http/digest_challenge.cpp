#include "http/digest_challenge.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/letters.hpp"

namespace loadgen::http {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

/// Reads a list of challenges (RFC 9110 11.6.1) word by word.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  bool at_end() {
    skip([](char c) { return is_space(c) || c == ','; });
    return text_.empty();
  }
  /// Up to a space, a comma or an equals sign; never empty before the end, so that every text comes to its end.
  std::string_view word() {
    const std::size_t size = std::min(text_.find_first_of(" \t,="), text_.size());
    return take(std::max<std::size_t>(size, 1));
  }
  /// Whether a parameter's value follows, which begins now.
  bool equals() {
    skip(is_space);
    if (!text_.starts_with('=')) return false;
    text_.remove_prefix(1);
    skip(is_space);
    return true;
  }
  std::string value() {
    if (text_.starts_with('"')) return quoted();
    return std::string(take(std::min(text_.find_first_of(" \t,"), text_.size())));
  }

 private:
  template <class Is>
  void skip(Is&& is) {
    while (!text_.empty() && is(text_.front())) text_.remove_prefix(1);
  }
  std::string_view take(std::size_t size) {
    const std::string_view taken = text_.substr(0, size);
    text_.remove_prefix(size);
    return taken;
  }
  std::string quoted() {
    std::string out;
    text_.remove_prefix(1);
    while (!text_.empty() && text_.front() != '"') {
      if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
      out.push_back(text_.front());
      text_.remove_prefix(1);
    }
    if (!text_.empty()) text_.remove_prefix(1);
    return out;
  }

  std::string_view text_;
};

/// A challenge as far as it was read.
struct Draft {
  DigestChallenge challenge;
  bool digest = false;   ///< its scheme is Digest
  bool unknown = false;  ///< an algorithm that cannot be computed here
  bool qop = false;      ///< it names some

  bool answerable() const { return digest && !unknown && !challenge.nonce.empty() && (challenge.qop_auth || !qop); }
};

struct AlgorithmRow {
  std::string_view word;
  DigestAlgorithm algorithm;
  bool session;
};
constexpr std::array<AlgorithmRow, 4> kAlgorithms{{{"MD5", DigestAlgorithm::md5, false},
                                                   {"MD5-sess", DigestAlgorithm::md5, true},
                                                   {"SHA-256", DigestAlgorithm::sha256, false},
                                                   {"SHA-256-sess", DigestAlgorithm::sha256, true}}};

void on_algorithm(std::string value, Draft& draft) {
  const auto row = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                [&](const AlgorithmRow& known) { return same_word(known.word, value); });
  draft.unknown = row == kAlgorithms.end();
  if (draft.unknown) return;
  draft.challenge.algorithm = row->algorithm;
  draft.challenge.session = row->session;
  draft.challenge.algorithm_word = std::move(value);
}

void on_qop(const std::string& value, Draft& draft) {
  for (Words words(value); !words.at_end();) {
    draft.qop = true;
    draft.challenge.qop_auth |= same_word(words.word(), "auth");
  }
}

struct Parameter {
  std::string_view name;
  void (*store)(std::string value, Draft&);
};
constexpr std::array<Parameter, 6> kParameters{{
    {"realm", [](std::string value, Draft& draft) { draft.challenge.realm = std::move(value); }},
    {"nonce", [](std::string value, Draft& draft) { draft.challenge.nonce = std::move(value); }},
    {"opaque", [](std::string value, Draft& draft) { draft.challenge.opaque = std::move(value); }},
    {"stale", [](std::string value, Draft& draft) { draft.challenge.stale = same_word(value, "true"); }},
    {"algorithm", &on_algorithm},
    {"qop", [](std::string value, Draft& draft) { on_qop(value, draft); }},
}};

std::optional<DigestChallenge> find_in(std::string_view line) {
  Draft draft;
  for (Words words(line); !words.at_end();) {
    const std::string_view word = words.word();
    if (!words.equals()) {  // the name of the next challenge's scheme
      if (draft.answerable()) break;
      draft = Draft{.challenge = {}, .digest = same_word(word, "Digest")};
      continue;
    }
    std::string value = words.value();
    for (const Parameter& parameter : kParameters)
      if (same_word(parameter.name, word)) parameter.store(std::move(value), draft);
  }
  if (!draft.answerable()) return std::nullopt;
  return std::move(draft.challenge);
}

}  // namespace

std::optional<DigestChallenge> find_challenge(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t size = std::min(lines.find('\n'), lines.size());
    if (auto found = find_in(lines.substr(0, size))) return found;
    lines.remove_prefix(std::min(size + 1, lines.size()));
  }
  return std::nullopt;
}

}  // namespace loadgen::http
