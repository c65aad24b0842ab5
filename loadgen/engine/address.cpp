#include "engine/address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace loadgen::engine {
namespace {

/// The address as one of the structures that its family stands for.
template <class T>
T as(const Endpoint& endpoint) {
  T out{};
  std::memcpy(&out, endpoint.data(), std::min(sizeof out, endpoint.size()));
  return out;
}

int family_of(const Endpoint& endpoint) {
  return endpoint.protocol().family();
}

std::string host_text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size()) == nullptr ? "" : text.data();
}

template <class T>
Endpoint endpoint_of(const T& address) {
  return {&address, sizeof address, IPPROTO_TCP};
}

/// An address as it is written, with port 0.
std::optional<Endpoint> literal(const std::string& text) {
  sockaddr_in v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) return v4.sin_family = AF_INET, endpoint_of(v4);
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) return v6.sin6_family = AF_INET6, endpoint_of(v6);
  return std::nullopt;
}

/// Empty: connections can come from there.
std::string why_not(const Endpoint& source) {
  const int fd = make_socket({.to = source, .from = &source}, 0);
  if (fd < 0) return std::generic_category().message(errno);
  ::close(fd);
  return "";
}

struct Interface {
  std::string name;
  Endpoint address;
};

/// Every address of every interface. A link-local one leads nowhere without its interface's number.
std::vector<Interface> interfaces() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, &freeifaddrs);
  std::vector<Interface> out;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const int family = one->ifa_addr == nullptr ? AF_UNSPEC : one->ifa_addr->sa_family;
    if (family == AF_INET) {
      out.push_back({one->ifa_name, {one->ifa_addr, sizeof(sockaddr_in), IPPROTO_TCP}});
    } else if (family == AF_INET6) {
      const Endpoint address{one->ifa_addr, sizeof(sockaddr_in6), IPPROTO_TCP};
      const auto plain = as<sockaddr_in6>(address);
      if (!IN6_IS_ADDR_LINKLOCAL(&plain.sin6_addr)) out.push_back({one->ifa_name, address});
    }
  }
  return out;
}

Error no_source(const std::string& name, const std::vector<Interface>& known) {
  std::vector<std::string> names;
  for (const Interface& one : known)
    if (std::ranges::find(names, one.name) == names.end()) names.push_back(one.name);
  return Error{
      fmt::format("\"{}\" is neither an IP address nor a network interface with one; this machine has the interfaces "
                  "{} (addresses.interface, --interface)",
                  name, fmt::join(names, ", "))};
}

}  // namespace

std::string to_text(const Endpoint& endpoint) {
  if (family_of(endpoint) == AF_UNIX) {
    const auto address = as<sockaddr_un>(endpoint);
    return fmt::format("unix:{}", std::string_view(std::begin(address.sun_path),
                                                   strnlen(std::begin(address.sun_path), sizeof address.sun_path)));
  }
  if (family_of(endpoint) == AF_INET6) {
    const auto address = as<sockaddr_in6>(endpoint);
    return fmt::format("[{}]:{}", host_text(AF_INET6, &address.sin6_addr), ntohs(address.sin6_port));
  }
  const auto address = as<sockaddr_in>(endpoint);
  return fmt::format("{}:{}", host_text(AF_INET, &address.sin_addr), ntohs(address.sin_port));
}

bool is_local(const Endpoint& endpoint) {
  if (family_of(endpoint) == AF_UNIX) return true;
  if (family_of(endpoint) == AF_INET) return ntohl(as<sockaddr_in>(endpoint).sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  const auto address = as<sockaddr_in6>(endpoint);
  return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

const std::vector<Endpoint>& Sources::towards(const Endpoint& to) const {
  return family_of(to) == AF_INET6 ? v6 : v4;
}

Result<Sources> find_sources(std::span<const std::string> names) {
  Sources out;
  const auto add = [&](const Endpoint& source) {
    auto& list = family_of(source) == AF_INET6 ? out.v6 : out.v4;
    if (std::ranges::find(list, source) == list.end()) list.push_back(source);
  };
  for (const std::string& name : names) {
    if (const auto address = literal(name)) {
      if (const std::string why = why_not(*address); !why.empty())
        return Error{fmt::format("connections cannot come from {}: {} (addresses.interface, --interface)", name, why)};
      add(*address);
      continue;
    }
    const std::vector<Interface> known = interfaces();
    const std::size_t before = out.size();
    for (const Interface& one : known)
      if (one.name == name) add(one.address);
    if (out.size() == before && std::ranges::find(known, name, &Interface::name) == known.end())
      return no_source(name, known);
  }
  return out;
}

std::size_t source_of(std::uint64_t user, std::size_t sources, std::size_t in_turn) {
  return (user + user / std::lcm(sources, in_turn)) % sources;
}

int make_socket(const Route& route, int extra_flags) {
  const int family = family_of(route.to);
  const bool ip = family != AF_UNIX;
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | extra_flags, ip ? IPPROTO_TCP : 0);
  if (fd < 0 || !ip) return fd;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (route.from == nullptr) return fd;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(fd, route.from->data(), static_cast<socklen_t>(route.from->size())) == 0) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace loadgen::engine
