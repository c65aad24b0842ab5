#pragma once
// A little real work a request, the same as the article's servers do: the list of Fibonacci numbers 1, 1, 2, ... up to
// a limit. The limit comes from outside (options), so the optimiser cannot know the list in advance.

#include <cstdint>
#include <vector>

namespace loadgen_server {

class Fibonacci {
 public:
  explicit Fibonacci(std::int32_t limit) : limit_(limit) {}

  const std::vector<std::int32_t>& compute() {
    numbers_.clear();
    std::int32_t current = 1;
    std::int32_t next = 1;
    while (current <= limit_) {
      numbers_.push_back(current);
      const std::int32_t sum = current + next;
      current = next;
      next = sum;
    }
    return numbers_;
  }

 private:
  std::int32_t limit_;
  std::vector<std::int32_t> numbers_;
};

}  // namespace loadgen_server
