#include "load/arrivals.hpp"

#include <cassert>
#include <cmath>
#include <utility>

#include "base/random.hpp"

namespace loadgen::load {

Arrivals::Arrivals(LoadProfile profile, Spacing spacing, std::uint64_t seed, std::uint64_t stream, std::uint32_t shard,
                   std::uint32_t shards)
    : profile_(std::move(profile)),
      spacing_(spacing),
      seed_(seed),
      stream_(stream),
      shard_(shard),
      shards_(shards),
      number_(shard) {
  assert(shard < shards);
  find_due();
}

void Arrivals::advance() {
  if (due_ == Duration::max()) return;
  number_ += shards_;
  find_due();
}

void Arrivals::find_due() {
  if (spacing_ == Spacing::uniform) {
    due_ = profile_.time_of(static_cast<double>(number_) + 0.5);
    return;
  }
  // Those of the other shards are drawn as well: the sum of one schedule, in one order, is the same to the last bit.
  for (; drawn_ <= number_; ++drawn_) sum_ -= std::log(random_unit(seed_, stream_, drawn_));
  due_ = profile_.time_of(sum_);
}

std::uint64_t Arrivals::come_by(Duration t) const {
  if (spacing_ == Spacing::poisson) return 0;
  const double expected = profile_.count(t);
  auto all = static_cast<std::uint64_t>(expected);  // rounded down
  if (static_cast<double>(all) + 0.5 <= expected) ++all;
  return all / shards_ + (shard_ < all % shards_ ? 1 : 0);
}

std::uint64_t Arrivals::planned() const {
  return come_by(profile_.length());
}

}  // namespace loadgen::load
