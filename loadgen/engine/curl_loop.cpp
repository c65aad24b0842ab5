#include "engine/curl_loop.hpp"

#include <new>
#include <utility>

namespace loadgen::engine {
namespace {

/// Once in the life of the process, by whichever thread comes first.
bool curl_is_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK;
  return ready;
}

/// A full cache would close somebody's kept connection; ours are bounded by the number of users.
constexpr long kConnectionsWithoutLimit = 1L << 20;

}  // namespace

CurlLoop::CurlLoop(std::size_t handles, Watch watch, void* watcher, std::size_t of_a_multi)
    : of_a_multi_(of_a_multi), wheel_(SteadyClock::now()), multis_((handles + of_a_multi - 1) / of_a_multi) {
  if (!curl_is_ready()) throw std::bad_alloc();
  for (Multi& multi : multis_) {
    multi.loop = this;
    multi.handle = curl_multi_init();
    if (multi.handle == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi.handle, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi.handle, CURLMOPT_SOCKETDATA, watcher);
    curl_multi_setopt(multi.handle, CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi.handle, CURLMOPT_TIMERDATA, &multi);
    curl_multi_setopt(multi.handle, CURLMOPT_MAXCONNECTS, kConnectionsWithoutLimit);
  }
  at_once_.reserve(multis_.size());
  passing_.reserve(multis_.size());
  touched_.reserve(multis_.size());
}

CurlLoop::~CurlLoop() {
  for (const Multi& multi : multis_) curl_multi_cleanup(multi.handle);
}

bool CurlLoop::add(std::size_t index, CURL* easy) {
  return curl_multi_add_handle(multi_of(index).handle, easy) == CURLM_OK;
}

void CurlLoop::remove(std::size_t index, CURL* easy) {
  curl_multi_remove_handle(multi_of(index).handle, easy);
}

void CurlLoop::on_socket(std::size_t index, int fd, int events) {
  act(multi_of(index), fd, events);
}

void CurlLoop::act(Multi& multi, curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi.handle, fd, events, &running);
  if (!std::exchange(multi.touched, true)) touched_.push_back(&multi);
}

void CurlLoop::take_due(TimePoint now) {
  passing_.clear();
  std::swap(at_once_, passing_);
  for (Multi* multi : passing_) multi->waits_at_once = false;
  wheel_.advance(now, [this](WheelNode& node) { passing_.push_back(static_cast<Multi*>(&node)); });
}

/// Only arms: libcurl must not be called from here.
int CurlLoop::on_timer(CURLM* /*handle*/, long ms, void* multi) {
  Multi& m = *static_cast<Multi*>(multi);
  if (ms == 0) {
    if (!std::exchange(m.waits_at_once, true)) m.loop->at_once_.push_back(&m);
  } else if (ms < 0) {
    TimingWheel::disarm(m);
  } else {
    m.loop->wheel_.arm(m, SteadyClock::now() + std::chrono::milliseconds(ms));
  }
  return 0;
}

}  // namespace loadgen::engine
