#pragma once
// Where connections go to and come from, when that is not what the URL says: curl's options of the same names, with
// their grammar.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace loadgen::config {

struct Plan;

enum class IpVersion : std::uint8_t { any, v4, v6 };

/// HOST1:PORT1:HOST2:PORT2: who asks for HOST1:PORT1 is connected to HOST2:PORT2. An empty HOST1 or PORT1 is any, an
/// empty HOST2 or PORT2 the one asked for. IPv6 addresses stand in brackets.
struct ConnectTo {
  std::string from_host;
  std::uint16_t from_port = 0;  ///< 0: any
  std::string to_host;
  std::uint16_t to_port = 0;  ///< 0: as it was
  bool operator==(const ConnectTo&) const = default;
};

/// HOST:PORT:ADDRESS[,ADDRESS]…: the name has these addresses, whatever the resolver would say. HOST "*" is any.
struct ResolveTo {
  std::string host;
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  ///< without brackets
  bool operator==(const ResolveTo&) const = default;
};

struct AddressSettings {
  std::string unix_socket = {};            ///< path of the one that all connections go to; empty: none
  std::vector<ConnectTo> connect_to = {};  ///< the first that fits holds
  std::vector<ResolveTo> resolve =
      {};  ///< after connect_to; as in curl the last that names the host holds, or else the last for any
  std::vector<std::string> interfaces = {};  ///< addresses or interfaces' names that connections come from, in turn
  IpVersion ip_version = IpVersion::any;
  bool operator==(const AddressSettings&) const = default;
};

/// Error: what is wrong with the text, with the grammar.
Result<ConnectTo> parse_connect_to(std::string_view text);
Result<ResolveTo> parse_resolve(std::string_view text);
/// "127.0.0.2", "::1", "eth0", in a list with commas.
Result<std::vector<std::string>> parse_interfaces(std::string_view text);
std::string to_string(const ConnectTo& rule);
std::string to_string(const ResolveTo& rule);

/// Where connections for a URL's host and port go.
struct Destination {
  std::string unix_socket;  ///< if not empty, there
  std::string host;
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  ///< those of host; empty: what the resolver says
};
Destination destination_of(const AddressSettings& settings, const std::string& host, std::uint16_t port);

/// What the command line gives; each beats the plan's. A unix socket takes the place of the plan's other settings, and
/// one of those the place of its unix socket.
struct AddressOverrides {
  std::optional<std::string> unix_socket = {};
  std::vector<ConnectTo> connect_to = {};
  std::vector<ResolveTo> resolve = {};
  std::vector<std::string> interfaces = {};
  std::optional<IpVersion> ip_version = {};
};
void apply(const AddressOverrides& overrides, AddressSettings& settings);

/// Rules that no URL of the plan asks for, each in a sentence: a name spelt wrong would send the load elsewhere.
std::vector<std::string> idle_rules(const Plan& plan);

}  // namespace loadgen::config
