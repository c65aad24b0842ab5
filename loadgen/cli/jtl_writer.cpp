#include "cli/jtl_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/wall_clock.hpp"

namespace loadgen::cli {
namespace {

using std::chrono::milliseconds;

/// As late as a line may come for those who follow the file, and as long as the thread sleeps.
constexpr Duration kEvery = milliseconds(100);
/// Bytes of one write.
constexpr std::size_t kBatch = 64U << 10;
/// Rows that a shard's ring holds, 4 MiB: 3 s of 20,000 requests a second. With many shards fewer, 64 MiB in all.
constexpr std::size_t kMostRows = 1U << 16;
constexpr std::size_t kMostRowsOfAll = 1U << 20;

std::size_t rows_of_a_ring(std::uint32_t shards) {
  return std::min(kMostRows, kMostRowsOfAll / std::max(1U, shards));
}

/// For this thread (on Linux priorities are a thread's): a tenth of a core at least where all are busy, and it takes no
/// core away from a shard by waking up. Where that is not allowed, it goes on as it is.
void give_way() {
  setpriority(PRIO_PROCESS, 0, 10);
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

/// A pipe that whoever made it does not want to wait for; this thread may.
void wait_for_room(int descriptor) {
  pollfd pipe{.fd = descriptor, .events = POLLOUT, .revents = 0};
  poll(&pipe, 1, -1);
}

/// Cuts off what was written last. Where that cannot be done, a pipe's reader has it already.
void take_back(int descriptor, std::size_t bytes) {
  const off_t end = lseek(descriptor, 0, SEEK_CUR);
  if (bytes > 0 && end >= static_cast<off_t>(bytes) && ftruncate(descriptor, end - static_cast<off_t>(bytes)) != 0)
    return;
}

}  // namespace

LineFile::LineFile(Output output) : output_(std::move(output)) {
  errno = 0;
  if (!output_.to_stdout() && !emptied(output_.file.get())) fail();
}

bool LineFile::write(std::string_view lines) {
  if (problem_) return false;
  const int descriptor = fileno(output_.file.get());
  for (std::string_view rest = lines; !rest.empty();) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_for_room(descriptor);
    } else if (errno != EINTR) {
      fail();
      take_back(descriptor, lines.size() - rest.size());
      return false;
    }
  }
  return true;
}

void LineFile::fail() {
  problem_ = fmt::format("the {} report could not be written to {}: {}", output_.format, output_.name,
                         errno != 0 ? std::strerror(errno) : "write error");
}

void JtlWriter::Source::refill() {
  count = ring.take(rows);
  next = 0;
  more = count == rows.size();
}

const stats::SampleRow* JtlWriter::Source::oldest() {
  if (next == count && more) refill();
  return next < count ? &rows[next] : nullptr;
}

JtlWriter::JtlWriter(Output output, const config::Plan& plan, std::uint32_t shards, std::uint32_t one_in)
    : file_(std::move(output)), lines_(plan, shards, epoch_of_steady_clock()), one_in_(one_in) {
  for (std::uint32_t k = 0; k < shards; ++k)
    sources_.emplace_back(rows_of_a_ring(shards), stats::Sampling{.one_in = one_in, .seed = plan.seed, .shard = k});
  text_.reserve(2 * kBatch);
  file_.write(report::kJtlHeader);
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

std::vector<stats::SampleRing*> JtlWriter::rings() {
  std::vector<stats::SampleRing*> rings;
  for (Source& source : sources_) rings.push_back(&source.ring);
  return rings;
}

stats::RowsRecord JtlWriter::finish() {
  stop();
  stats::RowsRecord rows{.written = written_, .lost = taken_ - written_, .one_in = one_in_};
  for (const Source& source : sources_) rows.lost += source.ring.lost();
  return rows;
}

void JtlWriter::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void JtlWriter::work(const std::stop_token& stop) {
  give_way();
  while (!stop.stop_requested()) {
    drain();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kEvery, [] { return false; });
  }
  drain();
}

/// Rows of all shards in the order in which their requests ended.
void JtlWriter::drain() {
  for (Source& source : sources_) source.refill();
  for (;;) {
    Source* first = nullptr;
    std::uint32_t shard = 0;
    for (std::uint32_t k = 0; k < sources_.size(); ++k) {
      const stats::SampleRow* row = sources_[k].oldest();
      if (row == nullptr || (first != nullptr && first->oldest()->finished <= row->finished)) continue;
      first = &sources_[k];
      shard = k;
    }
    if (first == nullptr) break;
    lines_.add(shard, first->rows[first->next++], text_);
    ++held_;
    if (text_.size() >= kBatch) flush();
  }
  flush();
}

void JtlWriter::flush() {
  if (held_ == 0) return;
  taken_ += held_;
  if (file_.write(text_)) written_ += held_;
  held_ = 0;
  text_.clear();
}

std::optional<Output> take_jtl(std::vector<Output>& outputs) {
  const auto found = std::ranges::find(outputs, report::kJtl.name, &Output::format);
  if (found == outputs.end()) return std::nullopt;
  Output jtl = std::move(*found);
  outputs.erase(found);
  return jtl;
}

}  // namespace loadgen::cli
