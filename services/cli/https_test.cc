// The client against a server on the loopback that misbehaves in one way each.

#include "services/cli/https.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <future>
#include <thread>

#include "services/cli/exit_code.h"
#include "services/cli/testing.h"

namespace renxin::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using testing::HasSubstr;
using TlsStream = asio::ssl::stream<tcp::socket>;

// A key and a certificate for one name, which is its own authority: PEM files in `folder`.
void MakeCertificate(const std::filesystem::path& folder, const char* alternative_name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* cert = X509_new();
  X509_set_version(cert, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -60);
  X509_gmtime_adj(X509_getm_notAfter(cert), 86'400);
  X509_set_pubkey(cert, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(cert, X509_get_subject_name(cert));
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name);
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(cert, key, EVP_sha256());
  std::FILE* out = std::fopen((folder / "key.pem").c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  out = std::fopen((folder / "cert.pem").c_str(), "w");
  PEM_write_X509(out, cert);
  std::fclose(out);
  X509_free(cert);
  EVP_PKEY_free(key);
}

// Serves connections one after the other on its own thread: reads a head, and lets the script go on.
class Server {
 public:
  using Script = std::function<void(TlsStream& stream, const std::string& head)>;

  explicit Server(Script script, const char* name = "IP:127.0.0.1") : script_(std::move(script)) {
    MakeCertificate(files_.folder(), name);
    tls_.use_certificate_file((files_.folder() / "cert.pem").string(), asio::ssl::context::pem);
    tls_.use_private_key_file((files_.folder() / "key.pem").string(), asio::ssl::context::pem);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Server() {
    error_code ignored;
    over_ = true;
    tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);  // ends the accept
    thread_.join();
  }

  std::string url() const { return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  Https Client(HttpsLimits limits = {}) const { return {url(), (files_.folder() / "cert.pem").string(), limits}; }
  const CliFixture& files() const { return files_; }

 private:
  void Serve() {
    for (;;) {
      error_code ec;
      TlsStream stream(acceptor_.accept(), tls_);
      if (over_) return;
      if (!script_) {  // takes the connection and says nothing until the client has gone
        char byte = 0;
        while (!ec) stream.next_layer().read_some(asio::buffer(&byte, 1), ec);
        continue;
      }
      stream.handshake(asio::ssl::stream_base::server, ec);
      asio::streambuf head;
      if (!ec) asio::read_until(stream, head, "\r\n\r\n", ec);
      if (!ec) script_(stream, {static_cast<const char*>(head.data().data()), head.size()});
    }
  }

  CliFixture files_;
  Script script_;
  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

void Say(TlsStream& stream, const std::string& bytes) {
  error_code ignored;
  asio::write(stream, asio::buffer(bytes), ignored);
}

// How many bytes came until the client closed.
std::size_t WaitForTheEnd(TlsStream& stream) {
  error_code ec;
  std::array<char, 16 * 1024> room{};
  std::size_t bytes = 0;
  while (!ec) bytes += stream.read_some(asio::buffer(room), ec);
  return bytes;
}

Server::Script Answering(const std::string& bytes) {
  return [bytes](TlsStream& stream, const std::string&) { Say(stream, bytes); };
}

// What the client made of it: the words, and whether asking again can help.
struct Outcome {
  std::string words;
  bool hopeless = false;
};
Outcome Failure(Https& client, const HttpRequest& request = {.method = "GET", .target = "/v1/periods"}) {
  try {
    const HttpReply reply = client.Send(request);
    ADD_FAILURE() << "an answer of " << reply.status << ": " << reply.body;
    return {};
  } catch (const TransportError& error) {
    return {error.what(), error.hopeless()};
  }
}

TEST(Https, AnAnswerWithItsRetryAfterAndWhatWasSent) {
  std::string head;
  Server server([&](TlsStream& stream, const std::string& asked) {
    head = asked;
    Say(stream, "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}");
  });
  Https client = server.Client();
  const HttpReply reply =
      client.Send({.method = "POST", .target = "/v1/a/../b?x=%2F", .headers = {{"Idempotency-Key", "k"}}, .body = "{\"a\":1}"});
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.retry_after_seconds, 7);
  EXPECT_THAT(head, testing::StartsWith("POST /v1/a/../b?x=%2F HTTP/1.1\r\n")) << "as it was given";
  EXPECT_THAT(head, HasSubstr("\r\nIdempotency-Key: k\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 7\r\n"));
  EXPECT_THAT(head, testing::Not(HasSubstr("Expect")));
}

TEST(Https, AnAnswerWithoutABodyNeedsNoLength) {
  Server server(Answering("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(server.Client().Send({.method = "DELETE", .target = "/"}).status, 204);
}

TEST(Https, ARedirectIsNotFollowed) {
  Server server(Answering("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(server.Client().Send({.method = "GET", .target = "/"}).status, 302);
}

TEST(Https, TheProxyOfTheEnvironmentIsNotAsked) {
  Server server(Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "ALL_PROXY"}) ::setenv(name, "http://127.0.0.1:1", 1);
  EXPECT_EQ(server.Client().Send({.method = "GET", .target = "/"}).status, 200);
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "ALL_PROXY"}) ::unsetenv(name);
}

TEST(Https, ACertificateForAnotherNameIsHopeless) {
  for (const char* name : {"IP:127.0.0.2", "DNS:127.0.0.1", "DNS:localhost"}) {
    Server server(Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), name);
    Https client = server.Client();
    const Outcome outcome = Failure(client);
    EXPECT_THAT(outcome.words, HasSubstr("no TLS with https://127.0.0.1:")) << name;
    EXPECT_TRUE(outcome.hopeless) << name;
  }
}

TEST(Https, AnAuthorityThatCannotBeReadIsHopeless) {
  const Server server(Answering(""));
  for (const std::filesystem::path& file : {std::filesystem::path("nowhere.pem"), server.files().Write("no.pem", "no certificate")}) {
    Https client(server.url(), file.string());
    const Outcome outcome = Failure(client);
    EXPECT_THAT(outcome.words, HasSubstr("the certificate authority " + file.string() + " cannot be read"));
    EXPECT_TRUE(outcome.hopeless);
  }
}

struct CutCase {
  const char* what;
  const char* bytes;  // before the connection is closed without a word
};

TEST(Https, AnAnswerThatBreaksOffIsNone) {
  const CutCase cases[] = {
      {"nothing", ""},
      {"in the head", "HTTP/1.1 200 OK\r\nContent-Le"},
      {"in the head after a length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"},
      {"in the head of chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"},
      {"in the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"periods\":"},
      {"in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"peri"},
      {"between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"},
      {"a body that only the end of the connection ends", "HTTP/1.1 200 OK\r\n\r\n{}"},
  };
  for (const CutCase& each : cases) {
    Server server(Answering(each.bytes));
    Https client = server.Client();
    const Outcome outcome = Failure(client);
    EXPECT_THAT(outcome.words, HasSubstr("no answer from https://127.0.0.1:")) << each.what;
    EXPECT_FALSE(outcome.hopeless) << each.what << ": the next try may be answered";
  }
}

TEST(Https, AServerThatStallsIsGivenUp) {
  const HttpsLimits limits{.connect = milliseconds(300), .idle = std::chrono::seconds(1)};
  {
    Server silent{Server::Script()};
    Https client = silent.Client(limits);
    EXPECT_THAT(Failure(client).words, HasSubstr("timeout"));
  }
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"periods\":"}) {
    Server server([bytes](TlsStream& stream, const std::string&) {
      Say(stream, bytes);
      WaitForTheEnd(stream);
    });
    Https client = server.Client(limits);
    const Outcome outcome = Failure(client);
    EXPECT_THAT(outcome.words, HasSubstr("too slow")) << bytes;
    EXPECT_FALSE(outcome.hopeless);
  }
}

TEST(Https, AServerThatNeverComesToAnEndIsGivenUp) {
  Server server([](TlsStream& stream, const std::string&) {
    error_code ec;
    Say(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (!ec) asio::write(stream, asio::buffer("1\r\n \r\n", 6), ec);
  });
  Https client = server.Client({.whole = milliseconds(300)});
  EXPECT_THAT(Failure(client).words, HasSubstr("timed out"));
}

TEST(Https, AnAnswerThatIsTooLongIsRefused) {
  for (const char* framing : {"Content-Length: 1001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"}) {
    Server server(Answering(std::string("HTTP/1.1 200 OK\r\n") + framing + std::string(1001, 'x') + "\r\n0\r\n\r\n"));
    Https client = server.Client({.reply_bytes = 1000});
    try {
      client.Send({.method = "GET", .target = "/"});
      ADD_FAILURE() << framing;
    } catch (const CliError& error) {
      EXPECT_EQ(error.code(), Exit::kFailed);
      EXPECT_THAT(error.what(), HasSubstr("more than 1000 bytes"));
    }
  }
}

TEST(Https, ARefusalIsReadBeforeTheLastByteOfAFile) {
  constexpr std::size_t kBytes = 32 * 1024 * 1024;
  for (const bool begun : {false, true}) {
    std::size_t sent = 0;
    std::promise<void> over;
    Server server([&](TlsStream& stream, const std::string& head) {
      EXPECT_THAT(head, HasSubstr("\r\nExpect: 100-continue\r\n"));
      std::array<char, 1000> some{};
      if (begun) Say(stream, "HTTP/1.1 100 Continue\r\n\r\n");
      if (begun) asio::read(stream, asio::buffer(some));
      Say(stream, "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
      sent = WaitForTheEnd(stream);
      over.set_value();
    });
    const auto file = server.files().Write("leads.csv", std::string(kBytes, 'x'));
    EXPECT_EQ(server.Client().Send({.method = "POST", .target = "/v1/imports", .form = Form{.file = file}}).status, 403);
    over.get_future().wait();
    EXPECT_LT(sent, begun ? kBytes / 2 : 1) << begun;
  }
}

TEST(Https, AFileThatShrinksWhileItIsSentEndsIt) {
  std::filesystem::path file;
  Server server([&](TlsStream& stream, const std::string&) {
    Say(stream, "HTTP/1.1 100 Continue\r\n\r\n");
    std::array<char, 1> first{};
    asio::read(stream, asio::buffer(first));  // the form has begun, at its old length
    std::filesystem::resize_file(file, 1);
    WaitForTheEnd(stream);
  });
  file = server.files().Write("leads.csv", std::string(32 * 1024 * 1024, 'x'));  // more than fits between the two
  Https client = server.Client();
  try {
    client.Send({.method = "POST", .target = "/v1/imports", .form = Form{.file = file}});
    ADD_FAILURE();
  } catch (const CliError& error) {
    EXPECT_THAT(error.what(), HasSubstr("leads.csv became shorter"));
  }
}

TEST(Https, AKeptConnectionThatWasClosedIsOpenedAgainAndTheFileSentAgain) {
  int connections = 0;
  std::string form;
  Server server([&](TlsStream& stream, const std::string& head) {
    const std::string mark = "Content-Length: ";
    const std::size_t size = std::stoul(head.substr(head.find(mark) + mark.size()));
    form = head.substr(head.find("\r\n\r\n") + 4);
    error_code ec;
    asio::read(stream, asio::dynamic_buffer(form), asio::transfer_exactly(size - form.size()), ec);
    ++connections;
    Say(stream, "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}");  // says nothing of closing, and closes
  });
  const auto file = server.files().Write("a\"b\nc.csv", "lead_no\r\n1\r\n");
  const Form sent{.fields = {{"kind", "leads"}}, .file = file};
  Https client = server.Client();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Send({.method = "POST", .target = "/v1/imports", .form = sent}).status, 202);
  EXPECT_EQ(connections, 3);
  EXPECT_THAT(form, HasSubstr("Content-Disposition: form-data; name=\"kind\"\r\n\r\nleads\r\n"));
  EXPECT_THAT(form, HasSubstr("name=\"file\"; filename=\"a%22b%0Ac.csv\"\r\nContent-Type: text/csv\r\n\r\nlead_no\r\n1\r\n\r\n--"));
}

}  // namespace
}  // namespace renxin::cli
