#pragma once
// Values as bytes and back, by one description of each struct: `archive(a, b, c)` appends the three to a ByteWriter and
// fills them in from a ByteReader. A struct is described by a function that both find by its argument,
//
//   template <class Archive> void fields(Archive& archive, Is<Point> auto& point) {
//     auto& [x, y] = point;  // every member, or it does not compile: none can be forgotten
//     archive(x, y);
//   }
//
// Whole numbers are LEB128, those with a sign zigzag before it; a double is its eight bytes, the lowest first; text,
// lists and blobs have their size before them.

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace loadgen::stats {

template <class T, class Value>
concept Is = std::same_as<std::remove_const_t<T>, Value>;

template <class T>
concept Enumeration = std::is_enum_v<T>;

/// How many enumerators an enumeration has, counted from 0; to be said of each that is read.
template <Enumeration E>
inline constexpr std::uint64_t kEnumerators = 0;

class ByteWriter {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  /// Bytes that a reader need not copy.
  void blob(const std::byte* from, std::uint32_t size) {
    put(size);
    bytes_.append(reinterpret_cast<const char*>(from), size);
  }
  std::string take() { return std::move(bytes_); }

 private:
  template <class T>
  void put(const T& value) {
    fields(*this, value);
  }
  template <std::unsigned_integral T>
  void put(const T& value) {
    std::uint64_t rest = value;
    for (; rest >= 0x80; rest >>= 7) bytes_ += static_cast<char>(static_cast<unsigned char>(rest | 0x80));
    bytes_ += static_cast<char>(static_cast<unsigned char>(rest));
  }
  template <std::signed_integral T>
  void put(const T& value) {
    const std::int64_t wide = value;
    put((static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
  }
  template <Enumeration T>
  void put(const T& value) {
    put(static_cast<std::uint64_t>(value));
  }
  void put(const double& value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(static_cast<unsigned char>(bits >> shift));
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  template <class Rep, class Period>
  void put(const std::chrono::duration<Rep, Period>& value) {
    put(value.count());
  }
  template <class Clock, class Length>
  void put(const std::chrono::time_point<Clock, Length>& value) {
    put(value.time_since_epoch());
  }
  template <class T, std::size_t n>
  void put(const std::array<T, n>& values) {
    for (const T& value : values) put(value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(values.size());
    for (const T& value : values) put(value);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put_pointer(value ? &*value : nullptr);
  }
  template <class T>
  void put(const std::unique_ptr<T>& value) {
    put_pointer(value.get());
  }
  template <class T>
  void put_pointer(const T* value) {
    put(std::uint8_t{value != nullptr});
    if (value != nullptr) put(*value);
  }

  std::string bytes_;
};

/// The bytes may come from anybody. What is wrong is told once, by problem(); values read after that are zeros and
/// empty lists, so that reading ends soon.
class ByteReader {
 public:
  /// most_memory: what all values together may take.
  ByteReader(std::string_view bytes, std::size_t most_memory) : rest_(bytes), memory_left_(most_memory) {}

  template <class... Values>
  void operator()(Values&... values) {
    (get(values), ...);
  }
  /// `to` points into the bytes that are read.
  void blob(const std::byte*& to, std::uint32_t& size) {
    get(size);
    const std::string_view bytes = take(size);
    to = reinterpret_cast<const std::byte*>(bytes.data());
    size = static_cast<std::uint32_t>(bytes.size());
  }
  bool ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }
  void fail(std::string_view problem) {
    if (ok()) problem_ = problem;
    rest_ = {};
  }
  /// Sets so much memory aside, if there is so much left.
  bool charge(std::size_t bytes) {
    if (bytes > memory_left_) {
      fail("it would take more memory than a run does");
      return false;
    }
    memory_left_ -= bytes;
    return ok();
  }

 private:
  template <class T>
  void get(T& value) {
    fields(*this, value);
  }
  template <std::unsigned_integral T>
  void get(T& value) {
    const std::uint64_t number = take_number();
    value = static_cast<T>(number);
    if (value != number) fail("a number is too large");
  }
  template <std::signed_integral T>
  void get(T& value) {
    const std::uint64_t number = take_number();
    const std::int64_t wide = static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
    value = static_cast<T>(wide);
    if (value != wide) fail("a number is too large");
  }
  template <Enumeration T>
  void get(T& value) {
    static_assert(kEnumerators<T> > 0);
    const std::uint64_t number = take_number();
    if (number >= kEnumerators<T>) return fail("a word is not known");
    value = static_cast<T>(number);
  }
  void get(double& value) {
    const std::string_view bytes = take(sizeof value);
    std::uint64_t bits = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) bits = bits << 8 | static_cast<unsigned char>(bytes[i - 1]);
    value = std::bit_cast<double>(bits);
    if (!std::isfinite(value)) {
      fail("a number is none");
      value = 0;
    }
  }
  void get(std::string& text) {
    std::size_t size = 0;
    get(size);
    text = take(size);
  }
  template <class Rep, class Period>
  void get(std::chrono::duration<Rep, Period>& value) {
    Rep count = 0;
    get(count);
    value = std::chrono::duration<Rep, Period>(within_reason(count));
  }
  /// The last time point there is stands for "never".
  template <class Clock, class Length>
  void get(std::chrono::time_point<Clock, Length>& value) {
    using Point = std::chrono::time_point<Clock, Length>;
    typename Length::rep count = 0;
    get(count);
    value = Point(Length(count));
    if (value != Point::max()) value = Point(Length(within_reason(count)));
  }
  template <class T, std::size_t n>
  void get(std::array<T, n>& values) {
    for (T& value : values) get(value);
  }
  template <class T>
  void get(std::vector<T>& values) {
    std::size_t size = 0;
    get(size);
    if (size > left()) return fail("a list is longer than what is left");  // nothing takes less than a byte
    if (!charge(size * sizeof(T))) return;
    values = std::vector<T>(size);
    for (std::size_t i = 0; i < size && ok(); ++i) get(values[i]);
  }
  template <class T>
  void get(std::optional<T>& value) {
    if (take_presence()) get(value.emplace());
  }
  template <class T>
  void get(std::unique_ptr<T>& value) {
    if (!take_presence() || !charge(sizeof(T))) return;
    value = std::make_unique<T>();
    get(*value);
  }

  /// So that two such times can be added without care; no run has one of half as many years.
  std::int64_t within_reason(std::int64_t ns) {
    constexpr std::int64_t kMost = std::int64_t{1} << 61;
    if (ns <= kMost && ns >= -kMost) return ns;
    fail("a time is too long");
    return 0;
  }
  bool take_presence() {
    std::uint8_t present = 0;
    get(present);
    if (present > 1) fail("a value is neither there nor not there");
    return present == 1;
  }
  std::uint64_t take_number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::string_view next = take(1);
      if (next.empty()) return 0;
      const auto byte = static_cast<unsigned char>(next.front());
      number |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return number;
    }
    fail("a number does not end");
    return 0;
  }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      fail("it is cut short");
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::string_view rest_;
  std::string problem_;
  std::size_t memory_left_;
};

}  // namespace loadgen::stats
