#pragma once
// How the generator, its machine and the verdict on both stand in JSON.

#include <string_view>

#include "report/json_described.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

template <>
inline constexpr std::string_view kDefinition<stats::HostSignals> = "host_signals";

template <class Out>
void describe(Out& out, const Tool& tool) {
  out("name", Fixed{"loadgen"}, {"what made this file"});
  out("version", tool.version, {"its version"});
  out("compiler", tool.compiler, {"what it was built with"});
}

template <class Out>
void describe(Out& out, const HostFacts& host) {
  out("cpu_model", host.cpu_model, {"as the processor calls itself; \"unknown\" when it cannot be read"});
  out("architecture", host.architecture, {"as `uname -m` says: \"x86_64\""});
  out("cores", host.cores, {"online in the machine", "cores"});
  out("usable_cores", host.usable_cores, {"of them, those loadgen may run on", "cores"});
  out("memory_bytes", host.memory_bytes, {"of the machine", "bytes"});
  out("kernel", host.kernel, {"the kernel's name and release"});
  out("os", host.os, {"the operating system's name"});
}

template <class Out>
void describe(Out& out, const Check& check) {
  out("check", check.name, {"the check's name"});
  out("result", Word{check.result, CheckResult::not_checked, &to_string}, {"what it found"});
  out("verdict", Word{check.verdict, VerdictName::broken, &to_string}, {"what the run is called when it failed"});
  out("evidence", check.evidence, {"the figures behind it, in words"});
  out("remedy", check.remedy, {"what to do; empty when passed"});
}

template <class Out>
void describe(Out& out, const Verdict& verdict) {
  out("name", Word{verdict.name, VerdictName::broken, &to_string},
      {"whether to believe the run: the worst of its failed checks, TRUSTWORTHY without any"});
  out("sentence", verdict.sentence, {"what that means for this run, for people"});
  out("evidence", verdict.evidence, {"every check that was made, passed ones too"});
  out("not_checked", verdict.not_checked, {"signals of trouble that nobody could read: neither passed nor failed"});
}

template <class Out>
void describe(Out& out, const Calibration& calibration) {
  out("rtt_p50_ns", calibration.rtt_p50_ns, {"the median service time that this host cannot go below", "ns"});
  out("rtt_p99_9_ns", calibration.rtt_p99_9_ns, {"the same at p99.9", "ns"});
  out("rate_per_core", calibration.rate_per_core, {"requests a second that one thread cannot go above", "1/s"});
  out("open_connections", calibration.open_connections, {"connections that could be open at once", "connections"});
}

template <class Out>
void describe(Out& out, const stats::PaceRecord& pace) {
  out("name", Word{pace.pace, stats::Pace::spin, &to_string},
      {"how due times were met: sleep in the kernel, hybrid with polling at the end, spin by polling alone"});
  out("reason", pace.reason, {"why so"});
  out("guard_s", seconds(pace.guard), {"hybrid: how long before a due time the polling begins", "s"});
}

template <class Out>
void describe(Out& out, const stats::Stall& stall) {
  out("at_s", seconds(stall.at), {"when, since the run's t0", "s"});
  out("length_s", seconds(stall.length), {"how long the loop did not turn", "s"});
  out("run_queue_wait_s", seconds(stall.run_queue_wait), {"of it, runnable while others had the core", "s"});
  out("cpu_s", seconds(stall.cpu), {"of it, on a core", "s"});
  out("held_up_s", seconds(stall.held_up), {"of it, neither running nor meaning to sleep", "s"});
  out("shard", stall.shard, {"the thread, from 0", "number"});
}

template <class Out>
void describe(Out& out, const stats::HostSignals& host) {
  out.if_known("steal", host.steal, {"time of the usable cores that the hypervisor gave to others", "0..1"});
  out.if_known("cpu_pressure", host.cpu_pressure, {"time in which some task waited for a core", "0..1"});
  out.if_known("throttled_s", host.throttled ? std::optional(seconds(*host.throttled)) : std::nullopt,
               {"time that the control group's CPU quota took", "s"});
  out.if_known("retransmits", host.retransmits, {"TCP segments sent again, by the whole host", "segments"});
  out.if_known("listen_drops", host.listen_drops,
               {"connections that a full accept queue of this host turned away", "connections"});
  out.if_known("network_drops", host.network_drops, {"packets that this host's network interfaces dropped", "packets"});
}

template <class Out>
void describe(Out& out, const stats::ShardSecond& shard) {
  out("released", shard.released, {"requests that it started", "requests"});
  out("longest_stall_s", seconds(shard.longest_stall), {"longest pass of its loop, or longest oversleeping", "s"});
  out("polling_s", seconds(shard.polling), {"spent in polls that brought nothing", "s"});
  out("cpu_s", seconds(shard.cpu), {"CPU time of its thread, polling included", "s"});
  out("run_queue_wait_s", seconds(shard.run_queue_wait), {"runnable without a core", "s"});
  out("held_up_s", seconds(shard.held_up),
      {"neither running nor meaning to sleep: woken later than asked or without its core, by more than 0.2 ms each",
       "s"});
  out("stopped", shard.stopped, {"whether the process was stopped and continued by a signal in it"});
}

template <class Out>
void describe(Out& out, const stats::HealthSecond& second) {
  out("shards", second.shards, {"what each thread did in it"});
  out("host", second.host, {"what else the machine did in it; signals that could not be read have no key"});
}

template <class Out>
void describe(Out& out, const Generator& g) {
  out("engine", g.engine, {"what sent the requests: \"native\" (epoll) or \"uring\""});
  out("threads", g.threads, {"threads that sent", "threads"});
  out("pace", g.pace, {"how the threads waited for due times"});
  out("wall_s", g.wall_s, {"from the run's t0 to the last thread's end", "s"});
  out("cpu_seconds", g.cpu_user_s + g.cpu_system_s, {"CPU time of the process, user and system", "s"});
  out("cpu_user_seconds", g.cpu_user_s, {"of it, in user mode", "s"});
  out("cpu_system_seconds", g.cpu_system_s, {"of it, in the kernel", "s"});
  out("cpu_us_per_request", g.cpu_us_per_request, {"CPU time over completed requests", "us"});
  out("busiest_thread", g.busiest_thread, {"CPU time of the busiest thread over wall time", "0..1"});
  out("productive_share", g.productive_share, {"the same without its fruitless polling", "0..1"});
  out("run_queue_wait_s", g.run_queue_wait_s, {"time that threads were runnable without a core, added up", "s"});
  out("run_queue_share", g.run_queue_share, {"the same over the threads' whole time", "0..1"});
  out("longest_turn_s", g.longest_turn_s, {"longest time between two waits of any thread's loop", "s"});
  out("max_rss_bytes", g.max_rss_bytes, {"the most memory that the process had", "bytes"});
  out("retransmits", g.retransmits, {"TCP segments that the run's own connections sent again", "segments"});
  out("connections_asked", g.connections_asked, {"connections that retransmits is the sum over", "connections"});
  out("stalls", g.stalls, {"moments of 5 ms and more in which a loop did not turn, the longest first"});
  out("seconds", g.seconds, {"by second since the run's t0"});
  out("host", g.host, {"what else the machine did during the run; signals that could not be read have no key"});
}

}  // namespace loadgen::report
