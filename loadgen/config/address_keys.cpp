// The keys of addresses.

#include <fmt/format.h>

#include "config/kinds.hpp"
#include "config/objects.hpp"

namespace loadgen::config {
namespace {

constexpr std::array<std::string_view, 3> kVersions{"any", "4", "6"};  // in the order of IpVersion

/// A list of texts, each read by Parse, which gives one value or several.
template <auto Member, auto Parse>
constexpr Kind<AddressDraft> rules() {
  return {[] {
            return Json{{"type", "array"}, {"minItems", 1}, {"items", {{"type", "string"}, {"minLength", 1}}}};
          },
          [](Reader& reader, const Node& node, AddressDraft& addresses) {
            if (!reader.is(node, Node::Kind::array)) return;
            auto& list = addresses.*Member;
            list.clear();
            for (const Node& item : node.items) {
              const std::optional<Text> text = reader.text(item);
              if (!text) continue;
              const auto value = Parse(text->value);
              if (!value)
                reader.problem(item, text->replaced
                                         ? fmt::format("{} does not stand for such a text", in_quotes(item.text))
                                         : value.error());
              else if constexpr (requires { list.insert(list.end(), value->begin(), value->end()); })
                list.insert(list.end(), value->begin(), value->end());
              else
                list.push_back(*value);
            }
          },
          [](const AddressSettings& addresses) {
            Json out;
            for (const auto& value : addresses.*Member) {
              if constexpr (requires { out.push_back(value); })
                out.push_back(value);
              else
                out.push_back(to_string(value));
            }
            return out;
          }};
}

/// Shown only where it says something: it may not stand beside a unix socket.
constexpr Kind<AddressDraft> ip_version() {
  constexpr Kind<AddressDraft> any = choice<AddressDraft, &AddressSettings::ip_version, kVersions>();
  return {any.schema, any.store, [](const AddressSettings& addresses) {
            return addresses.ip_version == IpVersion::any
                       ? Json()
                       : choice<AddressDraft, &AddressSettings::ip_version, kVersions>().show(addresses);
          }};
}

constexpr std::array kAddressKeys{
    Key<AddressDraft>{"unix_socket", text<AddressDraft, &AddressSettings::unix_socket>(),
                      "Path of a unix socket that all connections go to, instead of the URLs' hosts; a relative name "
                      "starts from the plan's folder.",
                      "none"},
    Key<AddressDraft>{"connect_to", rules<&AddressSettings::connect_to, &parse_connect_to>(),
                      "Other servers to connect to, each as \"HOST1:PORT1:HOST2:PORT2\" in curl's way: what URLs want "
                      "of HOST1:PORT1 goes to HOST2:PORT2. An empty part is any, or the same. The Host header and the "
                      "certificate's name stay the URL's.",
                      "none"},
    Key<AddressDraft>{"resolve", rules<&AddressSettings::resolve, &parse_resolve>(),
                      "Addresses of names, each as \"HOST:PORT:ADDRESS[,ADDRESS]…\" in curl's way, instead of what the "
                      "resolver says.",
                      "none"},
    Key<AddressDraft>{"interface", rules<&AddressSettings::interfaces, &parse_interfaces>(),
                      "Addresses of this machine that connections come from, in turn over the users; an interface's "
                      "name is all its addresses.",
                      "as the routes say"},
    Key<AddressDraft>{"ip_version", ip_version(), "\"4\" or \"6\": only addresses of that version are connected to.",
                      "\"any\""},
};

constexpr std::string_view kUnixSocket = "unix_socket";
constexpr std::string_view kNoAddress = "a unix socket has no address; take one of the two away";
constexpr std::array<Conflict, 4> kAddressConflicts{{
    {"connect_to", kUnixSocket, kNoAddress},
    {"resolve", kUnixSocket, kNoAddress},
    {"interface", kUnixSocket, kNoAddress},
    {"ip_version", kUnixSocket, kNoAddress},
}};

}  // namespace

const ObjectKeys<AddressDraft>& address_keys() {
  static constexpr ObjectKeys<AddressDraft> object{.noun = "addresses",
                                                   .definition = "addresses",
                                                   .doc = "Where connections go to and come from.",
                                                   .keys = kAddressKeys,
                                                   .rules = {.conflicts = kAddressConflicts}};
  return object;
}

template void read_object(Reader&, const Node&, const ObjectKeys<AddressDraft>&, AddressDraft&);
template Json show_object(const ObjectKeys<AddressDraft>&, const AddressSettings&);

}  // namespace loadgen::config
