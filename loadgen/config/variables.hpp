#pragma once
// ${name}, ${__P(name)}, ${__P(name,default)} and ${env:NAME} in a plan's strings. -J beats the plan's "variables".

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen::config {

/// A string of the plan after its ${…} were replaced.
struct Text {
  std::string value;
  std::string shown;      ///< the same with each ${env:NAME} left as written: the environment holds secrets
  bool replaced = false;  ///< something was; messages then quote the plan's own spelling and never the value
};

/// Text without any ${…}.
inline Text literal(std::string_view text) {
  return Text{.value = std::string(text), .shown = std::string(text), .replaced = false};
}

class Variables {
 public:
  explicit Variables(const std::map<std::string, std::string>& overrides);

  /// A default from the plan; without effect when -J gave the name a value.
  void set_default(const std::string& name, Text text);

  /// `raw` with every ${…} replaced; `\${` stands for the characters "${". Each mistake is added to `errors`.
  Text expand(std::string_view raw, std::vector<std::string>& errors);

  /// Another value that no output may show.
  void add_secret(const std::string& value);

  /// Every value taken from the environment so far, and those added.
  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  Text lookup(std::string_view reference, std::vector<std::string>& errors);
  Text environment(const std::string& name, std::vector<std::string>& errors);
  std::string known() const;

  std::map<std::string, Text, std::less<>> values_;
  std::vector<std::string> overridden_;
  std::vector<std::string> secrets_;
};

}  // namespace loadgen::config
