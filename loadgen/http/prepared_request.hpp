#pragma once
// A request as bytes, made once before the run: sending is one write of a constant. Only a body from files follows them
// piece by piece.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "http/checks.hpp"
#include "http/content_coding.hpp"
#include "http/header.hpp"
#include "http/upload.hpp"

namespace loadgen::http {

struct RequestParts {
  std::string_view method;          ///< upper case
  std::string_view authority;       ///< for the Host header: "localhost:3000"
  std::string_view path_and_query;  ///< starts with '/'
  std::vector<Header> headers;      ///< a header of the plan replaces one of ours with the same name
  std::string_view body;
  std::shared_ptr<const Upload> upload = {};  ///< instead of body
  std::string_view user_agent;                ///< empty: no such header
  bool keep_alive = true;
  ContentCodings accept_encoding = {};  ///< none: no such header
};

/// A piece of PreparedRequest::bytes. Offsets, so that a copy of the request stays whole.
struct Piece {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

struct PreparedRequest {
  std::string bytes;
  Piece method;  ///< these four: for engines that are told the parts instead of sending the bytes
  Piece path_and_query;
  Piece headers;                         ///< the lines, each with its CR LF, without the empty one after them
  Piece body;                            ///< the rest of bytes
  std::shared_ptr<const Upload> upload;  ///< the body, behind bytes; nullptr: it is in there, or there is none
  std::string authority;                 ///< as in RequestParts, whatever the Host header says
  Checks checks;
  std::uint16_t target = 0;  ///< index into the engine's targets
  bool head = false;         ///< the response has no body whatever its headers say
  bool idempotent =
      true;  ///< may be sent once more on a new connection when a kept one turns out closed (RFC 9110 9.2.2)
  bool keep_alive = true;
  bool awaits_continue = false;  ///< the body goes once the server has said 100, or not for a while (RFC 9110, 10.1.1)
  ContentCodings decodes = {};   ///< bodies of these codings are decoded, others are left as they come
  bool one_off = false;          ///< made while running, for one sending: what is made of it serves no other
  bool keeps_headers = false;    ///< where its response leads to and the cookies it sets are wanted (http/kept_headers)

  std::string_view text_of(Piece piece) const { return std::string_view(bytes).substr(piece.at, piece.size); }
  /// Bytes before the body.
  std::uint64_t header_size() const { return bytes.size() - body.size; }
  /// Bytes of all of it.
  std::uint64_t size() const { return bytes.size() + (upload ? upload->size() : 0); }
  /// Copies what is sent from byte `from` on into `to`, as much as there is room for; as Upload::read.
  ssize_t read(std::uint64_t from, std::span<char> to) const;
};

/// The request's bytes and what follows from its method; checks and target are the caller's to set.
/// Names and values must already be free of control characters (config/ refuses them).
PreparedRequest prepare(const RequestParts& parts);

/// Header values that are known only while running; empty ones are no headers.
struct LateHeaders {
  std::string_view cookies;  ///< behind those of a Cookie header that there is already
  std::string_view authorization;
};
/// Makes a copy of a request, from which only these headers may differ, one with these headers. Takes no memory where
/// the copy had as much before.
void set_late_headers(PreparedRequest& copy, const PreparedRequest& of, const LateHeaders& late);

}  // namespace loadgen::http
