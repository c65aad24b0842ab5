#pragma once
// libcurl's multi handles between somebody else's epoll and somebody else's clock (curl_multi_socket_action): they are
// told which socket is ready and when a time of theirs has come, and never wait.
//
// An easy handle has an index for life. What libcurl wants to know of its sockets it tells the Watch function.

#include <cstddef>
#include <vector>

#include <curl/curl.h>

#include "base/time.hpp"
#include "engine/timing_wheel.hpp"

namespace loadgen::engine {

class CurlLoop {
 public:
  /// Easy handles to a multi, for a multi looks through all it holds. Measured with libcurl 7.88, CPU a request at
  /// 100 | 1,000 | 6,000 connections: all in one multi 25.7 | 50 | 144 us, 16 a multi 19.4 | 24.0 | 30.1 us. Alone in
  /// its multi a user costs three descriptors and 56 kB instead of 20 kB.
  static constexpr std::size_t kHandlesOfAMulti = 16;

  /// What libcurl opens for a multi to wake itself up.
  static constexpr int kDescriptorsOfAMulti = 2;

  using Watch = curl_socket_callback;

  /// of_a_multi handles share a multi. watch is called with watcher, from within the other calls. Throws
  /// std::bad_alloc.
  CurlLoop(std::size_t handles, Watch watch, void* watcher, std::size_t of_a_multi = kHandlesOfAMulti);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// The transfer begins with the next run_due(). False when libcurl does not take it.
  bool add(std::size_t index, CURL* easy);
  /// Not inside a callback of libcurl's. Cuts the transfer short if it is under way.
  void remove(std::size_t index, CURL* easy);
  /// events: CURL_CSELECT_IN, CURL_CSELECT_OUT.
  void on_socket(std::size_t index, int fd, int events);

  /// When run_due() has something to do: kUnset for at once.
  TimePoint next_due() const { return at_once_.empty() ? wheel_.next_look() : kUnset; }
  /// One pass over the multis whose time has come, calling passed() after each. Those that want another at once get it
  /// with the next call: staying here until none does would keep the sockets waiting.
  template <class Passed>
  void run_due(TimePoint now, Passed&& passed) {
    take_due(now);
    for (Multi* multi : passing_) {
      act(*multi, CURL_SOCKET_TIMEOUT, 0);
      passed();
    }
  }

  /// Calls ended(easy, code) for each transfer that is over; its handle is out of its multi then.
  template <class Ended>
  void reap(Ended&& ended) {
    while (!touched_.empty()) {
      Multi& multi = *touched_.back();
      touched_.pop_back();
      multi.touched = false;
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi.handle, &left)) {
        CURL* const easy = message->easy_handle;
        const CURLcode code = message->data.result;
        curl_multi_remove_handle(multi.handle, easy);  // and message is gone
        ended(easy, code);
      }
    }
  }

 private:
  struct Multi : WheelNode {
    CurlLoop* loop = nullptr;
    CURLM* handle = nullptr;
    bool waits_at_once = false;  ///< stands in at_once_
    bool touched = false;        ///< stands in touched_
  };

  Multi& multi_of(std::size_t index) { return multis_[index / of_a_multi_]; }
  void take_due(TimePoint now);
  void act(Multi& multi, curl_socket_t fd, int events);
  static int on_timer(CURLM* handle, long ms, void* multi);

  std::size_t of_a_multi_;
  TimingWheel wheel_;
  std::vector<Multi> multis_;
  std::vector<Multi*> at_once_;  ///< that want a pass now
  std::vector<Multi*> passing_;  ///< those of the call of run_due() that is under way
  std::vector<Multi*> touched_;  ///< where a transfer may have ended
};

}  // namespace loadgen::engine
