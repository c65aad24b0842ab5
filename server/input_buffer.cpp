#include "server/input_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace loadgen_server {

char* InputBuffer::room(std::size_t& capacity) {
  if (begin_ > 0 && end_ == capacity_) {
    std::memmove(data_, data_ + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    const std::uint32_t larger = std::max<std::uint32_t>(4096, capacity_ * 2);
    std::unique_ptr<char[]> memory(new char[larger]);  // not make_unique, which would clear it
    std::memcpy(memory.get(), data_, end_);
    large_ = std::move(memory);
    data_ = large_.get();
    capacity_ = larger;
  }
  capacity = capacity_ - end_;
  return data_ + end_;
}

void InputBuffer::consume(std::size_t bytes) {
  begin_ += static_cast<std::uint32_t>(bytes);
  if (begin_ < end_) return;
  begin_ = end_ = 0;
  if (large_ == nullptr) return;
  large_.reset();
  data_ = inline_.data();
  capacity_ = small;
}

void InputBuffer::cut(std::size_t at, std::size_t bytes) {
  if (bytes == 0) return;
  char* hole = data() + at;
  std::memmove(hole, hole + bytes, size() - at - bytes);
  end_ -= static_cast<std::uint32_t>(bytes);
}

}  // namespace loadgen_server
