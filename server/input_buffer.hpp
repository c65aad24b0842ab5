#pragma once
// Bytes received and not yet consumed: a few inline, for the everyday request; more on the heap while a request needs
// it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace loadgen_server {

class InputBuffer {
 public:
  InputBuffer() { data_ = inline_.data(); }

  char* data() { return data_ + begin_; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view view() const { return {data_ + begin_, size()}; }

  /// Room for the next read, at least one byte.
  char* room(std::size_t& capacity);
  void received(std::size_t bytes) { end_ += static_cast<std::uint32_t>(bytes); }
  void consume(std::size_t bytes);
  /// Takes out `bytes` from `at` on; what follows moves up.
  void cut(std::size_t at, std::size_t bytes);
  void clear() { consume(size()); }

 private:
  static constexpr std::uint32_t small = 512;  // a load generator's request fits; idle connections have no more

  char* data_ = nullptr;
  std::unique_ptr<char[]> large_;
  std::uint32_t capacity_ = small;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  alignas(64) std::array<char, small> inline_;
};

}  // namespace loadgen_server
