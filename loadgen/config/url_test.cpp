#include "config/url.hpp"

#include <gtest/gtest.h>

namespace loadgen::config {
namespace {

TEST(Url, IsTakenApart) {
  struct Case {
    const char* text;
    const char* host;
    std::uint16_t port;
    const char* path_and_query;
    const char* authority;
  };
  const Case cases[] = {
      {"http://localhost:3000/async", "localhost", 3000, "/async", "localhost:3000"},
      {"http://example.com", "example.com", 80, "/", "example.com"},
      {"http://example.com:80/", "example.com", 80, "/", "example.com"},
      {"http://example.com:/", "example.com", 80, "/", "example.com"},
      {"HTTP://Example.com/A", "Example.com", 80, "/A", "Example.com"},
      {"http://127.0.0.1:8080/a/b?c=d&e=%20", "127.0.0.1", 8080, "/a/b?c=d&e=%20", "127.0.0.1:8080"},
      {"http://[::1]:3000/x", "::1", 3000, "/x", "[::1]:3000"},
      {"http://h?q=1", "h", 80, "/?q=1", "h"},
      {"http://h/?", "h", 80, "/?", "h"},
      {"http://h:65535//a//b", "h", 65535, "//a//b", "h:65535"},
      {"http://h:443/", "h", 443, "/", "h:443"},
  };
  for (const Case& c : cases) {
    const Result<Url> url = parse_url(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ' ' << url.error();
    EXPECT_EQ(*url, (Url{c.host, c.port, c.path_and_query})) << c.text << " -> " << url->path_and_query;
    EXPECT_EQ(url->authority(), c.authority);
  }
}

/// The examples of RFC 3986, 5.4, as far as they are of paths, and what servers write.
TEST(Url, ReferencesLeadOnFromABase) {
  const Url base{"a", 80, "/b/c/d;p?q"};
  struct Case {
    const char* reference;
    const char* to;
  };
  for (const Case& c : {Case{"g", "http://a/b/c/g"},
                        Case{"./g", "http://a/b/c/g"},
                        Case{"g/", "http://a/b/c/g/"},
                        Case{"/g", "http://a/g"},
                        Case{"//g", "http://g/"},
                        Case{"?y", "http://a/b/c/d;p?y"},
                        Case{"g?y", "http://a/b/c/g?y"},
                        Case{"#s", "http://a/b/c/d;p?q"},
                        Case{"g?y#s", "http://a/b/c/g?y"},
                        Case{";x", "http://a/b/c/;x"},
                        Case{"", "http://a/b/c/d;p?q"},
                        Case{".", "http://a/b/c/"},
                        Case{"..", "http://a/b/"},
                        Case{"../g", "http://a/b/g"},
                        Case{"../../g", "http://a/g"},
                        Case{"/./g", "http://a/g"},
                        Case{"g;x=1/../y", "http://a/b/c/y"},
                        Case{"https://g:8443/x", "https://g:8443/x"},
                        Case{"HTTP://G/x", "http://G/x"},
                        Case{"http://a", "http://a/"},
                        Case{"http://a?q", "http://a/?q"},
                        Case{"http://[::1]:81/x", "http://[::1]:81/x"},
                        Case{"http://user:word@a:81/x", "http://a:81/x"},
                        Case{"/b?filter[name]=x&n[]=1", "http://a/b?filter%5Bname%5D=x&n%5B%5D=1"},
                        Case{"//[::1]:81/b[1]", "http://[::1]:81/b%5B1%5D"},
                        Case{"http://g/[x]//[y]", "http://g/%5Bx%5D//%5By%5D"},
                        Case{"/100%", "http://a/100%25"},
                        Case{"/%zz%2", "http://a/%25zz%252"},
                        Case{"/a b/\xC3\xBC|{}?<\"x\">", "http://a/a%20b/%C3%BC%7C%7B%7D?%3C%22x%22%3E"}}) {
    const Result<Url> to = resolve_reference(base, c.reference);
    ASSERT_TRUE(to.ok()) << c.reference << ' ' << to.error();
    EXPECT_EQ(to->origin() + to->path_and_query, c.to) << c.reference;
  }
}

TEST(Url, ReferencesThatLeadNowhereOrElsewhere) {
  const Url base{"a", 80, "/"};
  for (const char* reference : {"http://", "http:///x", "http://a:99999/", "http://a:9x/", "//[", "http://[/"})
    EXPECT_FALSE(resolve_reference(base, reference).ok()) << reference;
  for (const char* reference : {"ftp://a/", "mailto:x", "myapp://open"})
    EXPECT_EQ(resolve_reference(base, reference)->port, 0) << reference;
}

TEST(Url, OfHttpsHasAPortOfItsOwn) {
  struct Case {
    const char* text;
    std::uint16_t port;
    const char* authority;
  };
  const Case cases[] = {{"https://h/x", 443, "h"},
                        {"https://h:443/x", 443, "h"},
                        {"HTTPS://h/x", 443, "h"},
                        {"https://h:80/x", 80, "h:80"},
                        {"https://h:8443/x", 8443, "h:8443"}};
  for (const Case& c : cases) {
    const Result<Url> url = parse_url(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ' ' << url.error();
    EXPECT_EQ(*url, (Url{"h", c.port, "/x", true})) << c.text;
    EXPECT_EQ(url->authority(), c.authority) << c.text;
    EXPECT_EQ(url->origin(), std::string("https://") + c.authority) << c.text;
  }
  EXPECT_EQ(parse_url("http://[::1]:3000/x")->origin(), "http://[::1]:3000");
  EXPECT_NE(*parse_url("http://h:8443/"), *parse_url("https://h:8443/"));
}

TEST(Url, MistakesAreToldWithoutRepeatingTheUrl) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"", "is empty"},
      {"localhost:3000/async", "is not a whole URL; write one such as \"http://localhost:3000\""},
      {"/async?next=http://h/", "is not a whole URL; write one such as \"http://localhost:3000\""},
      {"ftp://h/", "has the scheme \"ftp\"; http and https are supported"},
      {"https://h:0/", "has a port outside 1 to 65535"},
      {"https://:443/", "has no host; write one as in \"http://localhost:3000\""},
      {"http://user:geheim@h/",
       "has a user name or password before '@', which would show in reports; send an Authorization header with "
       "${env:NAME} instead"},
      {"http:///path", "has no host; write one as in \"http://localhost:3000\""},
      {"http://h:0/", "has a port outside 1 to 65535"},
      {"http://h:99999/", "has a port outside 1 to 65535"},
      {"http://h:65536/", "has a port outside 1 to 65535"},
      {"http://h:9999999999/", "has a port outside 1 to 65535"},
      {"http://h:port/", "has something other than a port number behind the host"},
      {"http://h:80x/", "has something other than a port number behind the host"},
      {"http://a:b:80/", "has something other than a port number behind the host"},
      {"http://[::1]x/", "has something other than a port number behind the host"},
      {"http://[::1/", "is not a URL; write one such as \"http://localhost:3000/path\""},
      {"http://[v1.a]/", "has a host that is neither a name (letters, digits, '-', '.', '_') nor an address"},
      {"http://a,b/", "has a host that is neither a name (letters, digits, '-', '.', '_') nor an address"},
      {"http://%61/", "has a host that is neither a name (letters, digits, '-', '.', '_') nor an address"},
      {"http://h/a b", "holds a blank, a control character or a letter outside ASCII; percent-encode it (%20)"},
      {"http://h/\r\nX: y", "holds a blank, a control character or a letter outside ASCII; percent-encode it (%0D)"},
      {"http://h/\xC3\xBC", "holds a blank, a control character or a letter outside ASCII; percent-encode it (%C3)"},
      {"http://h/#top", "has a fragment (#…), which is never sent to a server; take it away, or write %23"},
      {"http://h/{id}", "is not a URL; write one such as \"http://localhost:3000/path\""},
  };
  for (const Case& c : cases) {
    const Result<Url> url = parse_url(c.text);
    ASSERT_FALSE(url.ok()) << c.text;
    EXPECT_EQ(url.error(), c.message) << c.text;
  }
}

TEST(Url, PathsKeepTheirQuery) {
  EXPECT_EQ(*parse_path("/async"), "/async");
  EXPECT_EQ(*parse_path("/a%20b?c=d/e?f"), "/a%20b?c=d/e?f");
  EXPECT_EQ(*parse_path("/a?"), "/a?");
  EXPECT_EQ(parse_path("async").error(),
            "is neither a path nor a whole URL; a path starts with '/', a URL with \"http://\" or \"https://\"");
  EXPECT_EQ(parse_path("/a\"b").error(),
            "has characters that may not stand in a path or query; percent-encode them (%XX)");
  EXPECT_FALSE(parse_path("/a b").ok());
  EXPECT_FALSE(parse_path("/a\tb").ok());
  EXPECT_FALSE(parse_path("").ok());
}

}  // namespace
}  // namespace loadgen::config
