#include "server/server.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/stats.hpp"
#include "server/worker.hpp"

namespace loadgen_server {
namespace {

using boost::asio::ip::tcp;

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // refused: accept() will tell when they run out
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// With SO_REUSEPORT a second server would quietly share the port, so ask first without it.
void check_port_is_free(const tcp::endpoint& endpoint) {
  boost::asio::io_context context;
  tcp::acceptor probe(context);
  probe.open(endpoint.protocol());
  probe.set_option(boost::asio::socket_base::reuse_address(true));
  probe.bind(endpoint);
  probe.listen();
}

using Workers = std::vector<std::unique_ptr<Worker>>;

std::uint16_t listen_all(Workers& workers, tcp::endpoint endpoint) {
  const bool share = workers.size() > 1;
  if (share && endpoint.port() != 0) check_port_is_free(endpoint);
  for (const auto& worker : workers) endpoint.port(worker->listen(endpoint, share));
  return endpoint.port();
}

std::string_view advice(const boost::system::error_code& error) {
  if (error == boost::asio::error::address_in_use)
    return "another program has this port: stop it (ss -ltnp shows it), or choose another with --port, 0 for a free "
           "one";
  if (error == boost::asio::error::access_denied) return "ports below 1024 need root: choose a higher --port";
  return "--bind takes an address of this machine: 127.0.0.1, or 0.0.0.0 for all";
}

std::string url(const tcp::endpoint& endpoint, const Options& options) {
  const auto address = endpoint.address().to_string();
  return fmt::format("{}://{}:{}", options.tls() ? "https" : "http",
                     endpoint.address().is_v6() ? fmt::format("[{}]", address) : address, endpoint.port());
}

/// Runs the workers until a signal comes, then until all of them have drained.
bool run_until_signal(Workers& workers) {
  std::atomic<bool> failed{false};
  std::vector<std::thread> threads;
  for (const auto& worker : workers)
    threads.emplace_back([&failed, &worker] {
      try {
        worker->run();
      } catch (const std::exception& error) {
        fmt::print(stderr, "loadgen-server: {}\n", error.what());
        failed = true;
        ::kill(::getpid(), SIGTERM);  // wakes the main thread, which stops the others
      }
    });
  const sigset_t signals = stop_signals();
  int received = 0;
  sigwait(&signals, &received);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // a second signal ends it at once
  for (const auto& worker : workers) worker->stop();
  for (auto& thread : threads) thread.join();
  return !failed;
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

bool write_log(const Workers& workers, std::FILE* file) {
  RequestLog log;
  for (const auto& worker : workers) log.merge(worker->log());
  return log.write(file);
}

}  // namespace

int serve(const Options& options) {
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts: all inherit it

  Stats stats(options.threads);
  Timeline timeline(options.freeze);
  TlsContext tls;
  try {
    tls = make_tls(options);
  } catch (const std::runtime_error& error) {
    fmt::print(stderr, "loadgen-server: {}\n", error.what());
    return exit_unavailable;
  }
  Workers workers;
  for (unsigned i = 0; i < options.threads; ++i)
    workers.push_back(std::make_unique<Worker>(options, stats, timeline, i, tls.get()));

  tcp::endpoint endpoint(boost::asio::ip::make_address(options.bind), options.port);
  try {
    endpoint.port(listen_all(workers, endpoint));
  } catch (const boost::system::system_error& error) {
    fmt::print(stderr, "loadgen-server: cannot listen on {}: {}; {}\n", url(endpoint, options), error.code().message(),
               advice(error.code()));
    return exit_unavailable;
  }
  const File log(options.log.empty() ? nullptr : std::fopen(options.log.c_str(), "w"), std::fclose);
  if (!options.log.empty() && log == nullptr) {
    fmt::print(stderr, "loadgen-server: cannot write {}: {}\n", options.log, std::generic_category().message(errno));
    return exit_unavailable;
  }
  fmt::print("loadgen-server listening on {} (threads {})\n", url(endpoint, options), options.threads);
  std::fflush(stdout);
  const bool served = run_until_signal(workers);
  const bool logged = log == nullptr || write_log(workers, log.get());
  if (!logged) fmt::print(stderr, "loadgen-server: {} could not be written\n", options.log);
  return served && logged ? exit_ok : exit_internal;
}

}  // namespace loadgen_server
