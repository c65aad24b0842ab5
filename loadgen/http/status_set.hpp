#pragma once
// A set of HTTP status codes, 100 to 599.

#include <bitset>
#include <string>

namespace loadgen::http {

class StatusSet {
 public:
  /// JMeter's success: 200 to 399 (jmeter MetricUtils.isSuccessCode).
  static StatusSet jmeter_success() {
    StatusSet set;
    set.add(200, 399);
    return set;
  }
  /// Adds first..last, both inclusive; codes outside 100..599 are ignored.
  void add(int first, int last) {
    for (int code = first; code <= last; ++code)
      if (code >= 100 && code < 600) codes_.set(static_cast<std::size_t>(code - 100));
  }
  bool contains(int code) const { return code >= 100 && code < 600 && codes_.test(static_cast<std::size_t>(code - 100)); }
  bool empty() const { return codes_.none(); }
  bool operator==(const StatusSet&) const = default;

  /// "200-399", "200, 204, 300-399"
  std::string to_string() const;

 private:
  std::bitset<500> codes_;
};

}  // namespace loadgen::http
