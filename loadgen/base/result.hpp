#pragma once
// A value or the reason why there is none. For broken environments and user mistakes; failed requests are data (Sample).

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace loadgen {

struct Error {
  std::string message;  ///< what went wrong, where, and what to do about it; one sentence or two, no newline at the end
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT: implicit on purpose, `return value;`
  Result(Error error) : value_(std::move(error)) {}  // NOLINT: implicit on purpose, `return Error{…};`

  bool ok() const { return std::holds_alternative<T>(value_); }
  explicit operator bool() const { return ok(); }
  T& operator*() { return assert(ok()), *std::get_if<T>(&value_); }
  const T& operator*() const { return assert(ok()), *std::get_if<T>(&value_); }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  const std::string& error() const { return assert(!ok()), std::get_if<Error>(&value_)->message; }

 private:
  std::variant<T, Error> value_;
};

}  // namespace loadgen
