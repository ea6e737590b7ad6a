#include "services/gateway/testing/harness.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <cstdio>
#include <future>
#include <stdexcept>

#include "renxin/common/v1/error.pb.h"
#include "services/gateway/testing/contract.h"
#include "shared/contract/error.h"
#include "shared/contract/testing.h"
#include "shared/core/text.h"
#include "shared/core/time.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

// A key and a certificate for a day, made for this process.
std::pair<std::string, std::string> CertificateFiles() {
  static const auto files = [] {
    const std::string stem = "/tmp/renxin-gateway-test-" + std::to_string(::getpid());
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86'400);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("x"), -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_sign(cert, key, EVP_sha256());
    std::FILE* out = std::fopen((stem + ".key").c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    out = std::fopen((stem + ".crt").c_str(), "w");
    PEM_write_X509(out, cert);
    std::fclose(out);
    X509_free(cert);
    EVP_PKEY_free(key);
    std::atexit([] {
      const std::string stem_again = "/tmp/renxin-gateway-test-" + std::to_string(::getpid());
      ::unlink((stem_again + ".key").c_str());
      ::unlink((stem_again + ".crt").c_str());
    });
    return std::pair(stem + ".crt", stem + ".key");
  }();
  return files;
}

contract::DescriptorSet TestContract() {
  return contract::ParseContract(
      {{"things.proto", kThings}, {"notes.proto", kNotes}, {"parcels.proto", kParcels}, {"east.proto", kEast}, {"west.proto", kWest}});
}

}  // namespace

void FakeBus::On(const std::string& subject, Service service) {
  const std::lock_guard lock(mutex_);
  services_[subject] = std::move(service);
}

std::vector<ReceivedCall> FakeBus::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void FakeBus::Subscribe(std::string_view subject, std::string_view queue, std::function<void(bus::Message)> handler) {
  if (subject != "ev.renxin.>" || !queue.empty()) {
    throw std::logic_error("a gateway subscribes to all events, and each one to all of them");
  }
  events_ = std::move(handler);
}

void FakeBus::Emit(const bus::Message& message) {
  if (events_) {
    events_(message);
  }
}

void FakeBus::Clear() {
  const std::lock_guard lock(mutex_);
  received_.clear();
}

void FakeBus::Request(std::string_view subject, const bus::Headers& headers, std::string_view body, std::chrono::milliseconds timeout,
                      std::function<void(bus::Answer)> done) {
  ReceivedCall received{std::string(subject), headers, std::string(body), timeout};
  Service service;
  {
    const std::lock_guard lock(mutex_);
    const auto it = services_.find(received.subject);
    service = it == services_.end() ? Service() : it->second;
    if (!received.subject.ends_with(".Keys")) {
      received_.push_back(received);
    }
  }
  if (!up) {
    done({.outcome = bus::Outcome::kDisconnected, .message = {}});
  } else if (!service) {
    done({.outcome = bus::Outcome::kNoResponders, .message = {}});
  } else {
    done(service(received));
  }
}

bus::Answer Good(std::string body) {
  bus::Answer answer{.outcome = bus::Outcome::kReply, .message = {}};
  answer.message.headers = {{"Renxin-Code", "0"}};
  answer.message.body = std::move(body);
  return answer;
}

bus::Answer Bad(const Error& error) {
  bus::Answer answer = Good(contract::ToProto(error).SerializeAsString());
  answer.message.headers = {{"Renxin-Code", std::to_string(static_cast<int>(error.code))}};
  return answer;
}

struct TlsClient::State {
  asio::io_context context;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  asio::ssl::stream<asio::ip::tcp::socket> stream{context, tls};
  beast::flat_buffer buffer;
};

TlsClient::TlsClient(std::uint16_t port) : state_(std::make_unique<State>()) {
  auto& socket = state_->stream.next_layer();
  socket.connect({asio::ip::address_v4::loopback(), port});
  const timeval limit{.tv_sec = 15, .tv_usec = 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  state_->stream.handshake(asio::ssl::stream_base::client);
}

TlsClient::~TlsClient() = default;

void TlsClient::Send(const std::string& bytes) {
  boost::system::error_code ec;
  asio::write(state_->stream, asio::buffer(bytes), ec);
}

HttpAnswer TlsClient::Read(bool of_head) {
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(boost::none);
  parser.skip(of_head);
  boost::system::error_code ec;
  beast::http::read(state_->stream, state_->buffer, parser, ec);
  HttpAnswer answer;
  answer.complete = !ec && parser.is_done();
  if (!parser.is_header_done()) {
    return answer;
  }
  answer.status = static_cast<int>(parser.get().result_int());
  answer.body = parser.get().body();
  for (const auto& field : parser.get()) {
    answer.headers[ToLowerAscii(field.name_string())] = std::string(field.value());
  }
  return answer;
}

std::string TlsClient::ReadBytes(std::size_t count) {
  std::string bytes(count, '\0');
  const std::size_t kept = std::min(count, state_->buffer.size());
  asio::buffer_copy(asio::buffer(bytes), state_->buffer.data(), kept);
  state_->buffer.consume(kept);
  boost::system::error_code ec;
  const std::size_t more = asio::read(state_->stream, asio::buffer(bytes.data() + kept, count - kept), ec);
  bytes.resize(kept + more);
  return bytes;
}

bool TlsClient::Ended() {
  boost::system::error_code ec;
  char byte = 0;
  const std::size_t count = state_->buffer.size() > 0 ? 1 : asio::read(state_->stream, asio::buffer(&byte, 1), ec);
  return count == 0 && (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated || ec == asio::error::connection_reset);
}

const privacy::SigningKey& Harness::Key() {
  static const privacy::SigningKey key = privacy::SigningKeyFromSeed("k1", std::string(32, 'k'));
  return key;
}

Harness::Harness(std::function<void(Limits*)> tune) : set_(TestContract()), transcoder_(set_) {
  Config config;
  config.address = "127.0.0.1:0";
  config.allowed_hosts = {"x"};
  std::tie(config.tls_cert_file, config.tls_key_file) = CertificateFiles();
  // Tests come from one address.
  config.throttle.address_burst = 100'000;
  config.throttle.name_burst = 100'000;
  if (tune) {
    tune(&config.limits);
  }
  bus_->On("rpc.renxin.things.v1.ThingService.Keys", [this](const ReceivedCall&) {
    const auto reply = transcoder_.FromJson(
        set_.pool->FindMessageTypeByName("renxin.things.v1.KeyList"),
        R"({"keys":[{"kid":"k1","public_key":")" + ToBase64Url({reinterpret_cast<const char*>(Key().public_key.data()), 32}) + R"("}]})");
    return Good((*reply)->SerializeAsString());
  });
  observe::ConfigureLog("gateway", "error");
  gateway_ = std::make_shared<Gateway>(context_, config, set_, bus_);
  server_ = std::make_shared<Server>(context_, config, gateway_);
  port_ = server_->port();
  gateway_->Start();
  server_->Start();
  thread_ = std::thread([this] {
    const auto work = asio::make_work_guard(context_);  // after a drain nothing else keeps it running
    context_.run();
  });
}

Harness::~Harness() {
  OnThread([this] { gateway_->Stop(); });
  context_.stop();
  thread_.join();
}

void Harness::OnThread(const std::function<void()>& work) {
  std::promise<void> done;
  asio::post(context_, [&] {
    work();
    done.set_value();
  });
  done.get_future().get();
}

void Harness::Drain(std::function<void()> done) {
  OnThread([&] {
    gateway_->Stop();
    server_->Drain(done);
  });
}

std::string Harness::Token(const std::vector<std::string>& roles, std::int64_t age_seconds) const {
  return TokenFor("acc-1", "st-1", roles, age_seconds);
}

std::string Harness::TokenFor(const std::string& account, const std::string& staff, const std::vector<std::string>& roles,
                              std::int64_t age_seconds) const {
  privacy::Claims claims;
  claims.account_id = account;
  claims.staff_id = staff;
  claims.username = "李";
  claims.roles = roles;
  claims.issued_at = claims.not_before = SystemNow().micros / 1'000'000 - age_seconds;
  claims.expires_at = claims.issued_at + 600;
  claims.token_id = "t";
  return privacy::SignToken(claims, Key());
}

HttpAnswer Harness::Send(const std::string& method, const std::string& target, const std::string& body, const std::string& headers,
                         const std::string& content_type) {
  TlsClient client(port_);
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers;
  if (!body.empty()) {
    text += "Content-Type: " + content_type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  client.Send(text + "\r\n" + body);
  return client.Read(method == "HEAD");
}

HttpAnswer Harness::SendAs(const std::string& method, const std::string& target, const std::string& body, const std::string& headers,
                           const std::string& content_type) {
  return Send(method, target, body, "Authorization: Bearer " + Token() + "\r\n" + headers, content_type);
}

}  // namespace renxin::gateway
